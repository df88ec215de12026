"""Ranks, states and epochs from Python: resume at every step, other world sizes, the loader alone and in StatefulDataLoader."""

import hashlib
import json
import subprocess

import pytest
import torch
from torchdata.stateful_dataloader import StatefulDataLoader

import support
import embedloom
import embedloom.torch

SETTINGS = support.config(source={"use": "jsonl", "files": [support.FAQ], "text": "q"}, objective={"use": "mlm"},
                          batch={"size": 16, "emit": ["input_ids", "labels"]}, run={"shuffle": True})


def rows(batches):
    """Each batch's rows without their pads, as bytes."""
    out = []
    for batch in batches:
        ids = torch.from_dlpack(batch["input_ids"]) if not isinstance(batch["input_ids"], torch.Tensor) else batch["input_ids"]
        labels = torch.from_dlpack(batch["labels"]) if not isinstance(batch["labels"], torch.Tensor) else batch["labels"]
        out.append([(row[row != 0].numpy().tobytes(), label[row != 0].numpy().tobytes()) for row, label in zip(ids, labels)])
    return out


@pytest.fixture(scope="module")
def whole():
    with embedloom.open(SETTINGS) as session:
        return rows(session)


@pytest.mark.parametrize("world", [1, 2, 3])
def test_ranks_share_every_batch(whole, world):
    shares = []
    for rank in range(world):
        with embedloom.open(SETTINGS, rank=rank, world_size=world) as session:
            assert (session.rank, session.world_size) == (rank, world)
            assert session.length() == len(whole)
            shares.append(rows(session))
    assert [sum(parts, []) for parts in zip(*shares, strict=True)] == whole


def test_a_state_taken_after_any_batch_goes_on_from_there(whole):
    states = []
    with embedloom.open(SETTINGS) as session:
        states.append(session.state_dict())
        for batch in session:
            del batch
            states.append(session.state_dict())
    assert len(states) == len(whole) + 1 and all(set(map(type, state.values())) == {str} for state in states)
    for step in range(0, len(states), 4):
        with embedloom.open(SETTINGS, threads=1) as session:
            session.load_state_dict(states[step])
            assert rows(session) == whole[step:]


def test_the_program_s_state_goes_on_in_a_session_and_back(whole, tmp_path):
    config, state = tmp_path / "config.yaml", tmp_path / "state"

    def run_to(step):
        config.write_text(json.dumps({"schema": 1, **SETTINGS, "sink": {"use": "jsonl", "directory": str(tmp_path / "out"), "existing": "replace"}}))
        subprocess.run([str(support.PACKAGE.parent / "embedloom"), "run", str(config), "--state", str(state), "--steps", str(step), "--progress", "none"],
                       check=True)

    run_to(5)
    with embedloom.open(SETTINGS) as session:
        session.load_state_dict({"embedloom": state.read_text()})
        assert rows([next(session)]) == whole[5:6]
        state.write_text(session.state_dict()["embedloom"])
    run_to(9)
    loader = embedloom.torch.Loader(SETTINGS)
    loader.load_state_dict({"epoch": 0, "embedloom": state.read_text()})
    assert rows(loader) == whole[9:]


def test_a_state_is_loaded_in_the_middle_of_an_iteration(whole):
    with embedloom.open(SETTINGS) as session:
        for batch in session:
            if batch.step == 4:
                state = session.state_dict()
            if batch.step == 9:
                break
        kept = torch.from_dlpack(batch["input_ids"])
        wanted = kept.clone()
        session.load_state_dict(state)
        assert rows(session) == whole[5:] and torch.equal(kept, wanted)


def test_states_of_ranks_merge_and_go_on_with_another_world_size(whole):
    states = []
    for rank in range(3):
        with embedloom.open(SETTINGS, rank=rank, world_size=3) as session:
            for batch in session:
                if batch.step == 6:
                    break
            states.append(session.state_dict())
    with embedloom.open(SETTINGS) as session:
        session.load_state_dict(embedloom.merge_states(states))
        assert rows(session) == whole[7:]


@pytest.fixture(scope="module")
def third():
    """A state after the third batch."""
    with embedloom.open(SETTINGS) as session:
        for batch in session:
            if batch.step == 2:
                return session.state_dict()


def refused(state, error, settings=SETTINGS):
    """What a session and a loader that are given the state say."""
    said = []
    with embedloom.open(settings) as session:
        with pytest.raises(error) as raised:
            session.load_state_dict(state)
            next(session)
        said.append(str(raised.value))
    loader = embedloom.torch.Loader(settings)
    with pytest.raises(error) as raised:
        loader.load_state_dict({"epoch": 0, **state})
        next(iter(loader))
    return [*said, str(raised.value)]


def test_a_state_of_another_run_is_refused_by_what_differs(third, tmp_path):
    for words, changes in [
        ("config values or plugin versions", {"run": {**SETTINGS["run"], "seed": 99}}),
        ("vocabularies or tables", {"tokenizer": {**SETTINGS["tokenizer"], "vocab": str(tmp_path / "vocab.txt")}}),
        ("data files", {"source": {**SETTINGS["source"], "files": [str(tmp_path / "more.jsonl")]}}),
    ]:
        (tmp_path / "vocab.txt").write_text((support.BERT / "vocab.txt").read_text().replace("loom", "lo0m"))
        (tmp_path / "more.jsonl").write_text(open(support.FAQ).read() + '{"q": "one more"}\n')
        for said in refused(third, embedloom.ConfigError, {**SETTINGS, **changes}):
            assert "a state of another run" in said and words in said


def with_right_check(text):
    """The state with the check of what is in it now, as one who wrote it on purpose would make it."""
    body = text[: text.index(',"check"')]
    return f'{body},"check":"{hashlib.sha256(body.encode()).hexdigest()[:16]}"}}'


def test_a_state_that_is_cut_or_changed_is_refused(third):
    text = third["embedloom"]
    for end in range(0, len(text), 37):
        if end:
            assert all("the state" in said for said in refused({"embedloom": text[:end]}, embedloom.BadDataError))
    for old, new in [('"step":3', '"step":-3'), ('"version":1', '"version":2'), ('"cursors"', '"cursor"'), ('"ended":false', '"ended":0')]:
        assert old in text
        assert all("the state" in said for said in refused({"embedloom": text.replace(old, new)}, embedloom.BadDataError))
    for cursor in ("[1,0]", "[999999,0]"):  # a window of another lane, one beyond the last
        first = text.index("[[") + 1
        moved = text[:first] + cursor + text[text.index("]", first) + 1 :]
        assert all("was changed after it was written" in said for said in refused({"embedloom": moved}, embedloom.BadDataError))
        refused({"embedloom": with_right_check(moved)}, embedloom.ConfigError)


@pytest.mark.parametrize("state", [{}, {"embedloom": 7}, {"epoch": "one", "embedloom": None}, {"epoch": -1, "embedloom": None}, [1], None])
def test_what_is_no_state_is_refused_at_once(state):
    with pytest.raises(embedloom.BadDataError, match="state"):
        embedloom.torch.Loader(SETTINGS).load_state_dict(state)
    with embedloom.open(SETTINGS) as session, pytest.raises(embedloom.BadDataError, match="state"):
        session.load_state_dict(state)


def test_begin_epoch_leaves_batches_in_the_caller_s_hands():
    with embedloom.open(SETTINGS) as session:
        kept = next(session)
        wanted = torch.from_dlpack(kept["input_ids"]).clone()
        session.begin_epoch(1)
        again = rows(session)
        assert torch.equal(torch.from_dlpack(kept["input_ids"]), wanted)
        del kept
        session.begin_epoch(1)
        held = [next(session), next(session)]
        assert rows(held) == again[:2]


def test_each_iteration_of_the_loader_is_an_epoch(whole):
    loader = embedloom.torch.Loader(SETTINGS)
    assert len(loader) == len(whole) == 32
    epochs = [rows(loader) for _ in range(3)]
    assert epochs[0] == whole and epochs[1] != epochs[0] and sorted(map(len, epochs[1])) == sorted(map(len, epochs[0]))
    assert len({row for batch in epochs[1] for row in batch}) > 400
    loader.set_epoch(1)
    assert rows(loader) == epochs[1] and rows(loader) == epochs[2]


@pytest.mark.parametrize("stop", [0, 1, 13, 31])
def test_the_loader_goes_on_in_its_epoch(stop):
    loader = embedloom.torch.Loader(SETTINGS)
    loader.set_epoch(2)
    wanted = [rows(loader), rows(loader)]
    loader.set_epoch(2)
    for number, batch in enumerate(loader):
        if number == stop:
            state = loader.state_dict()
            break
    del batch
    assert loader.state_dict() == state, "a loop that was left says where"
    other = embedloom.torch.Loader(SETTINGS, threads=1)
    other.load_state_dict(state)
    assert other.state_dict() == state, "loading and saving change nothing"
    assert rows(other) == wanted[0][stop + 1 :]
    assert rows(other) == wanted[1], "and then comes the next epoch"


@pytest.mark.parametrize("way", ["held batches", "a bad record", "a request to stop"])
def test_the_loader_s_state_outlives_an_error(way, tmp_path):
    lines = tmp_path / "lines.txt"
    lines.write_bytes(b"good line\n" * 3000 + b"bad \xff\n" if way == "a bad record" else b"good line\n" * 3000)
    settings = support.config(source={"use": "text", "files": [str(lines)]}, batch={"size": 16, "emit": ["input_ids"]},
                              run={"window_bytes": 1000})
    loader = embedloom.torch.Loader(settings)
    assert loader.state_dict() == {"epoch": 0, "embedloom": None}
    last, kept = None, []
    with pytest.raises(embedloom.Error):
        for batch in loader:
            last = batch.state
            if way == "held batches":
                kept.append(batch)
            if way == "a request to stop":
                loader.session.cancel()
    assert loader.state_dict() == last and json.loads(last["embedloom"])["step"] > 0
    again = embedloom.torch.Loader(settings)
    again.load_state_dict(loader.state_dict())
    if way != "a bad record":
        assert next(iter(again)).step == json.loads(last["embedloom"])["step"]


def test_a_loader_goes_on_over_changed_data_where_that_is_accepted(tmp_path):
    lines = tmp_path / "lines.txt"
    lines.write_text("a line\n" * 200)
    settings = support.config(source={"use": "text", "files": [str(lines)]}, batch={"size": 16, "emit": ["input_ids"]})
    state = next(iter(embedloom.torch.Loader(settings))).state
    lines.write_text("a line\n" * 210)
    loader = embedloom.torch.Loader(settings)
    loader.load_state_dict(state)
    with pytest.raises(embedloom.ConfigError, match="accept_changed_data=True"):
        next(iter(loader))
    loader.load_state_dict(state, accept_changed_data=True)
    assert next(iter(loader)).step == 1


def test_an_epoch_is_a_whole_number():
    loader = embedloom.torch.Loader(SETTINGS)
    for wrong, kind in (("three", TypeError), (1.0, TypeError), (-1, ValueError), (2**63, ValueError)):
        with pytest.raises(kind, match="epoch: found"):
            loader.set_epoch(wrong)
    loader.set_epoch(torch.tensor(2))
    state = next(iter(loader)).state
    assert json.loads(json.dumps(state))["epoch"] == 2
    embedloom.torch.Loader(SETTINGS).load_state_dict(state)


def test_in_the_middle_of_an_epoch_the_loader_takes_no_orders():
    loader = embedloom.torch.Loader(SETTINGS)
    state = loader.state_dict()
    for batch in loader:
        with pytest.raises(RuntimeError, match="middle"):
            loader.set_epoch(5)
        with pytest.raises(RuntimeError, match="middle"):
            loader.load_state_dict(state)
        loader.set_epoch(0)
        break
    del batch


@pytest.mark.parametrize("workers", [0, 2])
def test_in_a_stateful_data_loader(whole, workers):
    def loader():
        return StatefulDataLoader(embedloom.torch.Loader(SETTINGS), batch_size=None, num_workers=workers,
                                  multiprocessing_context="spawn" if workers else None)

    first = loader()
    seen = []
    for number, batch in enumerate(first):
        seen += rows([batch])
        del batch
        if number == 8:
            state = first.state_dict()
            break
    second = loader()
    second.load_state_dict(state)
    assert seen + rows(second) == whole


def test_a_batch_has_its_own_state_whoever_looks_ahead(whole):
    loader = embedloom.torch.Loader(SETTINGS, copy=True)
    batches = list(loader)
    for step in (0, 6, 30):
        other = embedloom.torch.Loader(SETTINGS)
        other.load_state_dict(batches[step].to("cpu").state)
        assert other.position == step + 1 and rows(other) == whole[step + 1 :]


def test_an_epoch_whose_last_batch_was_given_is_over(whole):
    loader = embedloom.torch.Loader(SETTINGS, copy=True)
    second = [rows(loader), rows(loader)][1]
    loader.set_epoch(0)
    iterator = iter(loader)
    taken = [next(iterator) for _ in range(32)]  # and never asks for a 33rd
    assert (loader.epoch, loader.position) == (0, 32)
    loader.sampler.set_epoch(1)
    assert (loader.epoch, loader.position) == (1, 0) and rows(loader) == second and rows(taken) == whole
    del iterator
    assert loader.epoch == 2 and loader.state_dict() == {"epoch": 2, "embedloom": None}
    loader.set_epoch(0)
    for batch in loader:
        if batch.step == 31:
            break
    assert rows(loader) == second, "left at its end, an epoch does not begin anew"


@pytest.mark.parametrize("state", [{}, {"embedloom": None}, {"embedloom": ""}, {"embedloom": "\ud800"}, {"embedloom": "{}"}, [], "{}"])
def test_what_is_no_state_is_refused(state):
    with embedloom.open(SETTINGS) as session, pytest.raises(embedloom.BadDataError, match="the state: "):
        session.load_state_dict(state)
        next(session)
