"""Calls that a small run makes of the system fail (the first ten, then every seventh): an error with a reason or success, and whole batches."""

import errno

import faults
import pytest

MOST = 200  # calls of one kind that are tried; a run of this size makes fewer


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return faults.build(tmp_path_factory.mktemp("fault"))


@pytest.mark.parametrize("kind", ["safetensors", "jsonl"])
@pytest.mark.parametrize("call, number, codes", [
    ("write", errno.EIO, (74,)), ("write", errno.ENOSPC, (73, 74)), ("write", errno.EINTR, (0,)), ("write", "short", (0,)),
    ("writev", errno.EIO, (74,)), ("pread", errno.EIO, (74,)), ("pread", errno.EINTR, (0,)), ("pread", "short", (0,)),
    ("fsync", errno.EIO, (74,)), ("fdatasync", errno.EIO, (74,)), ("rename", errno.EIO, (74,)), ("rename", errno.EROFS, (73, 74, 77)),
    ("mkdir", errno.EROFS, (73, 74, 77)), ("open", errno.EROFS, (73, 74, 77)), ("open", errno.EMFILE, (71,)),
    ("mmap", errno.ENOMEM, (71, 74, 78)),  # 78: a plugin that cannot be mapped is left out, and then missing
])
def test_a_call_that_fails_once(tmp_path, library, kind, call, number, codes):
    whole = faults.Outcome(tmp_path / "whole", kind)
    whole.done.says(0)
    assert len(whole.digests) == 8
    fault = {"short": 1} if number == "short" else {"errno": number}
    for at in [*range(1, 11), *range(11, MOST, 7)]:
        if not faults.check_fault(tmp_path / f"{call}{at}", whole.digests, kind, codes, library, call=call, at=at, **fault):
            return
    raise AssertionError("every fault came: try more calls")


@pytest.mark.parametrize("kind", ["safetensors", "jsonl"])
def test_memory_that_is_not_given_once(tmp_path, library, kind):  # R05
    """The first hundred requests, then each a hundredth further."""
    faults.check_memory(tmp_path, kind, library, lambda at: 1 + at // 100)
