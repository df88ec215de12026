"""Resume after every one of 200 steps (of five more configs after every ninth): the next batch is the one that was due.

Byte for byte, and whatever the world size then is.
"""

import hashlib
import pathlib
import sys

import pytest

import support
import embedloom

sys.path.insert(0, str(pathlib.Path(support.ROOT, "tests", "program")))
import test_ranks as runs  # noqa: E402  the six configs are those of the program's tests

STEPS = 200


def digests(batch):
    """One for each row: its ids, and its labels where it has some, without pads."""
    lengths = memoryview(batch["attention_mask"])
    out = []
    for row in range(batch.rows):
        length = sum(lengths[row, column] for column in range(lengths.shape[1]))
        names = [name for name in ("input_ids", "labels") if name in batch]
        out.append(hashlib.sha256(b"".join(row_bytes(batch[name], row, length) for name in names)).hexdigest())
    return out


def row_bytes(array, row, length):
    view = memoryview(array)
    width = view.shape[1] * view.itemsize
    return bytes(view.cast("B")[row * width:row * width + length * view.itemsize])


def settings_of(name, folder):
    settings = runs.case(name, folder)
    settings["batch"]["emit"] = ["input_ids", "attention_mask"] + (["labels"] if "objective" in settings else [])
    settings["run"] |= {"steps": STEPS, "threads": 1}
    return settings


def next_rows(settings, state, world):
    """The rows of the batch after the state, those of all ranks one after the other."""
    rows = []
    for rank in range(world):
        with embedloom.open(settings, rank=rank, world_size=world) as session:
            session.load_state_dict(state)
            rows += digests(next(session))
    return rows


@pytest.mark.parametrize("name", runs.CASES)
def test_from_each_step_of_200_the_batch_that_is_due(name, tmp_path, monkeypatch):
    for variable in runs.RANK_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    settings = settings_of(name, tmp_path)
    states, batches = [], []
    with embedloom.open(settings) as session:
        states.append(session.state_dict())
        for batch in session:
            batches.append(digests(batch))
            del batch
            states.append(session.state_dict())
    assert len(batches) == STEPS
    for step in range(0, STEPS, 1 if name == "pairs, seven epochs" else 9):
        world = {5: 2, 8: 3}.get(step % 10, 1)  # a session for each rank is dear
        assert next_rows(settings, states[step], world) == batches[step], f"step {step}, {world} ranks"
    with embedloom.open(settings) as session:
        session.load_state_dict(states[-1])
        assert next(session, None) is None
