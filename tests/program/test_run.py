"""Whole runs of the program: the same bytes whatever the machine does, a balanced ledger whatever the data does."""
# presets: release asan

import hashlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import pipeline  # noqa: E402

JARGON = str(pipeline.ASSETS / "prose-jargon" / "jargon.txt")


def config(**changes):
    """A small MLM run over real text; sections of `changes` are merged into it."""
    out = {
        "source": {"use": "text", "files": [JARGON]},
        "tokenizer": pipeline.wordpiece(),
        "segment": {"use": "single", "max_length": 64},
        "objective": {"use": "mlm"},
        "batch": {"size": 64, "emit": ["input_ids", "attention_mask", "labels"]},
        "run": {"seed": 5, "shuffle": False, "window_bytes": 20_000},
    }
    for key, value in changes.items():
        out[key] = {**out.get(key, {}), **value} if isinstance(value, dict) else value
    return out


def lines(folder, texts):
    path = pathlib.Path(folder) / "lines.jsonl"
    path.write_text("".join((text if text.startswith("!") else json.dumps({"text": text})).lstrip("!") + "\n" for text in texts))
    return {"use": "jsonl", "files": [str(path)]}


def digests(folder):
    manifest = json.loads((pathlib.Path(folder) / "manifest.json").read_text())
    return [batch["sha256"] for batch in manifest["batches"]]


def run_into(folder, settings, *arguments, expected=0):
    out = pathlib.Path(folder) / "out"
    path = pipeline.write_config(folder, {**settings, "sink": {"use": "safetensors", "directory": str(out), "existing": "replace"}})
    done = pipeline.call("run", path, "--progress", "none", "--json", *arguments, expected=expected)
    return out, done


@pytest.mark.parametrize("shuffle", [False, True, "blocks"])
def test_bytes_do_not_depend_on_threads_or_engine(tmp_path, shuffle):
    settings = config(run={"shuffle": shuffle, "epochs": 2}, batch={"tail": "wrap"})
    wanted = None
    for threads, engine in [(1, "serial"), (1, "graph"), (2, "graph"), (8, "graph")]:
        out, done = run_into(tmp_path, settings, "--threads", threads, "--set", f"run.engine={engine}")
        found = digests(out)
        assert pipeline.ledger_of(done)["read"] == 2 * 29_771
        assert wanted is None or found == wanted, f"{threads} threads, {engine}"
        wanted = found


def test_files_of_the_manifest_are_whole(tmp_path):
    out, _ = run_into(tmp_path, config(), "--steps", 20)
    manifest = json.loads((out / "manifest.json").read_text())
    assert len(manifest["batches"]) == 20 and manifest["fingerprint"].startswith("config:")
    for batch in manifest["batches"]:
        data = (out / batch["file"]).read_bytes()
        assert len(data) == batch["bytes"] and hashlib.sha256(data).hexdigest() == batch["sha256"]
    assert [json.loads(line) for line in (out / "batches.jsonl").read_text().splitlines()] == manifest["batches"]


def test_another_run_s_folder_is_refused(tmp_path):
    out, _ = run_into(tmp_path, config(), "--steps", 2)
    done = pipeline.call("run", tmp_path / "config.yaml", "--progress", "none", "--set", "sink.existing=refuse", expected=73)
    assert "batches of an earlier run" in done.stderr and str(out) in done.stderr


@pytest.mark.parametrize("tail,rows,cut,repeats", [("short", 130, 0, 0), ("drop", 128, 2, 0), ("wrap", 192, 0, 62)])
def test_tails(tmp_path, tail, rows, cut, repeats):
    source = lines(tmp_path, [f"text number {i}" for i in range(130)])
    _, done = run_into(tmp_path, config(source=source, batch={"tail": tail}))
    ledger = pipeline.ledger_of(done)
    assert json.loads(done.stdout)["rows"] == rows
    assert (ledger["read"], ledger["emitted"], ledger["cut_at_tail"], ledger["repeats"]) == (130, 130 - cut, cut, repeats)


BAD = ["good one", '!{"text": 7}', "good two", '!{"text": "cut', '!{"txet": "x"}'] + [f"good {i}" for i in range(200)]


def test_a_bad_record_ends_the_run_with_its_place(tmp_path):
    good_then_bad = [f"good {i}" for i in range(150)] + ['!{"text": 7}'] + ["later"] * 100
    out, done = run_into(tmp_path, config(source=lines(tmp_path, good_then_bad), run={"window_bytes": 500}), expected=65)
    error = json.loads(done.stderr.splitlines()[0])
    begin = sum(len(json.dumps({"text": f"good {i}"})) + 1 for i in range(150))
    assert error["source"].endswith("lines.jsonl") and begin <= error["byte"] < begin + len('{"text": 7}')
    assert len(list(out.glob("batch-*.safetensors"))) == 2, "the batches before it are there"
    assert not (out / "manifest.json").exists()


def test_bad_records_are_skipped_and_counted(tmp_path):
    settings = config(source=lines(tmp_path, BAD), run={"on_error": {"policy": "skip", "at_most": 0.05}})
    _, done = run_into(tmp_path, settings)
    ledger = pipeline.ledger_of(done)
    assert (ledger["read"], ledger["skipped"], ledger["emitted"]) == (205, 3, 202)


def test_bad_records_are_quarantined_with_place_and_reason(tmp_path):
    folder = tmp_path / "q"
    settings = config(source=lines(tmp_path, BAD), run={"on_error": {"policy": "quarantine", "at_most": 0.05, "folder": str(folder)}})
    _, done = run_into(tmp_path, settings)
    assert pipeline.ledger_of(done)["quarantined"] == 3
    kept = [json.loads(line) for line in (folder / "quarantine.jsonl").read_text().splitlines()]
    begins = [kept_line["record"] for kept_line in kept]
    data = pathlib.Path(settings["source"]["files"][0]).read_bytes()
    assert [data[b:].split(b"\n")[0] for b in begins] == [b'{"text": 7}', b'{"text": "cut', b'{"txet": "x"}']
    assert all(line["error"]["source"].endswith("lines.jsonl") and line["error"]["found"] for line in kept)


def test_too_many_bad_records_end_the_run(tmp_path):
    settings = config(source=lines(tmp_path, BAD), run={"on_error": {"policy": "skip", "at_most": 0.01}})
    _, done = run_into(tmp_path, settings, expected=65)
    assert "run.on_error.at_most" in done.stderr


def test_interrupt_ends_the_run_and_what_is_written_stays(tmp_path):
    out = tmp_path / "out"
    settings = config(run={"epochs": 1000})
    path = pipeline.write_config(tmp_path, {**settings, "sink": {"use": "safetensors", "directory": str(out)}})
    process = subprocess.Popen([str(pipeline.PROGRAM), "run", str(path), "--progress", "none", "--json"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while len(list(out.glob("batch-*.safetensors"))) < 3 and time.monotonic() < until:
        time.sleep(0.01)        # waits for the program's own files, not for time to pass
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "stay valid" in stderr
    for line in (out / "batches.jsonl").read_text().splitlines():
        batch = json.loads(line)
        assert hashlib.sha256((out / batch["file"]).read_bytes()).hexdigest() == batch["sha256"]
    assert not list(out.glob("*.part"))
    assert json.loads(stdout)["ledger"]["balanced"]


def test_a_full_disk_is_told_and_leaves_whole_batches(tmp_path):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))

    out = tmp_path / "out"
    settings = config(batch={"size": 256, "pad": "max"})
    path = pipeline.write_config(tmp_path, {**settings, "sink": {"use": "safetensors", "directory": str(out)}})
    done = subprocess.run([str(pipeline.PROGRAM), "run", str(path), "--progress", "none"], capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 74 and "write" in done.stderr and str(out) in done.stderr
    assert not list(out.glob("batch-*")), "no half batch"


@pytest.mark.skipif(os.geteuid() != 0, reason="making a small file system takes root")
def test_no_space_left_names_the_folder(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(small)], capture_output=True).returncode:
        pytest.skip("no permission to mount")
    try:
        path = pipeline.write_config(tmp_path, {**config(), "sink": {"use": "safetensors", "directory": str(small)}})
        done = pipeline.call("run", path, "--progress", "none", expected=73)
        assert "No space left" in done.stderr and "stay valid" in done.stderr
        written = [json.loads(line) for line in (small / "batches.jsonl").read_text().splitlines() if line.endswith("}")]
        assert written
        for batch in written:
            assert hashlib.sha256((small / batch["file"]).read_bytes()).hexdigest() == batch["sha256"]
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_data_file_that_is_gone_or_empty(tmp_path):
    path = pipeline.write_config(tmp_path, config(source={"files": [str(tmp_path / "gone.txt")]}))
    assert "gone.txt" in pipeline.call("check", path, expected=66).stderr
    empty = tmp_path / "empty.txt"
    empty.touch()
    path = pipeline.write_config(tmp_path, config(source={"files": [str(empty)]}))
    assert "no record" in pipeline.call("run", path, "--progress", "none", expected=65).stderr


def start_endless(tmp_path, settings):
    """A run that goes on until something stops it, once it has written its first batch."""
    out = tmp_path / "out"
    settings["run"] = {**settings["run"], "epochs": "endless"}
    path = pipeline.write_config(tmp_path, {**settings, "sink": {"use": "safetensors", "directory": str(out)}})
    process = subprocess.Popen([str(pipeline.PROGRAM), "run", str(path), "--progress", "none"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not list(out.glob("batch-*.safetensors")) and time.monotonic() < until:
        time.sleep(0.01)        # waits for the program's own files, not for time to pass
    return process


@pytest.mark.parametrize("change", ["shorter", "longer", "gone"])
def test_data_that_changes_under_the_run_ends_it(tmp_path, change):
    data = tmp_path / "data.txt"
    data.write_bytes(pathlib.Path(JARGON).read_bytes())
    process = start_endless(tmp_path, config(source={"files": [str(data)]}))
    if change == "gone":
        data.unlink()
    else:
        os.truncate(data, 1000) if change == "shorter" else data.open("ab").write(b"more\n")
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 74 and str(data) in stderr, stderr


def test_a_table_that_shrinks_under_the_run_ends_it(tmp_path):
    model = tmp_path / "model.safetensors"
    model.write_bytes((pipeline.BERT / "model.safetensors").read_bytes())
    table = {"use": "safetensors", "file": str(model), "tensor": "embeddings.word_embeddings.weight"}
    settings = {**config(batch={"emit": ["embeddings"]}), "embedding": {"token": table}}
    process = start_endless(tmp_path, settings)
    os.truncate(model, 4096)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 74 and "model.safetensors" in stderr, (process.returncode, stderr)


def test_progress_none_says_nothing_and_plain_says_lines(tmp_path):
    path = pipeline.write_config(tmp_path, config())
    quiet = pipeline.call("run", path, "--progress", "none")
    assert quiet.stdout == "" and quiet.stderr == ""
    plain = pipeline.call("run", path, "--progress", "plain")
    assert "tokens/s" in plain.stderr and "balanced" in plain.stderr and "\x1b" not in plain.stderr


def test_rows_are_those_of_a_shuffle_of_all_records(tmp_path):
    import safetensors.torch
    settings = config(batch={"emit": ["input_ids"], "pad": "max"})
    settings.pop("objective")
    rows = {}
    for shuffle in (False, True):
        settings["run"]["shuffle"] = shuffle
        out, _ = run_into(tmp_path, settings)
        files = sorted(out.glob("batch-*.safetensors"))
        rows[shuffle] = [tuple(row.tolist()) for file in files for row in safetensors.torch.load_file(file)["input_ids"]]
    assert rows[True] != rows[False] and sorted(rows[True]) == sorted(rows[False])


def test_bad_records_are_told_in_quiet_too(tmp_path):
    bad = {"source": lines(tmp_path, BAD), "run": {"on_error": {"policy": "skip", "at_most": 0.5}}}
    for changes, wanted in ((bad, "skipped"), ({}, "")):
        path = pipeline.write_config(tmp_path, {**config(**changes), "sink": {"use": "discard"}})
        told = pipeline.call("run", path, "--progress", "none", "--steps", 2).stderr
        assert wanted in told and bool(told) == bool(wanted)
