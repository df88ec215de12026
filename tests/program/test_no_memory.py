"""Memory that is not there, once, at some place of a run; `long_faults.py` tries more places, and other calls."""

import faults
import pytest


@pytest.mark.parametrize("kind", ["safetensors", "jsonl"])
def test_memory_that_is_not_given_once_ends_with_71_or_is_right(tmp_path, kind):  # R05
    faults.check_memory(tmp_path, kind, faults.build(tmp_path), lambda at: 1 + at // 3)
