#!/usr/bin/env python3
"""Runs the assembly beside its rivals, in turns, and prints how they compare, a JSON object a line.

    bench_embed.py --program build/release/tests/bench/embed/bench_embed --json embed.json

One thread, one core, memory used again on both sides: the rivals' allocator is glibc's, told never to give memory back.
Time is the processor's, so that a busy machine disturbs less; the best and the median of the rounds are kept.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 40), "MALLOC_TOP_PAD_": str(1 << 28),
               "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TORCHINDUCTOR_COMPILE_THREADS": "1"}
BUILD = pathlib.Path(os.environ.get("EMBEDLOOM_BUILD", "build/release"))
DTYPES = ("float32", "bfloat16")
CASES = ("gather", "sum", "layer_norm")
# What must hold against torch.compile, the fastest rival that does the whole job.
FLOORS = {("sum", "float32"): 1, ("sum", "bfloat16"): 2, ("layer_norm", "float32"): 2, ("layer_norm", "bfloat16"): 3}
SECONDS = 0.3


def restart_with_kept_memory():
    """glibc reads its settings only when a process starts."""
    if all(os.environ.get(name) == value for name, value in KEEP_MEMORY.items()):
        return
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEEP_MEMORY})


def ours(program):
    """{benchmark's name: million tokens per second}, once through."""
    command = [program, "--benchmark_format=json", f"--benchmark_min_time={SECONDS}"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {row["name"]: row["items_per_second"] / 1e6 for row in report["benchmarks"]}


def rate(call, tokens):
    """Million tokens per second of one rival."""
    call()
    begin = time.process_time()
    calls = 0
    while time.process_time() - begin < SECONDS:
        call()
        calls += 1
    return tokens * calls / (time.process_time() - begin) / 1e6


def measure(program, rounds):
    """{name: [rate of each round]} of ours and theirs, in turns."""
    import torch

    import rivals
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    theirs = {dtype: rivals.contestants(getattr(torch, dtype)) for dtype in DTYPES}
    rates = {}
    for _ in range(rounds):
        for name, value in ours(program).items():
            rates.setdefault(name, []).append(value)
        for dtype in DTYPES:
            for case in CASES:
                for rival, call in theirs[dtype][case].items():
                    name = f"{case}/{dtype}/{rival}"
                    rates.setdefault(name, []).append(rate(call, rivals.ROWS * rivals.LENGTH))
    return rates, {(dtype, case): list(theirs[dtype][case]) for dtype in DTYPES for case in CASES}


def compare(rates, rivals_of):
    """The rows of the report: our best against each rival's best, the ratio of the medians beside it."""
    rows = []
    for (dtype, case), names in rivals_of.items():
        own = rates[f"{case}/{dtype}/streaming"]
        for rival in ["memcpy", *names]:
            other = rates[f"memcpy/{dtype}" if rival == "memcpy" else f"{case}/{dtype}/{rival}"]
            row = {"name": f"assembly, {case}, {dtype}", "value": round(max(own), 3), "unit": "Mtoken/s",
                   "rival": rival, "rival_value": round(max(other), 3), "ratio": round(max(own) / max(other), 3),
                   "ratio_of_medians": round(statistics.median(own) / statistics.median(other), 3)}
            if rival == "torch.compile":
                row["floor"] = FLOORS[case, dtype]
            rows.append(row)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=BUILD / "tests/bench/embed/bench_embed", help="the built bench_embed")
    parser.add_argument("--json", help="where to write the rows too")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    restart_with_kept_memory()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print("256 x 128 tokens, 768 wide, one thread; rivals: glibc that keeps freed memory", flush=True)
    rows = compare(*measure(options.program, options.rounds))
    for row in rows:
        print(json.dumps(row))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
