#!/usr/bin/env python3
"""Runs the benchmarks of one folder or of all, shows each row beside its rival, and writes the rows as JSON on request."""
import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KEYS = ("name", "value", "unit", "rival", "rival_value", "ratio")


def drivers(name):
    """The drivers of the folder `name`, or of all folders."""
    found = sorted(HERE.glob(f"{name or '*'}/bench_*.py"))
    if not found:
        names = sorted({driver.parent.name for driver in HERE.glob("*/bench_*.py")})
        sys.exit(f"no benchmark named {name}; there are {', '.join(names)}" if name else "there are no benchmarks yet")
    return found


def row_of(line):
    """The row that a line of a driver is, or None."""
    if not line.startswith("{"):
        return None
    row = json.loads(line)
    missing = [key for key in KEYS[:3] if key not in row]
    if missing:
        raise ValueError(f"a row without {', '.join(missing)}: {line}")
    return row


def shown(row):
    """A row as a line for people: ours, the rival's, the ratio, and whether that is less than it must be."""
    number = lambda value: f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: E731
    text = f"  {row['name']:<52} {number(row['value']):>8} {row['unit']:<12}"
    if row.get("rival"):
        text += f" {row['rival']:<28} {number(row['rival_value']):>8}  {row['ratio']:6.2f} x"
    if is_short(row):
        text += f"  SHORT of {row['floor']} x"
    return text


def is_short(row):
    return "floor" in row and row["ratio"] < row["floor"]


def run(driver, rows):
    """Whether the driver ended well; its rows are shown and added as they come."""
    environment = dict(os.environ, EMBEDLOOM=str(ROOT / "build" / "embedloom"), EMBEDLOOM_BUILD=str(ROOT / "build" / "release"))
    print(f"{driver.parent.name}: {driver.stem.removeprefix('bench_')}", flush=True)
    with subprocess.Popen([sys.executable, driver], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE) as process:
        for line in process.stdout:
            row = row_of(line)
            if row:
                rows.append(row)
            print(shown(row) if row else "  " + line.rstrip(), flush=True)
    if process.returncode:
        print(f"  {driver.relative_to(ROOT)} ended with exit code {process.returncode}", flush=True)
    return process.returncode == 0


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", help="a folder of tests/bench")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the rows here")
    options = parser.parse_args(arguments)
    rows = []
    ended_well = all([run(driver, rows) for driver in drivers(options.name)])
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    return 0 if ended_well and not any(map(is_short, rows)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
