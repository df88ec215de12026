"""Runs under a preloaded library that makes one call fail: how they end, and what they leave."""

import hashlib
import json
import os
import pathlib
import subprocess

from bad_input import Ended, pipeline, settings

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"


def build(folder):
    """The library of tests/support/fault.c."""
    path = folder / "fault.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", str(SUPPORT / "fault.c"), "-o", str(path), "-ldl"], check=True)
    return path


class Outcome:
    """How a run of eight batches with a state file ended, its batches' digests, and whether the fault came."""

    def __init__(self, folder, kind, library=None, **fault):
        folder.mkdir(exist_ok=True)
        sink = {"use": kind, "directory": str(folder / "out")}
        config, report = folder / "config.yaml", folder / "report"
        # The data has one path for all runs: rows of jsonl say where they are from.
        config.write_text(json.dumps(settings(folder.parent, b"good line\na b aa\ntext of a line\n" * 10, sink=sink)))
        variables = {"FAULT_" + name.upper(): str(value) for name, value in fault.items()}
        if library:
            variables |= {"LD_PRELOAD": str(library), "FAULT_REPORT": str(report)}
        self.done = Ended([str(pipeline.PROGRAM), "run", str(config), "--progress", "none", "--state", str(folder / "state")],
                          env={**os.environ, **variables})
        self.digests = digests(folder / "out")
        self.is_whole = (folder / "out" / "manifest.json").exists()
        self.came = report.exists()


def digests(out):
    """What the list of batches says, and it is true."""
    lines = (out / "batches.jsonl").read_text().splitlines() if (out / "batches.jsonl").exists() else []
    listed = [json.loads(line) for line in lines]
    for batch in listed:
        assert hashlib.sha256((out / batch["file"]).read_bytes()).hexdigest() == batch["sha256"]
    return [batch["sha256"] for batch in listed]


def check_fault(folder, whole, kind, codes, library, **fault):
    """One run with a fault: success, or one of `codes` with a reason, whole batches, and a next run that goes on to the same ones.
    Returns whether the fault came."""
    run = Outcome(folder, kind, library, **fault)
    if not run.came:
        return False
    done = run.done
    assert done.code in (*codes, 0), (fault, done.code, done.stderr)
    assert (done.code == 0) == (run.digests == whole and run.is_whole), (fault, done.code, done.stderr)
    assert run.digests == whole[:len(run.digests)], fault
    if done.code:
        assert "error: " in done.stderr, (fault, done.stderr)
        again = Outcome(folder, kind)
        again.done.says(0)
        assert again.digests == whole, f"{fault}: the run does not go on to the same batches"
    return True


def check_memory(folder, kind, library, step):
    """Runs in which one request for memory fails: the first, and from each the one that is step(number) further, until none is reached."""
    whole = Outcome(folder / "whole", kind)
    whole.done.says(0)
    assert len(whole.digests) == 8
    at = 1
    # 78: a plugin that finds no memory to be loaded is left out, and then missing
    while check_fault(folder / f"malloc{at}", whole.digests, kind, (71, 78), library, call="malloc", at=at):
        at += step(at)
    assert at > 5000
