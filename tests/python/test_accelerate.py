"""accelerate over a Loader: batches are not dealt out twice, and the state is that of the batch the loop is at."""

import sys

import pytest

import support

sys.path.insert(0, str(support.ROOT / "tests" / "python" / "children"))
import accelerate  # noqa: E402
import common  # noqa: E402

import embedloom.torch  # noqa: E402
from embedloom.accelerate import prepare  # noqa: E402


def train(out, world, *arguments, **named):
    out.mkdir(exist_ok=True)
    support.torchrun("accelerated.py", *arguments, world=world, out=out, **named)


def test_the_rows_of_two_ranks_are_the_stream_and_a_killed_run_goes_on(tmp_path):
    train(tmp_path / "whole", 2)
    assert support.shares(tmp_path / "whole", 2) == common.stream(common.SETTINGS, 2)
    end = {"updates": 12, "state": {"epoch": 2, "embedloom": None}}
    assert support.noted(tmp_path / "whole", "end", 1) == [[end]], "the last batch of an epoch is an update"
    train(tmp_path / "pieces", 2, "--die-at", 6, expected=1)
    assert set(support.shares(tmp_path / "pieces", 2)) == {(0, step) for step in range(16)}
    train(tmp_path / "pieces", 2)
    assert support.shares(tmp_path / "pieces", 2) == common.stream(common.SETTINGS, 2)
    assert support.losses(tmp_path / "pieces", 2) == support.losses(tmp_path / "whole", 2)
    train(tmp_path / "one", 1)
    assert support.shares(tmp_path / "one", 1) == common.stream(common.SETTINGS, 2)
    assert support.losses(tmp_path / "one", 1) == pytest.approx(support.losses(tmp_path / "whole", 2), rel=1e-4)


def test_batches_that_accelerate_would_deal_out_again_are_refused_on_each_rank(tmp_path):
    support.torchrun("dealt_twice.py", world=2, out=tmp_path)
    for told in support.noted(tmp_path, "told", 2):
        assert [entry["what"].split()[1] for entry in told] == ["DataLoaderDispatcher", "IterableDatasetShard"]
        assert all("embedloom.accelerate.prepare" in entry["what"] for entry in told)


@pytest.mark.parametrize("settings", [common.SETTINGS, common.UNSIZED], ids=["sized", "unsized"])
def test_the_state_is_that_of_the_batch_at_hand(settings):
    loader = prepare(embedloom.torch.Loader(settings), accelerate.Accelerator(cpu=True))
    rows = common.stream(common.SETTINGS, 2)
    for epoch, stop in ((0, 5), (1, 0), (1, 15)):
        loader.set_epoch(epoch)
        for batch in loader:
            if batch.step == stop:
                break
        state = loader.state_dict()
        other = prepare(embedloom.torch.Loader(settings), accelerate.Accelerator(cpu=True))
        other.load_state_dict(state)
        assert other.state_dict() == state
        found = {(batch.state["epoch"], batch.step): common.rows_of(batch) for batch in other}
        assert found == {key: rows[key] for key in rows if key[0] == epoch and key[1] > stop}


def test_batches_are_not_skipped_by_reading_them_but_by_a_state():
    loader = prepare(embedloom.torch.Loader(common.SETTINGS), accelerate.Accelerator(cpu=True))
    with pytest.raises(AttributeError, match="skip_first_batches.*load_state_dict"):
        accelerate.skip_first_batches(loader, 2)
    assert not hasattr(loader, "dataset")
