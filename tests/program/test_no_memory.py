"""Memory that is not there, once, at some place of a run; `long_faults.py` tries more places, and other calls."""

import faults
import pytest


@pytest.mark.parametrize("kind", ["safetensors", "jsonl"])
def test_memory_that_is_not_given_once_ends_with_71_or_is_right(tmp_path, kind):  # R05
    library = faults.build(tmp_path)
    whole = faults.Outcome(tmp_path / "whole", kind)
    whole.done.says(0)
    assert len(whole.digests) == 8
    at = 1
    # 78: a plugin that finds no memory to be loaded is left out, and then missing
    while faults.check_fault(tmp_path / f"malloc{at}", whole.digests, kind, (71, 78), library, call="malloc", at=at):
        at += 1 + at // 3
    assert at > 5000


