"""Ranks under torch.distributed: they begin alike or not at all, their states make one, and the dead hold up nobody."""

import socket
import subprocess
import sys

import pytest

import support

sys.path.insert(0, str(support.ROOT / "tests" / "python" / "children"))
import common  # noqa: E402

import embedloom  # noqa: E402
import embedloom.torch  # noqa: E402


def together(out, case, world=2):
    """The processes of a case without torchrun, which would end those that are left when one dies. Their exit codes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    children = [subprocess.Popen([sys.executable, str(support.ROOT / "tests" / "python" / "children" / "together.py"), case],
                                 env=support.child_environment(out, {"RANK": str(rank), "WORLD_SIZE": str(world), "MASTER_ADDR": "127.0.0.1",
                                                                     "MASTER_PORT": str(port)}))
                for rank in range(world)]
    try:
        return [child.wait(timeout=300) for child in children]
    finally:
        for child in children:
            child.kill()


@pytest.mark.parametrize("case,words", [
    ("config", ["config values or plugin versions", "rank 1 and rank 0", "rows of at most 20 tokens", "rows of at most 24 tokens"]),
    ("seed", ["config values or plugin versions"]),
    ("data", ["data files"]),
    ("steps", ["of 7 steps", "of 16 steps"]),
    ("place", ["epoch 0, step 1", "epoch 0, step 0", "load the same state"]),
    ("ranks", ["(0, 2), (0, 2)", "each rank of 2 once"]),
])
def test_ranks_that_disagree_all_say_so(tmp_path, case, words):
    assert together(tmp_path, case) == [0, 0]
    for (said,) in support.noted(tmp_path, "said", 2):
        assert said["kind"] == "ConfigError" and all(word in said["text"] for word in words), said


def test_a_rank_that_cannot_begin_tells_the_others(tmp_path):
    assert together(tmp_path, "broken", world=3) == [0, 0, 0]
    first, second, third = (said[0] for said in support.noted(tmp_path, "said", 3))
    assert second["kind"] in ("ConfigError", "MissingInputError") and "nowhere.jsonl" in second["text"]
    for said in (first, third):
        assert said["kind"] == "PeerGoneError" and "rank 1 cannot begin" in said["text"] and "nowhere.jsonl" in said["text"]


def test_ranks_that_agree_begin(tmp_path):
    assert together(tmp_path, "alike") == [0, 0]
    assert support.noted(tmp_path, "said", 2) == [[{"kind": "", "text": ""}]] * 2


def test_the_states_of_all_ranks_make_one(tmp_path):
    assert together(tmp_path, "gather") == [0, 0]
    (one,), (other,) = support.noted(tmp_path, "whole", 2)
    assert one == other and '"rank":null' in one["state"]["embedloom"]
    loader = embedloom.torch.Loader(common.UNSIZED)
    wanted = [common.rows_of(batch) for batch in loader]
    alone = embedloom.torch.Loader(common.UNSIZED)
    alone.load_state_dict(one["state"])
    assert [common.rows_of(batch) for batch in alone] == wanted[5:]
    for (said,) in support.noted(tmp_path, "said", 2):
        assert said["kind"] == "ConfigError" and "step" in said["text"], "states after different batches"
    assert support.noted(tmp_path, "before", 2) == [[{"state": {"epoch": 0, "embedloom": None}}]] * 2


def test_without_torch_distributed_a_state_is_whole():
    loader = embedloom.torch.Loader(common.SETTINGS)
    assert embedloom.torch.gather_state(loader.state_dict()) == loader.state_dict()


def test_a_dead_rank_holds_up_nobody_s_loader(tmp_path):
    assert together(tmp_path, "die", world=3) == [0, -9, 0]
    ranks = support.noted(tmp_path, "rows", 3)
    assert [len(batches) for batches in ranks] == [16, 3, 16]
    with embedloom.open(common.SETTINGS) as session:
        for step, batch in enumerate(session):
            rows = common.rows_of(batch)
            assert ranks[0][step]["rows"] == rows[: len(rows) // 3] and ranks[2][step]["rows"] == rows[2 * len(rows) // 3 :]
