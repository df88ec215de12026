"""Embedloom in a Python loop, in a process of its own: prints what bench_python.py asks for, as JSON.

    python_loop.py CONFIG             the first batch, the rate, and what the loop itself takes
    python_loop.py CONFIG RANK WORLD  memory of one rank after some batches; it stays until its standard input ends
"""
import json
import sys
import time

STARTED = time.perf_counter()
import embedloom  # noqa: E402  the import is part of what is measured

SLEEP = 0.5


def take(batch):
    """All that a training loop takes of a batch; returns its tokens."""
    for name in batch:
        batch[name]
    return batch.valid_tokens


def idle_seconds():
    """Processor time of all threads while the consumer is away: once the slots are full, nothing may run."""
    time.sleep(SLEEP)
    begun = time.process_time()
    time.sleep(SLEEP)
    return time.process_time() - begun


def loop(path):
    with embedloom.open(path, threads=2) as session:
        take(next(session))
        first = time.perf_counter() - STARTED
        idle = idle_seconds()
        begun, own, batches, tokens = time.perf_counter(), time.thread_time(), 0, 0
        for batch in session:
            tokens += take(batch)
            batches += 1
        seconds, own = time.perf_counter() - begun, time.thread_time() - own
    return {"first": first, "rate": tokens / seconds, "own": own / batches, "idle": idle / SLEEP} | resume(path, batches * 3 // 4)


def resume(path, step):
    """Seconds for a state, taken late in a run, and from there to the batch after it, in a session of its own."""
    with embedloom.open(path, threads=2, steps=step) as session:
        for batch in session:
            del batch
        begun = time.perf_counter()
        state = session.state_dict()
        taken = time.perf_counter() - begun
    begun = time.perf_counter()
    with embedloom.open(path, threads=2) as session:
        session.load_state_dict(state)
        take(next(session))
        return {"state": taken, "resume": time.perf_counter() - begun}


def private_bytes():
    with open("/proc/self/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) << 10 for line in file if line.startswith(("Private_Clean", "Private_Dirty")))


def rank(path, number, world):
    """Private memory without the batches that the session holds."""
    with embedloom.open(path, rank=number, world_size=world, threads=1) as session:
        size = 0
        for _ in range(8):
            batch = next(session)
            size = max(size, sum(memoryview(batch[name]).nbytes for name in batch))
        print(json.dumps({"private": private_bytes() - size}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(loop(sys.argv[1])))
    else:
        rank(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
