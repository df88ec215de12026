"""Ranges of windows from Python: together they are the run, alone each is the same for any number of threads."""

import json

import numpy
import pytest

import support
import embedloom

MLM = support.config(source={"use": "jsonl", "files": [support.FAQ], "text": "q"}, objective={"use": "mlm"},
                     batch={"size": 16, "emit": ["input_ids", "labels"]}, run={"shuffle": True, "window_bytes": 2000, "epochs": 2})


def rows(batches):
    """Each row without pads: where it is from, and the bytes of its arrays."""
    out = []
    for batch in batches:
        arrays = [numpy.asarray(array) for array in batch.values()]
        out += [(origin, *(array[row, :length].tobytes() for array in arrays))
                for row, (origin, length) in enumerate(zip(batch.provenance, batch.row_lengths, strict=True))]
    return out


def ranges(windows, size):
    return [range(begin, min(windows, begin + size)) for begin in range(0, windows, size)]


def parts(settings, size, **options):
    """The rows of all ranges of so many windows."""
    out = []
    with embedloom.open(settings, **options) as session:
        for epoch in range(session.epochs()):
            for windows in ranges(session.windows(), size):
                session.begin_windows(windows, epoch)
                got = rows(session)
                assert session.rows(windows, epoch) in (None, len(got)) and session.length() in (None, -(-len(got) // 16))
                ledger = session.ledger
                assert ledger["balanced"] and ledger["emitted"] == len(got) and session.progress()["share"] == 1.0
                out += got
    return out


@pytest.mark.parametrize("order", ["true", "false", "blocks"])
def test_the_rows_of_all_ranges_are_those_of_a_run(order):
    settings = {**MLM, "run": {**MLM["run"], "shuffle": json.loads(order) if order != "blocks" else order}}
    with embedloom.open(settings) as session:
        whole = rows(session)
        windows = session.windows()
    with embedloom.open(settings, {"run.lanes": 1}) as session:
        in_order = rows(session)
    assert sorted(in_order) == sorted(whole) and len(whole) == 1006 and windows > 50
    assert parts(settings, 7) == in_order
    assert parts(settings, windows, threads=1) == in_order


def test_a_pair_with_its_embeddings_is_the_same_in_its_range():
    settings = support.pairs(run={"window_bytes": 20_000})
    with embedloom.open(settings) as session:
        whole = {row[0]: row for row in rows(session)}
    assert {row[0]: row for row in parts(settings, 3)} == whole and len(whole) == 503


def test_windows_without_a_row_give_no_batch(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text("not JSON\n" * 50 + '{"text": "one line"}\n')
    settings = support.config(source={"use": "jsonl", "files": [str(path)]}, batch={"size": 4},
                              run={"window_bytes": 90, "on_error": {"policy": "skip"}})
    with embedloom.open(settings) as session:
        counts = []
        for window in range(session.windows()):
            session.begin_windows(range(window, window + 1))
            counts.append((len(rows(session)), session.ledger["skipped"]))
    assert counts == [(0, 10)] * 5 + [(1, 0)]


def test_quarantined_records_of_a_range_have_a_file_of_their_own(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text('{"text": "one line"}\n' * 20 + "not JSON\n")
    settings = support.config(source={"use": "jsonl", "files": [str(path)]}, batch={"size": 4},
                              run={"window_bytes": 100, "on_error": {"policy": "quarantine", "folder": str(tmp_path / "bad"), "at_most": "1 %"}})
    with embedloom.open(settings) as session:
        last = session.windows() - 1
        session.begin_windows(range(0, last))
        assert len(rows(session)) == 20 and not (tmp_path / "bad").exists()
        session.begin_windows(range(last, last + 1))
        assert rows(session) == [], "one bad record of one is no verdict on the data"
    (file,) = (tmp_path / "bad").iterdir()
    assert file.name == f"quarantine-e0-w{last:08}-{last:08}.jsonl" and json.loads(file.read_text())["record"] == 420


def test_what_is_of_a_whole_stream_is_refused():
    with embedloom.open(MLM) as session:
        windows = session.windows()
        kept = next(session)
        for wrong in [range(3, 3), range(windows, windows + 1), range(0, windows + 1)]:
            with pytest.raises(embedloom.UsageError, match=f"of the {windows} of an epoch"):
                session.begin_windows(wrong)
        for call in [session.begin_windows, session.rows]:
            with pytest.raises(embedloom.UsageError, match="epoch: found -1"):
                call(range(1), -1)
        with pytest.raises(ValueError, match="one after another"):
            session.begin_windows(range(0, 4, 2))
        assert next(session).step == kept.step + 1, "a beginning that was refused changes nothing"
        session.begin_windows(range(3))
        with pytest.raises(embedloom.UsageError, match="range is short"):
            session.state_dict()
        session.begin_epoch(0)
        again = next(session)
        assert rows([again]) == rows([kept]) and session.state_dict()
    for options in [{"steps": 3}, {"rank": 0, "world_size": 2}]:
        with embedloom.open(MLM, **options) as session, pytest.raises(embedloom.UsageError, match="of the whole stream"):
            session.begin_windows(range(1))
    for key, value in [("steps", 3), ("epochs", "endless")]:
        with embedloom.open(MLM, {f"run.{key}": value}) as session, pytest.raises(embedloom.ConfigError) as caught:
            session.epochs()
        assert caught.value.key_path == f"run.{key}" and caught.value.line is None


def test_a_row_of_a_range_is_explained_also_once_its_batch_is_gone():
    with embedloom.open(MLM) as session:
        session.begin_windows(range(10, 30), epoch=1)
        origins = [batch.provenance for batch in session]
        found = session.explain(2, 5)
        assert found.origin == origins[2][5] and found.origin.epoch == 1
        session.begin_epoch(0)
        assert session.explain(2, 5).origin.epoch == 0
