"""Ranks and states: the same global stream for any number of ranks, and a run that was killed ends as one that was not."""
# presets: release asan

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import pipeline  # noqa: E402

JARGON = str(pipeline.ASSETS / "prose-jargon" / "jargon.txt")
PAIRS = str(pipeline.ASSETS / "qa-faq" / "faq.jsonl")
WORLDS = [3] if pipeline.SANITIZED else [2, 3, 4, 7, 8]
RANK_VARIABLES = ("RANK", "WORLD_SIZE", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")


def bad_lines(folder):
    """JSON lines of which every seventh is bad, and a stretch of nothing but bad ones."""
    texts = pathlib.Path(JARGON).read_text(encoding="utf-8").split("\n\n")[:1500]
    lines = [json.dumps({"text": text}) for text in texts]
    lines = [line if i % 7 else line[:-1] for i, line in enumerate(lines)]
    lines[600:640] = ["{" * 9] * 40
    path = pathlib.Path(folder) / "bad.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return {"use": "jsonl", "files": [str(path)]}


def case(name, folder):
    text = {"use": "text", "files": [JARGON], "records": "paragraphs"}
    out = {
        "source": text,
        "tokenizer": pipeline.wordpiece(),
        "segment": {"use": "single", "max_length": 64},
        "batch": {"size": 16},
        "run": {"seed": 5, "shuffle": True, "window_bytes": 4000, "steps": 200, "threads": 2, "cache": str(pathlib.Path(folder) / "cache")},
    }
    if name != "plain":
        out["objective"] = {"use": "mlm"}
        out["batch"]["emit"] = ["input_ids", "attention_mask", "labels"]
    if name == "file order":
        out["run"].update(shuffle=False, lanes=4)
    if name == "blocks":
        out["run"]["shuffle"] = "blocks"
    if name == "pairs, seven epochs":
        out["source"] = {"use": "jsonl", "files": [PAIRS], "text": "q", "pair": "a"}
        out["segment"] = {"use": "pair", "max_length": 64}
        out["run"].update(epochs=7)
        out["batch"].update(tail="wrap")
    if name == "bad records":
        out["source"] = bad_lines(folder)
        out["run"].update(shuffle=False, on_error={"policy": "skip", "at_most": 0.5}, epochs=3, lanes=2)
        out["batch"].update(tail="drop")
    if name == "bad records, shuffled":
        out["source"] = bad_lines(folder)
        out["run"].update(on_error={"policy": "skip", "at_most": 0.5}, epochs=3)
    if name == "bad records, blocks":
        out["source"] = bad_lines(folder)
        out["run"].update(shuffle="blocks", window_bytes=400, on_error={"policy": "skip", "at_most": 0.5}, epochs=3)
    if name == "another number of rows each epoch":
        out["source"] = bad_lines(folder)
        out["segment"] = {"use": "ragged"}
        out["plugins"] = [str(pipeline.TEST_PLUGINS)]
        out["run"].update(on_error={"policy": "skip", "at_most": 0.9}, epochs=6)
    if "epochs" in out["run"]:
        del out["run"]["steps"]  # these come to their end, a little later
    return out


CASES = ["blocks", "pairs, seven epochs", "bad records, shuffled", "another number of rows each epoch"]
if not pipeline.SANITIZED:
    CASES += ["plain", "file order", "bad records", "bad records, blocks"]


def environment(**more):
    return {**{key: value for key, value in os.environ.items() if key not in RANK_VARIABLES}, **more}


def run_into(out, settings, *arguments, expected=0, progress="none", **more):
    """One process of a run into a folder; the result that it printed."""
    sink = {"use": "jsonl", "directory": str(out), "existing": "replace"}
    path = pathlib.Path(f"{out}.yaml")
    path.write_text(json.dumps({"schema": 1, **settings, "sink": sink}))
    done = subprocess.run([str(pipeline.PROGRAM), "run", str(path), "--progress", progress, "--json", *map(str, arguments)],
                          capture_output=True, text=True, timeout=600, env=environment(**more))
    assert done.returncode == expected, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def ranks_into(out, settings, world, *arguments):
    """All ranks of a run, one after the other; their ledgers."""
    return [pipeline.ledger_of(run_into(out, settings, "--rank", rank, "--world-size", world, *arguments)) for rank in range(world)]


def rows_by_step(folder):
    """The lines of each step, those of the ranks one after the other."""
    steps = {}
    for file in sorted(folder.glob("batch-*.jsonl")):
        steps.setdefault(file.name[6:14], []).extend(file.read_text().splitlines())
    return steps


@pytest.mark.parametrize("name", CASES)
def test_ranks_together_give_the_stream_of_one(name, tmp_path):
    settings = case(name, tmp_path)
    whole = pipeline.ledger_of(run_into(tmp_path / "one", settings))
    expected = rows_by_step(tmp_path / "one")
    assert len(expected) >= 200 and sum(map(len, expected.values())) == whole["emitted"] + whole["repeats"]
    for threads in (1, 8):
        assert pipeline.ledger_of(run_into(tmp_path / f"by{threads}", settings, "--threads", threads)) == whole
        assert rows_by_step(tmp_path / f"by{threads}") == expected, f"{threads} threads"
    for world in WORLDS:
        ledgers = ranks_into(tmp_path / f"of{world}", settings, world)
        assert rows_by_step(tmp_path / f"of{world}") == expected, f"{world} ranks"
        for key in ("read", "split", "emitted", "skipped", "cut_at_tail", "repeats"):
            assert sum(ledger[key] for ledger in ledgers) == whole[key], key
        assert sum(ledger["elsewhere"] for ledger in ledgers) == 0


def test_counts_are_kept_for_other_runs_and_ranks(tmp_path):
    settings = quarantined(tmp_path / "q", case("bad records", tmp_path))
    (tmp_path / "long.jsonl").write_text("{" * 8000 + "\n" + "{" * 2_000_000 + "\n")  # a window with nothing but a bad record, then empty ones
    settings["source"]["files"].append(str(tmp_path / "long.jsonl"))

    def told(**changes):
        run = {**settings["run"], **changes}
        shutil.rmtree(tmp_path / "q", ignore_errors=True)
        done = run_into(tmp_path / "out", {**settings, "run": run}, "--rank", 0, "--world-size", 2, progress="plain")
        quarantine = (tmp_path / "q" / "quarantine-r00000.jsonl").read_bytes()
        return "an earlier run or rank has counted" in done.stderr, pipeline.ledger_of(done), quarantine, rows_by_step(tmp_path / "out")

    first = told()
    assert not first[0] and b"long.jsonl" in first[2]
    assert told() == (True, *first[1:])
    assert told(seed=6)[0] == told(window_bytes=8000)[0] == False
    for file in (tmp_path / "cache").glob("counts-*"):
        data = bytearray(file.read_bytes())
        data[5] ^= 1
        file.write_bytes(data)
    assert told() == first, "a file that is changed counts for nothing"


@pytest.mark.parametrize("shuffle", [False, True, "blocks"])
def test_rows_are_counted_once_for_all_epochs(shuffle, tmp_path):
    """Windows of nothing but bad records, which no rank makes, are told in every epoch all the same."""
    settings = quarantined(tmp_path / "q", case("bad records", tmp_path))
    with open(settings["source"]["files"][0], "a") as file:
        file.write("{\n" * 9000 + json.dumps({"text": "x" * 1_200_000}) + "\n")  # more than 1 MiB: counts are kept
    settings["run"].update(shuffle=shuffle, on_error={**settings["run"]["on_error"], "at_most": 1}, window_bytes=1000)
    whole = pipeline.ledger_of(run_into(tmp_path / "whole", settings))
    quarantine = sorted((tmp_path / "q" / "quarantine.jsonl").read_bytes().splitlines())
    assert len(quarantine) == whole["quarantined"] > 27_000
    shutil.rmtree(tmp_path / "q")
    for run in range(2):
        done = [run_into(tmp_path / "ranks", settings, "--rank", rank, "--world-size", 2, progress="plain") for rank in range(2)]
        assert done[0].stderr.count("the rows of") == 1 and ("counting the rows of all epochs" in done[0].stderr) == (run == 0)
        assert len(list((tmp_path / "cache").glob("counts-*"))) == 1
        for key in ("read", "emitted", "quarantined"):
            assert sum(pipeline.ledger_of(each)[key] for each in done) == whole[key], key
        told = b"".join(file.read_bytes() for file in (tmp_path / "q").iterdir())
        assert sorted(told.splitlines()) == quarantine
        assert rows_by_step(tmp_path / "ranks") == rows_by_step(tmp_path / "whole")
        shutil.rmtree(tmp_path / "q")


def test_threads_of_a_rank_change_nothing(tmp_path):
    settings = case("blocks", tmp_path)
    for threads in (1, 8):
        ranks_into(tmp_path / f"threads{threads}", settings, 3, "--threads", threads, "--steps", 60)
    assert rows_by_step(tmp_path / "threads1") == rows_by_step(tmp_path / "threads8")


def test_launchers_say_the_rank(tmp_path):
    settings = case("plain", tmp_path)
    settings["run"]["steps"] = 3
    asked = run_into(tmp_path / "asked", settings, "--rank", 1, "--world-size", 2).stdout
    for i, variables in enumerate([{"RANK": "1", "WORLD_SIZE": "2"}, {"SLURM_PROCID": "1", "SLURM_STEP_NUM_TASKS": "2"},
                                   {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "RANK": "1", "WORLD_SIZE": "2"}]):
        assert json.loads(run_into(tmp_path / f"l{i}", settings, **variables).stdout)["tokens"] == json.loads(asked)["tokens"]
        assert rows_by_step(tmp_path / f"l{i}") == rows_by_step(tmp_path / "asked")


def test_numbers_that_cannot_be_are_refused(tmp_path):
    settings = case("plain", tmp_path)
    out = tmp_path / "out"
    for arguments, variables, code, words in [
        (["--rank", 2, "--world-size", 2], {}, 64, "below the world size"),
        (["--rank", 0], {}, 64, "without a world size"),
        (["--world-size", 2], {}, 64, "without a rank"),
        ([], {"RANK": "x", "WORLD_SIZE": "2"}, 78, "RANK=x"),
        ([], {"RANK": "0", "WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}, 78, "agree"),
        (["--rank", 0, "--world-size", 17], {}, 78, "16"),
    ]:
        done = run_into(out, settings, *arguments, expected=code, **variables)
        assert words in done.stderr + done.stdout, done.stderr


def content(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.name != ".lock"}


@pytest.mark.parametrize("name", CASES)
def test_a_run_in_pieces_leaves_the_same_folder(name, tmp_path):
    settings = case(name, tmp_path)
    whole = pipeline.ledger_of(run_into(tmp_path / "whole", settings))
    dice = random.Random(7)
    steps, most = 0, settings["run"].get("steps", 10**6)
    while True:
        steps += dice.choice([1, 2, 17, 60])
        done = run_into(tmp_path / "pieces", settings, "--state", tmp_path / "state", "--steps", min(steps, most))
        state = (tmp_path / "state").read_text()
        assert len(state) < 4096
        if json.loads(state).get("ended") or json.loads(state)["step"] < steps or steps >= most:
            break
    assert content(tmp_path / "pieces") == content(tmp_path / "whole")
    assert pipeline.ledger_of(done) == whole


def test_another_number_of_ranks_goes_on(tmp_path):
    settings = case("pairs, seven epochs", tmp_path)
    run_into(tmp_path / "whole", settings)
    run_into(tmp_path / "pieces", settings, "--state", tmp_path / "state", "--steps", 23)
    for rank in range(3):
        shutil.copy(tmp_path / "state", tmp_path / f"state-r0000{rank}")
    ledgers = ranks_into(tmp_path / "pieces", settings, 3, "--state", tmp_path / "state")
    rows = rows_by_step(tmp_path / "pieces")
    assert rows == rows_by_step(tmp_path / "whole")
    assert sum(ledger["read"] for ledger in ledgers) == 7 * len(pathlib.Path(PAIRS).read_text().splitlines())


def test_a_killed_run_ends_as_one_that_was_not(tmp_path):
    settings = case("bad records, shuffled", tmp_path)
    settings["batch"].update(size=4)
    run_into(tmp_path / "whole", settings)
    sink = {"use": "jsonl", "directory": str(tmp_path / "killed"), "existing": "replace"}
    config = tmp_path / "killed.yaml"
    config.write_text(json.dumps({"schema": 1, **settings, "sink": sink}))
    state, dice, kills = tmp_path / "state", random.Random(3), 0
    command = [str(pipeline.PROGRAM), "run", str(config), "--progress", "none", "--state", str(state)]

    def is_killed(within):
        """A process that is killed at any moment of a time after it has come a batch further; or it comes to its end, which must be a good one."""
        before = state.stat().st_mtime_ns if state.exists() else 0
        process = subprocess.Popen(command, env=environment())
        while process.poll() is None and not (state.exists() and state.stat().st_mtime_ns != before):
            time.sleep(0.002)
        try:
            process.wait(timeout=within)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        assert process.wait() in (0, -signal.SIGKILL)
        return process.returncode != 0

    # On a machine that is fast beside its clock a run ends after few kills: then another one begins.
    while kills < 40:
        shutil.rmtree(tmp_path / "killed", ignore_errors=True)
        state.unlink(missing_ok=True)
        while is_killed(0.02 * dice.random() if kills < 40 else 300):
            kills += 1
        assert content(tmp_path / "killed") == content(tmp_path / "whole")


def test_states_that_do_not_fit_are_refused_by_name(tmp_path):
    settings = case("file order", tmp_path)
    copy = tmp_path / "text.txt"
    shutil.copy(JARGON, copy)
    settings["source"]["files"] = [str(copy)]
    state, out = tmp_path / "state", tmp_path / "out"
    run_into(out, settings, "--state", state, "--steps", 5)
    good = state.read_text()

    def refused(code, words, changed=None, text=good, *arguments):
        state.write_text(text)
        done = run_into(out, {**settings, **(changed or {})}, "--state", state, *arguments, expected=code)
        assert words in done.stderr and str(state) in done.stderr, done.stderr

    refused(78, "config values", {"segment": {"use": "single", "max_length": 65}})
    refused(78, "vocabularies", {"tokenizer": {**pipeline.wordpiece(), "vocab": other_vocabulary(tmp_path)}})
    for text in ["", good[:-20], "{}", good.replace('"step"', '"stop"'), "x" * 2_000_000]:
        refused(65, "begin anew", text=text)
    with open(copy, "a", encoding="utf-8") as file:
        file.write("\n\nOne more paragraph.\n")
    refused(78, "data files")
    state.write_text(good)
    run_into(out, settings, "--state", state, "--steps", 8, "--accept-changed-data")


@pytest.mark.parametrize("world", [1, 2])
@pytest.mark.parametrize("shuffle", [False, True])
def test_the_ledger_stays_right_over_changed_data(shuffle, world, tmp_path):
    """Windows that were begun have other rows now: none of them are pending from before, and none become less than none."""
    file = tmp_path / "lines.txt"
    texts = [f"line {i} with {i % 9} words".encode() for i in range(900)]
    settings = case("plain", tmp_path)
    settings.update(source={"use": "text", "files": [str(file)]}, batch={"size": 10, "tail": "drop"})
    settings["run"].update(shuffle=shuffle, window_bytes=2000, lanes=5, epochs=2)
    settings["run"].pop("steps")
    others = {"fewer": texts[:880], "more": texts + texts[:99], "longer": [text * 2 for text in texts], "shorter": [text[:12] for text in texts]}
    for name, changed in others.items():
        state = tmp_path / f"{name}.json"
        file.write_bytes(b"\n".join(texts))
        before = pipeline.ledger_of(run_into(tmp_path / name, settings, "--steps", 7, "--state", state))
        assert before["pending"] > 0
        file.write_bytes(b"\n".join(changed))
        arguments = ["--state", state, "--accept-changed-data"] + (["--world-size", world] if world > 1 else [])
        taken = state.read_text()
        after = []
        for rank in range(world):
            state.write_text(taken)
            after.append(pipeline.ledger_of(run_into(tmp_path / name, settings, *arguments, *(["--rank", rank] if world > 1 else []))))
        assert all(value >= 0 for ledger in after for key, value in ledger.items() if key != "elsewhere"), (name, after)
        assert sum(ledger["elsewhere"] for ledger in after) == 0 and all(ledger["pending"] == 0 for ledger in after)
        assert sum(ledger["emitted"] for ledger in after) >= 70 + 900


@pytest.mark.parametrize("tail", ["drop", "short", "wrap"])
def test_more_epochs_go_on_from_a_state(tmp_path, tail):
    settings = case("pairs, seven epochs", tmp_path)
    settings["batch"]["tail"] = tail

    def run(out, epochs, *arguments, **more):
        return run_into(tmp_path / out, {**settings, "run": {**settings["run"], "epochs": epochs}}, *arguments, **more)

    whole = pipeline.ledger_of(run("whole", 3))
    state = tmp_path / "state"
    run("pieces", 2, "--state", state, "--steps", 20)
    assert pipeline.ledger_of(run("pieces", 3, "--state", state)) == whole
    assert content(tmp_path / "pieces") == content(tmp_path / "whole")
    assert pipeline.ledger_of(run("pieces", 3, "--state", state)) == whole, "nothing is left to do"
    assert "3 epochs have begun" in run("pieces", 2, "--state", state, expected=78).stderr
    state.unlink()
    run("pieces", 2, "--state", state)
    if tail == "drop":
        assert pipeline.ledger_of(run("pieces", 3, "--state", state)) == whole
        assert content(tmp_path / "pieces") == content(tmp_path / "whole")
    else:
        for epochs in (3, "endless"):
            done = run("pieces", epochs, "--state", state, expected=78)
            assert "run.epochs" in done.stderr and "the end of a run of 2 epochs" in done.stderr and str(state) in done.stderr


def other_vocabulary(folder):
    words = (pipeline.BERT / "vocab.txt").read_text(encoding="utf-8").splitlines()
    path = folder / "vocab.txt"
    path.write_text("\n".join([*words[:-1], "another-word"]) + "\n", encoding="utf-8")
    return str(path)


def quarantined(folder, settings):
    """The same settings, with bad records kept in files there."""
    return {**settings, "run": {**settings["run"], "on_error": {"policy": "quarantine", "at_most": 0.5, "folder": str(folder)}}}


def test_a_quarantine_goes_on_with_its_run(tmp_path):
    settings = case("bad records, shuffled", tmp_path)
    run_into(tmp_path / "whole", quarantined(tmp_path / "q", settings))
    whole = (tmp_path / "q" / "quarantine.jsonl").read_bytes()
    assert whole.count(b"\n") > 400
    for steps in (1, 40, 41, 100, 10**6):
        run_into(tmp_path / "pieces", quarantined(tmp_path / "p", settings), "--state", tmp_path / "state", "--steps", steps)
        pieces = (tmp_path / "p" / "quarantine.jsonl").read_bytes()
        assert whole.startswith(pieces)
        with open(tmp_path / "p" / "quarantine.jsonl", "ab") as file:  # what a killed run had told beyond its state
            file.write(b'{"record":1,"err')
    assert pieces == whole


def test_ranks_have_a_quarantine_each(tmp_path):
    settings = case("bad records, shuffled", tmp_path)
    run_into(tmp_path / "whole", quarantined(tmp_path / "q", settings))
    ranks_into(tmp_path / "ranks", quarantined(tmp_path / "r", settings), 3)
    files = sorted((tmp_path / "r").iterdir())
    assert [file.name for file in files] == [f"quarantine-r0000{rank}.jsonl" for rank in range(3)]
    told = sorted(line for file in files for line in file.read_bytes().splitlines())
    assert told == sorted((tmp_path / "q" / "quarantine.jsonl").read_bytes().splitlines())


def test_a_look_at_a_run_leaves_its_quarantine_alone(tmp_path):
    settings = quarantined(tmp_path / "q", case("bad records", tmp_path))
    run_into(tmp_path / "out", settings)
    before = (tmp_path / "q" / "quarantine.jsonl").read_bytes()
    for command in ("show", "bench"):
        subprocess.run([str(pipeline.PROGRAM), command, f"{tmp_path / 'out'}.yaml", "--set", "run.seed=6"], check=True, capture_output=True,
                       env=environment())
    assert (tmp_path / "q" / "quarantine.jsonl").read_bytes() == before


def test_a_rank_without_rows_goes_on_to_the_end(tmp_path):
    lines = tmp_path / "lines.txt"
    lines.write_text("".join(f"line {i}\n" for i in range(9)))
    settings = case("plain", tmp_path)
    settings["source"] = {"use": "text", "files": [str(lines)]}
    settings["batch"]["size"] = 8
    settings["run"].pop("steps")
    for engine in ("graph", "serial"):
        settings["run"]["engine"] = engine
        whole = pipeline.ledger_of(run_into(tmp_path / f"whole-{engine}", settings))
        ledgers = []
        for rank in range(4):
            state = ["--rank", rank, "--world-size", 4, "--state", tmp_path / f"{engine}-state"]
            run_into(tmp_path / engine, settings, *state, "--steps", 1)
            ledgers.append(pipeline.ledger_of(run_into(tmp_path / engine, settings, *state)))
        assert rows_by_step(tmp_path / engine) == rows_by_step(tmp_path / f"whole-{engine}")
        assert sum(ledger["emitted"] for ledger in ledgers) == whole["emitted"] == 9


@pytest.mark.parametrize("engine", ["graph", "serial"])
def test_bad_records_are_counted_once_where_batches_span_many_epochs(tmp_path, engine):
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"text": 1}\n' + "".join(f'{{"text": "{word}"}}\n' for word in "abc"))
    settings = quarantined(tmp_path / "q", case("plain", tmp_path))
    settings["source"] = {"use": "jsonl", "files": [str(lines)]}
    settings["batch"].update(size=8, tail="wrap")
    settings["run"].pop("steps")
    settings["run"].update(window_bytes=1, lanes=1, epochs=3, engine=engine, shuffle=False)
    settings["run"]["on_error"]["at_most"] = 1
    whole = pipeline.ledger_of(run_into(tmp_path / "whole", settings))
    assert (whole["read"], whole["quarantined"]) == (12, 3)
    shutil.rmtree(tmp_path / "q")
    ledgers = ranks_into(tmp_path / "ranks", settings, 2)
    assert [sum(ledger[key] for ledger in ledgers) for key in ("read", "quarantined", "emitted")] == [12, 3, 9]
    assert sum(len(file.read_bytes().splitlines()) for file in (tmp_path / "q").iterdir()) == 3
