"""Lightning over a Loader: the global stream on two ranks, and a killed fit that goes on with the batches that were due."""

import subprocess
import sys

import pytest

import support

sys.path.insert(0, str(support.ROOT / "tests" / "python" / "children"))
import common  # noqa: E402

import embedloom.torch  # noqa: E402
from embedloom.lightning import DataModule  # noqa: E402

SCRIPT = support.ROOT / "tests" / "python" / "children" / "lightning_fit.py"


def fit(out, how, *arguments, expected=0):
    """One process, or those that Lightning itself starts."""
    out.mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, str(SCRIPT), how, *map(str, arguments)], capture_output=True, text=True, timeout=400,
                          env=support.child_environment(out))
    assert (done.returncode != 0) == (expected != 0), done.stdout + done.stderr


def state_after(settings, batches):
    loader = embedloom.torch.Loader(settings)
    for _ in zip(range(batches), loader):
        state = loader.state_dict()
    return state


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    fit(out, "sized")
    assert support.shares(out, 1) == common.stream(common.SETTINGS, 2)
    seen = support.noted(out, "validation", 1)[0]
    assert len(seen) == 4 and seen[:2] == seen[2:], "the same rows after each epoch"
    return out


@pytest.mark.parametrize("how", ["unsized", "bare"])
def test_a_killed_fit_goes_on_with_the_rows_that_were_due_and_equal_losses(whole, tmp_path, how):
    fit(tmp_path / "out", how, "--die-at", 8, expected=1)
    fit(tmp_path / "out", how)
    assert support.noted(tmp_path / "out", "end", 1) == [[{"steps": 32, "epochs": 2}]]
    assert support.shares(tmp_path / "out", 1) == support.shares(whole, 1)
    assert support.losses(tmp_path / "out", 1) == support.losses(whole, 1)


@pytest.mark.parametrize("after", ["batch", "validation", "epoch"])
@pytest.mark.parametrize("how", ["sized", "unsized"])
def test_a_checkpoint_of_an_epoch_s_last_batch_goes_on_with_the_next_epoch(whole, tmp_path, how, after):
    fit(tmp_path / "out", how, "--keep-at", 16, "--after", after, "--die-at", 18, expected=1)
    fit(tmp_path / "out", how)
    assert support.noted(tmp_path / "out", "end", 1) == [[{"steps": 32, "epochs": 2}]]
    assert len(support.noted(tmp_path / "out", "rows", 1)[0]) == 18 + 16
    assert support.shares(tmp_path / "out", 1) == support.shares(whole, 1)
    assert support.losses(tmp_path / "out", 1) == support.losses(whole, 1)


def test_so_does_one_whose_last_update_has_fewer_batches_on_two_ranks(whole, tmp_path):
    out, more = tmp_path / "out", ("--devices", 2, "--accumulate", 3)
    out.mkdir()
    support.torchrun("lightning_fit.py", "unsized", "--keep-at", 6, "--die-at", 7, *more, world=2, out=out, expected=1)
    support.torchrun("lightning_fit.py", "unsized", *more, world=2, out=out)
    assert support.noted(out, "end", 1) == [[{"steps": 12, "epochs": 2}]]
    assert [len(rows) for rows in support.noted(out, "rows", 2)] == [16 + 3 + 16] * 2
    assert support.shares(out, 2) == support.shares(whole, 1)


@pytest.mark.parametrize("settings", [common.SETTINGS, common.UNSIZED], ids=["sized", "unsized"])
def test_a_state_before_the_first_batch_knows_of_none_though_one_is_fetched(settings):
    data = DataModule(embedloom.torch.Loader(settings))
    for state in ({"epoch": 0, "embedloom": None}, state_after(settings, 3)):
        data.load_state_dict(state)
        next(iter(data.train_dataloader()))
        assert data.state_dict() == state
        data = DataModule(embedloom.torch.Loader(settings))


def test_two_ranks_share_the_stream(whole, tmp_path):
    out = tmp_path / "torchrun"
    out.mkdir()
    support.torchrun("lightning_fit.py", "unsized", "--devices", 2, world=2, out=out)
    assert support.shares(out, 2) == support.shares(whole, 1)
    assert support.losses(out, 2) == pytest.approx(support.losses(whole, 1), rel=1e-4)


def test_lightning_s_own_ranks_are_taken_where_no_launcher_says_them(whole, tmp_path):
    fit(tmp_path / "out", "sized", "--devices", 2)
    assert support.shares(tmp_path / "out", 2) == support.shares(whole, 1)
