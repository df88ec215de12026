"""Text to MLM batches on two threads, with and without embeddings, beside the chains that people build by hand."""
import concurrent.futures
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import numpy
from common import ROOT, config, emit, rival, write_documents

PROGRAM = os.environ.get("EMBEDLOOM", str(ROOT / "build" / "embedloom"))
ROUNDS, PAIRS = 3, 3


def ours(path, threads):
    """Tokens a second of a whole run, start-up and scan included."""
    done = subprocess.run([PROGRAM, "bench", str(path), "--threads", str(threads), "--json"], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    return result["tokens"] / result["seconds"]


def ours_twice(path):
    """Two programs of one thread side by side, together: what the machine's second processor is worth for this work."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return sum(pool.map(lambda threads: ours(path, threads), [1, 1]))


def compare(folder, documents, embeddings, rivals):
    """Ours and the rivals in turn, ROUNDS times: the best of each, and the medians of what a second thread and a second program gain."""
    path = folder / f"config-{embeddings}.yaml"
    path.write_text(json.dumps(config(documents, embeddings)))
    figures = {}
    for _ in range(ROUNDS):
        for _ in range(PAIRS):
            figures.setdefault("ours 1", []).append(ours(path, 1) / 1e6)
            figures.setdefault("ours 2", []).append(ours(path, 2) / 1e6)
            figures.setdefault("ours 1 twice", []).append(ours_twice(path) / 1e6)
        for name in rivals:
            figures.setdefault(name, []).append(rival(name, documents).rate / 1e6)
    print("medians: " + ", ".join(f"{name} {statistics.median(values):.3g}" for name, values in figures.items()), flush=True)
    gains = {name: statistics.median(two / one for one, two in zip(figures["ours 1"], figures[name], strict=True))
             for name in ("ours 2", "ours 1 twice")}
    return {name: max(values) for name, values in figures.items()}, gains


def copy_seconds(threads, buffers):
    """Time for each of so many threads to copy its own 64 MB ten times (numpy copies without the interpreter's lock)."""
    def copy(source, target):
        for _ in range(10):
            numpy.copyto(target, source)

    workers = [threading.Thread(target=copy, args=pair) for pair in buffers[:threads]]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - begun


def memcpy_gain():
    """What a second thread gains at memcpy: the memory's own limit."""
    buffers = [(numpy.ones(1 << 26, numpy.uint8), numpy.zeros(1 << 26, numpy.uint8)) for _ in range(2)]
    return statistics.median(2 * copy_seconds(1, buffers) / copy_seconds(2, buffers) for _ in range(9))


def main():
    print(f"{os.cpu_count()} processors; rivals with 2 threads and glibc told to keep freed memory; best of {ROUNDS} rounds in turn", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        documents = folder / "documents.jsonl"
        print(f"{write_documents(documents)} documents of 1 KB", flush=True)
        plain, gains = compare(folder, documents, False, ["tokie + numpy", "splintr + numpy", "DataLoader"])
        best = max(["tokie + numpy", "splintr + numpy"], key=plain.get)
        emit("text to MLM batches, 2 threads", plain["ours 2"], best, plain[best], 1.5)
        emit("text to MLM batches, 2 threads", plain["ours 2"], "DataLoader, 2 workers", plain["DataLoader"], 40)
        emit("text to MLM batches, two threads over one", gains["ours 2"], "one thread", 1.0, 1.8, unit="times")
        emit("text to MLM batches, two threads over one", gains["ours 2"], "two programs over one", gains["ours 1 twice"], 0.9, unit="times")
        full, gains = compare(folder, documents, True, ["tokie + numpy + BertEmbeddings", "splintr + numpy + BertEmbeddings"])
        best = max(["tokie + numpy + BertEmbeddings", "splintr + numpy + BertEmbeddings"], key=full.get)
        emit("text to MLM batches with embeddings, 2 threads", full["ours 2"], best, full[best], 3)
        emit("with embeddings, two threads over one", gains["ours 2"], "memcpy, two over one", memcpy_gain(), 0.9, unit="times")
    return 0


if __name__ == "__main__":
    sys.exit(main())
