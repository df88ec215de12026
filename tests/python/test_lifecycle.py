"""Signals, forks, threads and the interpreter's end, each in an interpreter of its own."""

import os
import signal
import subprocess
import sys
import time

import pytest

import support

ENDLESS = """
import embedloom, support
settings = support.config(run={"epochs": "endless"})
"""

# Windows that take long, so that next() really waits: records of 2 MB, a hundred of them a batch.
SLOW = """
import embedloom, support, sys, tempfile, os
file = os.path.join(sys.argv[1], "slow.txt")
with open(file, "w") as out:
    for _ in range(400):
        out.write("word " * 400_000 + "\\n")
settings = support.config(source={"files": [file]}, batch={"size": 100, "emit": ["input_ids"]}, segment={"max_length": 1 << 20},
                          run={"memory": "64 GiB", "lanes": 1})
"""


def test_ctrl_c_ends_the_wait_within_a_fifth_of_a_second(tmp_path):
    child = support.start(SLOW + """
import threading
session = embedloom.open(settings, threads=1)
def watch():  # what has worked has begun, and the batch is long in coming
    while not any(session.progress()["stage_seconds"].values()):
        pass
    print("waiting", flush=True)
threading.Thread(target=watch).start()
try:
    next(session)
    print("not interrupted", flush=True)
except KeyboardInterrupt:
    import time
    print(time.time(), flush=True)
session.close()
""", tmp_path)
    assert child.stdout.readline() == "waiting\n"
    sent = time.time()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0 and err == "", err
    assert float(out) - sent < 0.2


def test_another_thread_cancels():
    out = support.run(ENDLESS + """
import threading
session = embedloom.open(settings)
next(session)
threading.Timer(0.05, session.cancel).start()
try:
    for batch in session:
        pass
except embedloom.CancelledError as error:
    print(error.code.name, next(session, None))
""")
    assert out == "interrupted None\n"


def test_the_gil_is_free_while_next_waits(tmp_path):
    out = support.run(SLOW + """
import threading, time
session = embedloom.open(settings, threads=1)
looks = []
def count():
    while not stop.wait(0.001):
        looks.append(time.perf_counter())
stop = threading.Event()
thread = threading.Thread(target=count); thread.start()
begun = time.perf_counter()
threading.Timer(0.5, session.cancel).start()
try:
    next(session)
except embedloom.CancelledError:
    pass
stop.set(); thread.join()
gaps = [b - a for a, b in zip(looks, looks[1:])]
print(len(looks) > 100, max(gaps) < 0.2)
""", tmp_path)
    assert out == "True True\n"


@pytest.mark.parametrize("what", ["session", "another session"])
def test_fork_after_start_is_refused_with_advice(what):
    out = support.run(ENDLESS + f"""
import os, sys
session = embedloom.open(settings)
batch = next(session)
kept = batch["input_ids"].numpy()
total = int(kept.sum())
sys.stdout.flush()
child = os.fork()
if child == 0:
    try:
        next(session if {what!r} == "session" else embedloom.open(settings))
    except embedloom.UsageError as error:
        print("spawn" in error.hint and "fork" in error.found, int(kept.sum()) == total)
    del batch, kept
    session.close()
    sys.exit(0)
print(os.waitpid(child, 0)[1], next(session).step)
""")
    assert out == "True True\n0 1\n"


def test_fork_before_the_first_batch_is_fine():
    out = support.run(ENDLESS + """
import os, sys
session = embedloom.open(settings)
child = os.fork()
first = next(session)["input_ids"].numpy().sum()
os.write(1, f"{first}\\n".encode())  # in one piece, as both write into one pipe
session.close()
if child == 0:
    sys.exit(0)
print(os.waitpid(child, 0)[1])
""")
    lines = out.split()
    assert lines[0] == lines[1] and lines[2] == "0"


@pytest.mark.parametrize("alive", [
    "session = embedloom.open(settings); next(session)",
    "session = embedloom.open(settings); kept = [next(session)['input_ids'] for _ in range(2)]",
    "import torch; kept = torch.from_dlpack(next(embedloom.open(settings))['input_ids'])",
    "import builtins; builtins.kept = embedloom.open(settings); builtins.batch = next(builtins.kept)",
    "class Cycle: pass\nx = Cycle(); x.x = x; x.session = embedloom.open(settings); x.batch = next(x.session)",
    "import threading\nsession = embedloom.open(settings)\ndef take():\n  try:\n    for batch in session: pass\n"
    "  except embedloom.Error: pass\nthreading.Thread(target=take, daemon=True).start(); next(session)",
])
def test_the_interpreter_ends_cleanly_with(alive):
    begun = time.monotonic()
    assert support.run(ENDLESS + alive) == ""
    assert time.monotonic() - begun < 60


def test_a_session_that_nobody_holds_stops_its_threads():
    out = support.run(ENDLESS + """
import os, gc
import numpy
def threads(): return len(os.listdir("/proc/self/task"))
session = embedloom.open(settings); array = next(session)["input_ids"]; del session; gc.collect()
before = threads()
for _ in range(5):
    session = embedloom.open(settings); array = next(session)["input_ids"]
    del session
    gc.collect()
print(threads() <= before + 2, array.numpy().shape[0])
""")
    assert out == "True 64\n"


def test_threads_may_share_a_session():
    out = support.run(ENDLESS + """
import threading
session = embedloom.open(settings, {"run.batches": 12}, steps=200)
seen, lock = [], threading.Lock()
def take():
    for batch in session:
        with lock: seen.append((batch.step, int(batch["input_ids"].numpy().sum())))
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
alone = [(b.step, int(b["input_ids"].numpy().sum())) for b in embedloom.open(settings, steps=200)]
print(sorted(seen) == alone, len(alone))
""")
    assert out == "True 200\n"


def cost_of_waiting():
    """Processor seconds of this process while it waits for another."""
    begun = time.process_time()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    return time.process_time() - begun


def test_a_waiting_session_costs_no_processor_time():
    import embedloom

    with embedloom.open(support.config(run={"epochs": "endless"})) as session:
        batch = next(session)
        for _ in range(20):  # until every batch slot is filled
            if cost_of_waiting() < 0.02:
                break
        assert cost_of_waiting() < 0.02
        assert batch.rows == 64 and next(session).step == 1
