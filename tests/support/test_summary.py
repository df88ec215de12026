"""The count at the end of ./dev test is right for each kind of output, and a test that failed is never lost."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import summary  # noqa: E402

CATCH_GOOD = "=====\nAll tests passed (121 assertions in 7 test cases)\n"
CATCH_ONE = "=====\nAll tests passed (1 assertion in 1 test case)\n"
CATCH_BAD = "x\n=====\ntest cases:  34 |  30 passed | 4 failed\nassertions: 180 | 176 passed | 4 failed\n"
CATCH_ALL_BAD = "=====\ntest cases: 2 | 2 failed\nassertions: 3 | 1 passed | 2 failed\n"
PYTEST_GOOD = "....... [100%]\n7 passed in 0.12s\n"
PYTEST_SKIPPED = "s...... [100%]\n6 passed, 1 skipped in 71.12s (0:01:11)\n"
PYTEST_BAD = "=== short test summary info ===\nFAILED a.py::b\n2 failed, 58 passed in 5.43s\n"
PYTEST_ERROR = "ERROR a.py\n1 error in 0.43s\n"


@pytest.mark.parametrize("output, ok, expected", [
    (CATCH_GOOD, True, (7, 0)), (CATCH_ONE, True, (1, 0)), (CATCH_BAD, False, (30, 4)), (CATCH_ALL_BAD, False, (0, 2)),
    (PYTEST_GOOD, True, (7, 0)), (PYTEST_SKIPPED, True, (6, 0)), (PYTEST_BAD, False, (58, 2)), (PYTEST_ERROR, False, (0, 1)),
    ("No test cases matched '[.long]'\n====\nNo tests ran\n", True, (0, 0)),
    ("whatever a program says", True, (1, 0)), ("it crashed", False, (0, 1)),
    (CATCH_GOOD + "ERROR: AddressSanitizer: leak", False, (7, 1)),
])
def test_a_program_counts_its_cases(output, ok, expected):
    assert summary.count(output, ok) == expected


def written(folder, *cases):
    path = folder / "test-x.xml"
    rows = "".join(f'<testcase name="{name}" status="{status}"><system-out>{output}</system-out></testcase>'
                   for name, status, output in cases)
    path.write_text(f"<testsuite>{rows}</testsuite>")
    return path


def test_the_last_line_is_the_sum_and_the_exit_code_follows(tmp_path, capsys):
    good = written(tmp_path, ("a", "run", CATCH_GOOD), ("b", "run", PYTEST_GOOD))
    assert summary.main([good]) == 0
    assert capsys.readouterr().out == "14 passed, 0 failed\n"
    assert summary.main([good, tmp_path / "test-none.xml"]) == 1
    assert capsys.readouterr().out.endswith("test-none: did not run\n14 passed, 1 failed\n")
    assert summary.main([written(tmp_path, ("a", "run", CATCH_GOOD), ("b", "fail", CATCH_BAD))]) == 1
    assert capsys.readouterr().out.splitlines() == ["failed: x: b", *(f"    {line}" for line in CATCH_BAD.splitlines()), "37 passed, 4 failed"]


@pytest.mark.parametrize("output, expected", [
    ("tests/a.cpp:3: FAILED:\n  CHECK( a == b )\nwith expansion:\n  1 == 2\n\n" + CATCH_BAD,
     ["tests/a.cpp:3: FAILED:", "  CHECK( a == b )", "with expansion:", "  1 == 2"]),
    (">       assert 1 == 2\nE       assert 1 == 2\n\na.py:3: AssertionError\n" + PYTEST_BAD,
     [">       assert 1 == 2", "E       assert 1 == 2", "FAILED a.py::b"]),
    (CATCH_GOOD + "x\n==7==ERROR: AddressSanitizer: leak\ny\n", ["==7==ERROR: AddressSanitizer: leak"]),
    ("\n".join(map(str, range(100))), [str(i) for i in range(100 - summary.REASON_LINES, 100)]),
    ("E   x\n" * 100, ["E   x"] * summary.REASON_LINES + [f"... and {100 - summary.REASON_LINES} more lines"]),
])
def test_what_failed_says_why(output, expected):
    assert summary.reasons(output) == expected


def test_no_tests_at_all_is_a_failure(tmp_path):
    assert summary.main([written(tmp_path)]) == 1
