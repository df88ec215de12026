"""What a sink's folder may hold when a run begins in it or goes on in it."""
# presets: release asan

import json
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from bad_input import ended, settings, pipeline  # noqa: E402

ALONE, FIRST, SECOND = [], ["--rank", 0, "--world-size", 2], ["--rank", 1, "--world-size", 2]


def config(folder, kind="jsonl", existing="refuse"):
    sink = {"use": kind, "directory": str(folder / "out"), "existing": existing}
    return settings(folder, data=b"good line\n" * 24, batch={"size": 4}, sink=sink)


def names(folder):
    return sorted(file.name for file in (folder / "out").iterdir())


def run(folder, arguments=ALONE, code=0, *words, **changes):
    return ended("run", config(folder, **changes), *arguments).says(code, *words)


BEFORE_AND_AFTER = {
    "another kind": ({}, ALONE, {"kind": "safetensors"}, ALONE, "batch-0000000"),
    "ranks, then one": ({}, FIRST, {}, ALONE, "-r00000"),
    "one, then ranks": ({}, ALONE, {}, SECOND, "batch-0000000"),
    "more ranks, then fewer": ({}, ["--rank", 2, "--world-size", 3], {}, FIRST, "-r00002"),
    "fewer ranks, then more": ({}, FIRST, {}, ["--rank", 2, "--world-size", 3], "manifest-r00000.json"),
}


@pytest.mark.parametrize("name", BEFORE_AND_AFTER)
def test_batches_of_any_kind_and_number_of_ranks_are_refused(tmp_path, name):
    before, ranks_before, after, ranks_after, word = BEFORE_AND_AFTER[name]
    run(tmp_path, ranks_before, **before)
    kept = names(tmp_path)
    run(tmp_path, ranks_after, 73, "batches of an earlier run", word, "existing: replace", **after)
    assert names(tmp_path) == kept


def test_replacing_leaves_nothing_of_an_earlier_run(tmp_path):
    for kind, ranks in [("jsonl", [ALONE]), ("safetensors", [ALONE]), ("jsonl", [FIRST, SECOND]), ("safetensors", [SECOND, FIRST]), ("jsonl", [ALONE])]:
        for arguments in ranks:
            run(tmp_path, arguments, kind=kind, existing="replace")
        suffixes = ["-r00000", "-r00001"] if len(ranks) > 1 else [""]
        wanted = [f"batch-{step:08}{suffix}.{kind}" for step in range(6) for suffix in suffixes]
        wanted += [file.replace(".", f"{suffix}.") for suffix in suffixes for file in ("batches.jsonl", "manifest.json")]
        assert names(tmp_path) == sorted(wanted)


def test_ranks_of_one_run_share_a_folder(tmp_path):
    run(tmp_path, SECOND)
    run(tmp_path, FIRST)
    run(tmp_path, SECOND, 73, "batches of an earlier run")


def test_a_file_of_the_user_s_is_left_alone(tmp_path):
    (tmp_path / "out").mkdir()
    kept = ["batch-00000000.npy", "batch-1.jsonl", "batch-00000000-rx.jsonl", "manifest-of-mine.json", "notes.txt"]
    for name in kept:
        (tmp_path / "out" / name).write_text("mine")
    run(tmp_path)
    run(tmp_path, existing="replace")
    assert set(kept) < set(names(tmp_path))


def test_two_runs_of_other_ranks_never_write_into_one_folder(tmp_path):
    endless = {**config(tmp_path, existing="replace"), "run": {"epochs": "endless", "cache": str(tmp_path / "cache")}}
    path = tmp_path / "endless.yaml"
    path.write_text(json.dumps(endless))
    process = subprocess.Popen([str(pipeline.PROGRAM), "run", str(path), "--progress", "plain"], stderr=subprocess.PIPE)
    try:
        while not list((tmp_path / "out").glob("batch-*")):
            assert process.poll() is None
        run(tmp_path, FIRST, 73, "another run that writes into this folder", existing="replace")
    finally:
        process.kill()
        process.communicate()
    run(tmp_path, FIRST, existing="replace")


def begun(folder, arguments=ALONE):
    """A run of six steps that has made four, and how the next part of it is asked for."""
    state = ["--state", folder / "state"]
    run(folder, [*arguments, *state, "--steps", 4])
    return [*arguments, *state]


@pytest.mark.parametrize("name,missing", [("batch-00000001.jsonl", "batch-00000001.jsonl"), ("batches.jsonl", "batches.jsonl"), (None, "batches.jsonl")])
def test_a_run_goes_on_only_where_its_batches_are(tmp_path, name, missing):
    arguments = begun(tmp_path)
    for file in list((tmp_path / "out").iterdir()):
        if name in (None, file.name):
            file.unlink()
    run(tmp_path, arguments, 66, f"out/{missing}: ", "begin anew")


def test_a_run_goes_on_only_where_its_batches_have_their_size(tmp_path):
    arguments = begun(tmp_path)
    with open(tmp_path / "out" / "batch-00000002.jsonl", "a", encoding="utf-8") as file:
        file.write("{}\n")
    run(tmp_path, arguments, 66, "batch-00000002.jsonl", "bytes, not the")


def test_steps_that_are_elsewhere_are_told(tmp_path):
    arguments = begun(tmp_path)
    lines = (tmp_path / "out" / "batches.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "out" / "batches.jsonl").write_text("".join(lines[:2] + lines[3:]))
    run(tmp_path, arguments, 0, "warning: ", "of the 4 steps before the one that the run goes on at, 3 are in", str(tmp_path / "out"))


def test_another_number_of_ranks_goes_on_and_removes_what_is_beyond(tmp_path):
    arguments = begun(tmp_path)
    state = (tmp_path / "state").read_text()
    run(tmp_path, [*arguments, "--steps", 6])
    for rank, ranks in enumerate([FIRST, SECOND]):
        (tmp_path / f"state-r0000{rank}").write_text(state)
        run(tmp_path, [*ranks, "--state", tmp_path / "state"])
    batches = [name for name in names(tmp_path) if name.startswith("batch-")]
    assert batches == [f"batch-0000000{i}.jsonl" for i in range(4)] + [f"batch-0000000{i}-r0000{rank}.jsonl" for i in (4, 5) for rank in (0, 1)]
    assert len((tmp_path / "out" / "batches.jsonl").read_text().splitlines()) == 4
    assert not (tmp_path / "out" / "manifest.json").exists()
