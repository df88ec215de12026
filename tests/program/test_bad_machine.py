"""A machine that is short of something, and people who stop a run. Rows R01 to R11 of the catalogue of bad input.

Whatever happens: an exit code with a reason, no hang, and the batches that are there are whole.
"""

import gzip
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import time

import pytest
from bad_input import Ended, ended, pipeline, settings

JARGON = str(pipeline.ASSETS / "prose-jargon" / "jargon.txt")


def real(folder, **changes):
    """A run over real text into a folder."""
    out = settings(folder, None, **{"batch": {"size": 64}, **changes})
    out["source"] = {"use": "text", "files": [JARGON]}
    out["tokenizer"] = pipeline.wordpiece()
    out["sink"] = {"use": "safetensors", "directory": str(pathlib.Path(folder) / "out"), **changes.get("sink", {})}
    path = pathlib.Path(folder) / "config.yaml"
    path.write_text(json.dumps(out))
    return path


def command(path, *arguments):
    return [str(pipeline.PROGRAM), "run", str(path), "--progress", "none", *map(str, arguments)]


def check_whole(folder):
    """Every batch of the list is there as it was written, and nothing half written beside it. Gives their digests."""
    out = pathlib.Path(folder) / "out"
    listed = [json.loads(line) for line in (out / "batches.jsonl").read_text().splitlines()] if (out / "batches.jsonl").exists() else []
    for batch in listed:
        assert hashlib.sha256((out / batch["file"]).read_bytes()).hexdigest() == batch["sha256"]
    return [batch["sha256"] for batch in listed]


def limits(**wanted):
    def set_limits():
        for name, value in wanted.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))
    return set_limits


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The digests of the run under no limit."""
    folder = tmp_path_factory.mktemp("plain")
    Ended(command(real(folder), "--steps", 20)).says(0)
    return check_whole(folder)


SURROUNDINGS = {
    "one core": {"preexec_fn": lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})},
    "ulimit -n 64": {"preexec_fn": limits(NOFILE=64)},
    "ulimit -n 12": {"preexec_fn": limits(NOFILE=12)},
    "ulimit -s 256": {"preexec_fn": limits(STACK=256 << 10)},
    "LANG=tr_TR": {"env": {**os.environ, "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"}},
    "LC_ALL=C": {"env": {**os.environ, "LC_ALL": "C"}},
    "a locale that is not there": {"env": {**os.environ, "LC_ALL": "no_SUCH"}},
    "another time zone": {"env": {**os.environ, "TZ": "Asia/Tokyo"}},
    "no environment": {"env": {}},
    "another working folder": {"cwd": "/"},
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_surroundings_change_no_byte(tmp_path, plain, name):  # R11
    Ended(command(real(tmp_path), "--steps", 20), **SURROUNDINGS[name]).says(0)
    assert check_whole(tmp_path) == plain


def test_many_threads_change_no_byte(tmp_path, plain):  # R11
    Ended(command(real(tmp_path), "--steps", 20, "--threads", 200)).says(0)
    assert check_whole(tmp_path) == plain


@pytest.mark.parametrize("name", ["ж ü", "new\nline", "quo'te\"", "-dash", "x" * 255])
def test_odd_names_of_folders_work(tmp_path, plain, name):  # R11
    folder = tmp_path / name
    folder.mkdir()
    Ended(command(real(folder), "--steps", 20), env={"LC_ALL": "C"}).says(0)
    assert check_whole(folder) == plain


@pytest.mark.parametrize("threads", [2, 8])
@pytest.mark.parametrize("mebibytes", [*range(22, 56, 2), *range(56, 96, 4), 100, 200])
def test_with_too_little_memory_a_run_ends_with_71_or_is_right(tmp_path, plain, mebibytes, threads):  # R05
    done = Ended(command(real(tmp_path), "--steps", 20, "--threads", threads), preexec_fn=limits(AS=mebibytes << 20))
    written = check_whole(tmp_path)
    assert written == plain[:len(written)]
    if done.code == 127 and "shared libraries" in done.stderr:
        return  # the loader of the system gave up before the program began
    assert done.code in (0, 71), (done.code, done.stderr)
    assert done.code == 0 or "memory" in done.stderr or "threads" in done.stderr


@pytest.mark.parametrize("files", range(4, 12))
def test_with_too_few_descriptors_a_run_ends_with_71_or_is_right(tmp_path, plain, files):  # R03 EMFILE
    done = Ended(command(real(tmp_path), "--steps", 20), preexec_fn=limits(NOFILE=files))
    written = check_whole(tmp_path)
    assert written == plain[:len(written)]
    if done.code == 127 and "shared libraries" in done.stderr:
        return  # the loader of the system gave up before the program began
    assert done.code in (0, 71), (done.code, done.stderr)
    assert done.code == 0 or done.stderr.startswith("error: ")


def as_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


@pytest.fixture
def common_folder(monkeypatch):
    """A folder that others may look into, with a program that they may run: the checkout may be in a folder of root's alone."""
    if os.geteuid() != 0:
        pytest.skip("becoming somebody else takes root")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        shutil.copytree(pipeline.PROGRAM.parent / "plugins", folder / "plugins")
        monkeypatch.setattr(pipeline, "PROGRAM", pathlib.Path(shutil.copy(pipeline.PROGRAM, folder / "embedloom")))
        yield folder


def test_what_is_not_allowed_ends_with_77(common_folder):  # R03
    folder = common_folder
    config = settings(folder, sink={"use": "jsonl", "directory": str(folder / "out")})
    ended("run", config, preexec_fn=as_nobody).says(77, str(folder / "out"))
    del config["sink"]
    (folder / "data.txt").chmod(0o600)
    for asked in ("check", "run"):
        ended(asked, config, preexec_fn=as_nobody).says(77, str(folder / "data.txt"), "config.yaml:1:", "source.files.0")
    (folder / "data.txt").chmod(0o644)
    (folder / "small.txt").chmod(0o600)
    ended("check", config, preexec_fn=as_nobody).says(77, str(folder / "small.txt"))
    (folder / "config.yaml").chmod(0o600)
    Ended(command(folder / "config.yaml"), preexec_fn=as_nobody).says(77, str(folder / "config.yaml"))


@pytest.mark.parametrize("entry", ["data", "data/*/*.txt", "data/*/x.txt", "d*"])
def test_a_folder_that_may_not_be_looked_through_is_named(common_folder, entry):  # R03
    for name in ("no", "yes"):
        (common_folder / "data" / name).mkdir(parents=True)
        (common_folder / "data" / name / "x.txt").write_text("good line\n")
    (common_folder / "data" / "no").chmod(0o700)
    config = settings(common_folder)
    config["source"]["files"] = [str(common_folder / entry)]
    for asked in ("check", "run"):
        path = common_folder / "config.yaml"
        path.write_text(json.dumps(config))
        Ended([str(pipeline.PROGRAM), asked, str(path)], preexec_fn=as_nobody).says(77, str(common_folder / "data" / "no"), "source.files.0")


@pytest.mark.parametrize("place", ["/proc/nowhere", "file/out", "x" * 300])
def test_an_output_folder_that_cannot_be_made_is_told(tmp_path, place):  # R03
    (tmp_path / "file").touch()
    done = Ended(command(real(tmp_path, sink={"directory": place})))
    assert done.code in (73, 74, 78) and place.split("/")[-1] in done.stderr, (done.code, done.stderr)


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [["show", "CONFIG"], ["check", "CONFIG"], ["run", "CONFIG", "--json", "--progress", "none"], ["plugins"],
                                       ["describe", "text"], ["schema"], ["--help"], ["run", "--help"]])
def test_output_that_does_not_arrive_is_no_success(tmp_path, arguments):  # R03 ENOSPC
    config = real(tmp_path)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(pipeline.PROGRAM), *(str(config) if word == "CONFIG" else word for word in arguments)], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 74 and "standard output" in done.stderr, (done.returncode, done.stderr)


@pytest.mark.parametrize("arguments", [["show", "CONFIG"], ["run", "CONFIG", "--progress", "plain"], ["run", "CONFIG", "--json"]])
def test_a_reader_that_is_gone_keeps_no_run(tmp_path, arguments):  # R06
    config = real(tmp_path, run={"steps": 50})
    process = subprocess.Popen([str(pipeline.PROGRAM), *(str(config) if word == "CONFIG" else word for word in arguments)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    process.stderr.close()
    code = process.wait(timeout=60)
    assert code in (0, 74, -signal.SIGPIPE), code
    assert len(check_whole(tmp_path)) == (50 if code == 0 and "run" in arguments else len(check_whole(tmp_path)))


def has_begun(folder):
    listed = folder / "out" / "batches.jsonl"
    return listed.exists() and listed.stat().st_size > 0


def start(tmp_path, *arguments, **changes):
    """An endless run that has written its first batch and listed it."""
    process = subprocess.Popen(command(real(tmp_path, run={"epochs": "endless", "cache": str(tmp_path / "cache")}, **changes), *arguments),
                               stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not has_begun(tmp_path) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.01)        # waits for the program's own files, not for time to pass
    return process


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_the_run_with_whole_batches(tmp_path, number, code):  # R01
    process = start(tmp_path)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code and "a request to stop" in stderr and "stay valid" in stderr, stderr
    assert check_whole(tmp_path) and not list((tmp_path / "out").glob("*.part"))


@pytest.mark.parametrize("number,code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_second_signal_ends_the_run_at_once(tmp_path, number, code):  # R01
    process = start(tmp_path)
    process.send_signal(number)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert check_whole(tmp_path)


def test_kill_leaves_whole_batches_and_no_lock(tmp_path):  # R02, R09
    process = start(tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert check_whole(tmp_path)
    Ended(command(tmp_path / "config.yaml", "--steps", 3, "--set", "sink.existing=replace")).says(0)
    assert len(check_whole(tmp_path)) == 3 and not list((tmp_path / "out").glob("*.part"))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"manifest.json", "batches.jsonl", *(f"batch-0000000{i}.safetensors" for i in range(3))}


def test_a_run_that_nobody_may_hang_up_goes_on(tmp_path):  # R01: nohup
    path = real(tmp_path, run={"epochs": 3, "cache": str(tmp_path / "cache")})
    process = subprocess.Popen(command(path), stderr=subprocess.PIPE, text=True, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    until = time.monotonic() + 60
    while not has_begun(tmp_path) and time.monotonic() < until:
        time.sleep(0.01)        # waits for the program's own files, not for time to pass
    process.send_signal(signal.SIGHUP)
    assert process.communicate(timeout=300)[1] == "" and process.returncode == 0


def listens(process):
    """Whether the program has its handler of SIGINT."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("SigCgt:")[1].split()[0], 16) >> (signal.SIGINT - 1) & 1


def stopped_early(tmp_path, config):
    """SIGINT as soon as the program listens, while no batch is there yet."""
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps(config))
    process = subprocess.Popen([str(pipeline.PROGRAM), "run", str(path)], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not listens(process) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)       # waits for the program, not for time to pass
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr


def test_a_signal_ends_the_scan_for_records(tmp_path):  # R01
    config = settings(tmp_path, run={"shuffle": True})
    (tmp_path / "j.txt").symlink_to(JARGON)
    config["source"]["files"] = ["j.txt"] * 20_000  # 40 GB to scan
    code, stderr = stopped_early(tmp_path, config)
    assert code == 130 and "a request to stop" in stderr, stderr


def test_a_signal_ends_unpacking(tmp_path):  # R01
    data = gzip.compress(bytes(range(256)) * 4096 * 400, compresslevel=0)  # 400 MB
    code, stderr = stopped_early(tmp_path, settings(tmp_path, data, "data.gz"))
    assert code == 130 and "a request to stop" in stderr, stderr
    assert not [path for path in (tmp_path / "cache").glob("*") if path.stat().st_size], "no half copy stays"


def test_two_runs_never_write_into_one_folder(tmp_path):  # R09
    process = start(tmp_path)
    for existing in ("refuse", "replace"):
        Ended(command(tmp_path / "config.yaml", "--steps", 3, "--set", f"sink.existing={existing}")).says(73, str(tmp_path / "out"), "another run")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143 and check_whole(tmp_path)


def test_data_that_is_replaced_between_runs_is_unpacked_anew(tmp_path):  # R04
    for lines in (3, 5):
        data = subprocess.run(["gzip", "-c"], input=b"good line\n" * lines, stdout=subprocess.PIPE, check=True).stdout
        ledger = json.loads(ended("run", settings(tmp_path, data, "data.gz"), "--json").says(0).stdout)["ledger"]
        assert ledger["emitted"] == lines
