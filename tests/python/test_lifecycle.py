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
    print(error.code.name)
try:
    next(session)
except embedloom.CancelledError as error:
    print("again", error.code.name)
""")
    assert out == "interrupted\nagain interrupted\n"


@pytest.mark.parametrize("opening", ["next(iter(embedloom.torch.Loader(settings, **rank)))", "len(embedloom.torch.Loader(settings, **rank))",
                                     "embedloom.open(settings, **rank).length()", "embedloom.open(settings, **rank).begin_epoch(0)"])
def test_ctrl_c_ends_the_opening_of_data(tmp_path, opening):
    out = support.run(SLOW + f"""
import embedloom.torch, signal, threading, time
settings["run"].update(on_error="skip", lanes=2)  # so that ranks must count, which takes long
rank = {{"rank": 0, "world_size": 2, "threads": 1}}
sent = []
def interrupt():
    begun = time.process_time()
    while time.process_time() < begun + 0.3:  # it works
        time.sleep(0.001)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    {opening}
    print("not interrupted")
except KeyboardInterrupt:
    print(time.perf_counter() - sent[0] < 0.4)
""", tmp_path)
    assert out == "True\n"


def test_progress_is_told_while_another_thread_waits(tmp_path):
    out = support.run(SLOW + """
import threading, time
session = embedloom.open(settings, threads=1)
def take():
    try:
        next(session)
    except embedloom.CancelledError:
        pass
thread = threading.Thread(target=take); thread.start()
while not any(session.progress()["stage_seconds"].values()):
    pass
took = []
for _ in range(10):
    begun = time.perf_counter()
    session.progress(), session.rank
    took.append(time.perf_counter() - begun)
session.cancel(); thread.join()
print(max(took) < 0.5)
""", tmp_path)
    assert out == "True\n"


def test_an_error_is_told_to_every_thread_that_shares_the_session(tmp_path):
    lines = tmp_path / "lines.txt"
    lines.write_bytes(b"good line\n" * 3000 + b"bad \xff\n" + b"good line\n" * 3000)
    out = support.run(f"""
import embedloom, support, threading
session = embedloom.open(support.config(source={{"files": [{str(lines)!r}]}}), {{"run.batches": 12}})
told = []
def take():
    try:
        for batch in session: pass
        told.append("the end")
    except embedloom.BadDataError as error:
        told.append(error.line)
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(told)
""")
    assert out == "[3001, 3001, 3001, 3001]\n"


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


@pytest.mark.parametrize("opening", ["length", "windows", "state_dict"])
def test_fork_after_the_data_is_opened_is_refused_with_advice(opening):
    out = support.run(ENDLESS + f"""
import os, sys
session = embedloom.open(settings)
session.{opening}()
child = os.fork()
if child == 0:
    try:
        next(session)
    except embedloom.UsageError as error:
        print("spawn" in error.hint and "fork" in error.found)
    print(next(embedloom.open(settings)).step)
    sys.exit(0)
print(os.waitpid(child, 0)[1], next(session).step)
""")
    assert out == "True\n0\n0 0\n", "and a session of the child's own works: no engine has run in the parent"


def test_a_tokenizer_works_in_a_child_that_was_forked_in_the_middle_of_a_call():
    out = support.run("""
import embedloom, os, support, threading
tokenizer = embedloom.tokenizer({**support.config()["tokenizer"]})
stop = False
def encode():
    while not stop:
        tokenizer.encode_batch(["hello world " * 50] * 500)
threads = [threading.Thread(target=encode) for _ in range(2)]
for thread in threads: thread.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        os._exit(len(tokenizer.encode("hello").ids))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), end=" ")
stop = True
for thread in threads: thread.join()
""")
    assert out == "3 " * 20


def test_a_session_opens_in_a_child_that_was_forked_while_others_open():
    out = support.run("""
import embedloom, os, signal, support, threading
stop = False
def go():
    while not stop:
        embedloom.open(support.config()).close()
        embedloom.tokenizer(support.config()["tokenizer"])
threads = [threading.Thread(target=go) for _ in range(2)]
for thread in threads: thread.start()
for _ in range(100):
    child = os.fork()
    if child == 0:
        signal.alarm(30)  # a child that waits for ever is ended
        embedloom.open(support.config()).close()
        os._exit(len(embedloom.tokenizer(support.config()["tokenizer"]).encode("hello").ids))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), end=" ", flush=True)
stop = True
for thread in threads: thread.join()
""")
    assert out == "3 " * 100


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
    "import threading, time\ntokenizer = embedloom.tokenizer(settings['tokenizer'])\ndef encode():\n"
    "  while True: tokenizer.encode_batch(['hello world ' * 50] * 500)\nthreading.Thread(target=encode, daemon=True).start(); time.sleep(0.1)",
    "import threading\nsession = embedloom.open(settings); next(session)\ndef ask():\n  try:\n    while True: session.progress(); session.state_dict()\n"
    "  except embedloom.Error: pass\nthreading.Thread(target=ask, daemon=True).start(); next(session)",
    "import embedloom.torch\nbatches = iter(embedloom.torch.Loader(settings)); batch = next(batches)",
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


def test_threads_that_cannot_be_started_are_an_error():
    out = support.run(ENDLESS + """
import resource
def used():
    return next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmSize"))
many, few = embedloom.open(settings, threads=64), embedloom.open(settings, threads=1)
resource.setrlimit(resource.RLIMIT_AS, (used() + (100 << 20), resource.RLIM_INFINITY))
try:
    next(many)
except embedloom.ResourcesError as error:
    print(error.key_path, error.expected, "ulimit -u" in error.hint)
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(next(few).step)
""")
    assert out == "run.threads 66 True\n0\n"
