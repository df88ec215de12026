#!/usr/bin/env python3
"""Counts test cases over several ctest runs: the cases inside each Catch2 or pytest program, one for any other test."""
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

CATCH_PASSED = re.compile(r"^All tests passed \(\d+ assertions? in (\d+) test cases?\)", re.M)
CATCH_MIXED = re.compile(r"^test cases:\s+(\d+) \|(?:\s+(\d+) passed)?.*?(?:\|?\s+(\d+) failed)", re.M)
PYTEST = re.compile(r"^=* ?(?:(\d+) failed)?,? ?(?:(\d+) passed)?.* in [\d.:]+", re.M)
# What says why: of pytest the case, the source line and what was found; of Catch2 the place and the expression; of sanitizers the error.
REASON = re.compile(r"^(?:FAILED |E   |>  ).*|^\S+:\d+: FAILED:\n(?:.+\n){1,5}|^.*(?:ERROR: \w+Sanitizer|runtime error: ).*", re.M)
REASON_LINES = 25


def count(output, ok):
    """(passed, failed) of one ctest entry. An entry that failed counts as one failed case at least."""
    passed = failed = 0
    if found := CATCH_PASSED.search(output):
        passed = int(found[1])
    elif found := CATCH_MIXED.search(output):
        passed, failed = int(found[2] or 0), int(found[3] or 0)
    elif lines := [line for line in PYTEST.finditer(output) if line[1] or line[2]]:
        failed, passed = int(lines[-1][1] or 0), int(lines[-1][2] or 0)
    elif ok and "\nNo tests ran" not in output:
        passed = 1
    if not ok and failed == 0:
        failed = 1
    return passed, failed


def reasons(output):
    """The lines that say why an entry failed, from a log that nobody may be able to look at later."""
    lines = [line.rstrip() for found in REASON.findall(output) for line in found.splitlines() if line.strip()]
    lines = lines or [line for line in output.splitlines() if line.strip()][-REASON_LINES:]
    cut = [f"... and {len(lines) - REASON_LINES} more lines"] if len(lines) > REASON_LINES else []
    return [line[:200] for line in lines[:REASON_LINES]] + cut


def main(paths):
    total_passed = total_failed = 0
    for path in map(pathlib.Path, paths):
        if not path.exists():
            print(f"{path.stem}: did not run")
            total_failed += 1
            continue
        cases = [case for case in xml.parse(path).getroot().iter("testcase")]
        if not cases:
            print(f"{path.stem}: no tests")
            total_failed += 1
        for case in cases:
            status = case.get("status")
            if status in ("disabled", "notrun") and case.find("failure") is None:
                continue
            output = case.findtext("system-out") or ""
            passed, failed = count(output, status == "run")
            total_passed += passed
            total_failed += failed
            if failed:
                print(f"failed: {path.stem.removeprefix('test-')}: {case.get('name')}")
                print("".join(f"    {line}\n" for line in reasons(output)), end="")
    print(f"{total_passed} passed, {total_failed} failed")
    return 1 if total_failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
