"""Calls that a small run makes of the system fail (the first ten, then every seventh): an error with a reason or success, and whole batches."""

import errno
import hashlib
import json
import os
import pathlib
import subprocess

import pytest
from bad_input import Ended, pipeline, settings

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
MOST = 200  # calls of one kind that are tried; a run of this size makes fewer


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("fault") / "fault.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", str(SUPPORT / "fault.c"), "-o", str(path), "-ldl"], check=True)
    return path


def run(folder, library, kind, **fault):
    """How a run of eight batches with a state file ended, its batches' digests, and whether the fault came."""
    folder.mkdir()
    sink = {"use": kind, "directory": str(folder / "out")}
    config = folder / "config.yaml"
    # The data has one path for all runs: rows of jsonl say where they are from.
    config.write_text(json.dumps(settings(folder.parent, b"good line\na b aa\ntext of a line\n" * 10, sink=sink)))
    report = folder / "report"
    variables = {"FAULT_" + name.upper(): str(value) for name, value in fault.items()}
    done = Ended([str(pipeline.PROGRAM), "run", str(config), "--progress", "none", "--state", str(folder / "state")],
                 env={**os.environ, **variables, "LD_PRELOAD": str(library), "FAULT_REPORT": str(report)})
    return done, digests(folder / "out"), report.exists()


def digests(out):
    """What the list of batches says, and it is true."""
    lines = (out / "batches.jsonl").read_text().splitlines() if (out / "batches.jsonl").exists() else []
    listed = [json.loads(line) for line in lines]
    for batch in listed:
        assert hashlib.sha256((out / batch["file"]).read_bytes()).hexdigest() == batch["sha256"]
    return [batch["sha256"] for batch in listed]


@pytest.mark.parametrize("kind", ["safetensors", "jsonl"])
@pytest.mark.parametrize("call, number, codes", [
    ("write", errno.EIO, (74,)), ("write", errno.ENOSPC, (73, 74)), ("write", errno.EINTR, (0,)), ("write", "short", (0,)),
    ("writev", errno.EIO, (74,)), ("pread", errno.EIO, (74,)), ("pread", errno.EINTR, (0,)), ("pread", "short", (0,)),
    ("fsync", errno.EIO, (74,)), ("fdatasync", errno.EIO, (74,)), ("rename", errno.EIO, (74,)), ("rename", errno.EROFS, (73, 74, 77)),
    ("mkdir", errno.EROFS, (73, 74, 77)), ("open", errno.EROFS, (73, 74, 77)), ("open", errno.EMFILE, (71,)),
    ("mmap", errno.ENOMEM, (71, 74, 78)),  # 78: a plugin that cannot be mapped is left out, and then missing
])
def test_a_call_that_fails_once(tmp_path, library, kind, call, number, codes):
    done, whole, _ = run(tmp_path / "whole", library, kind)
    done.says(0)
    assert len(whole) == 8
    fault = {"short": 1} if number == "short" else {"errno": number}
    for at in [*range(1, 11), *range(11, MOST, 7)]:
        folder = tmp_path / f"{call}{at}"
        done, written, came = run(folder, library, kind, call=call, at=at, **fault)
        if not came:
            break
        assert done.code in (*codes, 0), (at, done.code, done.stderr)
        assert (done.code == 0) == (written == whole and (folder / "out" / "manifest.json").exists()), (at, done.code, done.stderr)
        assert written == whole[:len(written)], at
        if done.code:
            assert done.stderr.startswith("error: "), (at, done.stderr)
            again, written, _ = run_again(folder)
            again.says(0)
            assert written == whole, f"{call} {at}: the run does not go on to the same batches"
    assert not came


def run_again(folder):
    """The same run without a fault, from its state."""
    done = Ended([str(pipeline.PROGRAM), "run", str(folder / "config.yaml"), "--progress", "none", "--state", str(folder / "state")])
    return done, digests(folder / "out"), False
