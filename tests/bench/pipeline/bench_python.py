"""The same batches in a Python loop: rate, first batch, the loop's own time, waiting, and the memory of eight ranks."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from common import HERE, ROOT, config, emit, rival, write_documents

BUILT = pathlib.Path(os.environ.get("EMBEDLOOM", ROOT / "build" / "embedloom")).parent
ENVIRONMENT = dict(os.environ, PYTHONPATH=str(BUILT / "python"))
ROUNDS, RANKS = 5, 8


def loop(path):
    done = subprocess.run([sys.executable, str(HERE / "python_loop.py"), str(path)], env=ENVIRONMENT, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def private_mebibytes(path):
    """The largest private memory of ranks that live side by side."""
    ranks = [subprocess.Popen([sys.executable, str(HERE / "python_loop.py"), str(path), str(rank), str(RANKS)], env=ENVIRONMENT,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) for rank in range(RANKS)]
    most = max(json.loads(process.stdout.readline())["private"] for process in ranks)
    for process in ranks:
        process.communicate()
    return most / (1 << 20)


def compare(path, documents, names):
    """Ours and the rivals in turn: of ours the best rate and the medians, of each rival its best."""
    mine, rivals = [], {name: [] for name in names}
    for turn in range(ROUNDS):
        mine.append(loop(path))
        for name in names if turn % 2 == 0 else ():
            rivals[name].append(rival(name, documents))
    ours = {key: statistics.median(run[key] for run in mine) for key in mine[0]} | {"rate": max(run["rate"] for run in mine)}
    return ours, {name: max(run.rate for run in runs) for name, runs in rivals.items()}, {
        name: min(run.first for run in runs) for name, runs in rivals.items()}


def main():
    print(f"{os.cpu_count()} processors; 2 threads; rivals with glibc told to keep freed memory; medians of {ROUNDS}, rates the best of them")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        documents = folder / "documents.jsonl"
        write_documents(documents)
        paths = {}
        for embeddings in (False, True):
            paths[embeddings] = folder / f"config-{embeddings}.yaml"
            paths[embeddings].write_text(json.dumps(config(documents, embeddings)))
        ours, rates, firsts = compare(paths[False], documents, ["tokie + numpy", "splintr + numpy", "DataLoader", "Grain"])
        best = max(["tokie + numpy", "splintr + numpy"], key=rates.get)
        for name, floor in ((best, 1.5), ("DataLoader", 40), ("Grain", 40)):
            emit("Python loop over MLM batches", ours["rate"] / 1e6, name, rates[name] / 1e6, floor)
        soonest = min(firsts, key=firsts.get)
        emit("first batch, import included", ours["first"], soonest, firsts[soonest], unit="s")
        emit("first batch, import included", ours["first"], "400 ms", 0.4, 1, unit="s")
        emit("the loop's own time a batch", ours["own"] * 1e6, "50 us", 50, 1, unit="us")
        emit("a state", ours["state"] * 1e6, "1 ms", 1000, 1, unit="us")
        emit("resume late in the run, to its next batch", ours["resume"], "200 ms", 0.2, 1, unit="s")
        print(f"while the consumer is away for half a second, all threads take {ours['idle']:.2%} of one processor")
        ours, rates, _ = compare(paths[True], documents, ["tokie + numpy + BertEmbeddings", "splintr + numpy + BertEmbeddings"])
        best = max(rates, key=rates.get)
        emit("Python loop over MLM batches with embeddings", ours["rate"] / 1e6, best, rates[best] / 1e6, 3)
        emit(f"private memory of one of {RANKS} ranks, with embeddings", private_mebibytes(paths[True]), "200 MiB", 200, 1, unit="MiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
