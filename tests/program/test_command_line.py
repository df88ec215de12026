"""The program as a person meets it: help, exit codes, messages, the picture of a batch."""
# presets: release asan

import json
import pathlib
import re
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import pipeline  # noqa: E402

COMMANDS = ["run", "check", "show", "bench", "plugins", "describe", "schema", "template"]


def test_help_lists_every_command_and_each_has_its_own():
    text = pipeline.call("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in text
        own = pipeline.call(command, "--help").stdout
        assert own.startswith(f"embedloom {command}") and "Options" in own


WRONG = [([], "usage"), (["rnu"], "did you mean 'run'?"), (["run"], "no config"), (["run", "x", "--bogus"], "bogus"),
         (["run", "x", "--progress", "loud"], "loud"), (["show", "x", "--colour", "red"], "--colour red, expected auto, always or never"),
         (["run", "x", "--set", "foo"], "--set foo, expected --set KEY=VALUE"), (["run", "x", "--steps", "abc"], "--steps abc, expected an integer"),
         (["run", "x", "--steps=abc"], "--steps abc, expected an integer"), (["describe", "wordpeice"], "did you mean 'wordpiece'")]


@pytest.mark.parametrize("arguments,word", WRONG)
def test_usage_errors_exit_with_64(arguments, word):
    done = pipeline.call(*arguments, expected=64)
    assert word in done.stderr


def test_plugins_that_cannot_be_used_are_told(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for folder in [tmp_path / "gone", tmp_path / "loop"]:
        assert "a folder that exists" in pipeline.call("plugins", "--plugin-path", folder, expected=64).stderr
    (tmp_path / "loop").unlink()
    (tmp_path / "cut.so").write_bytes((pipeline.PROGRAM.parent / "plugins" / "position_none.so").read_bytes()[:5000])
    assert "cannot be used" in pipeline.call("plugins", "--plugin-path", tmp_path).stdout
    (tmp_path / "cut.so").unlink()
    cut = (pipeline.PROGRAM.parent / "plugins" / "position_none.so").read_bytes().replace(b"position/none 1.0.0", b"position/none 1.0-0")
    (tmp_path / "cut.so").write_bytes(cut)
    config = pipeline.ROOT / "configs" / "bert_single.yaml"
    for arguments in (["describe", "wordpiece"], ["check", config], ["run", config, "--steps", 1, "--set", "sink=null"]):
        said = pipeline.call(*arguments, "--plugin-path", tmp_path)
        told = [line for line in said.stderr.splitlines() if "cut.so" in line]
        assert len(told) == 1 and told[0].startswith("warning: a plugin that is left out: "), said.stderr
        assert "found version '1.0-0' of none, expected major.minor.patch" in told[0] and "cut.so" not in said.stdout
    (tmp_path / "cut.so").unlink()
    mine = tmp_path / "mine.so"
    mine.write_bytes((pipeline.PROGRAM.parent / "plugins" / "position_none.so").read_bytes())
    said = pipeline.call("plugins", "--plugin-path", tmp_path).stdout
    assert "position/none" in said and str(mine) in said and "comes first" in said


def test_every_plugin_is_described():
    for line in pipeline.call("plugins").stdout.splitlines():
        name = line.split()[0]
        text = pipeline.call("describe", name).stdout
        assert text.startswith(name)


def test_the_reference_page_is_what_the_plugins_declare():
    page = (pipeline.ROOT / "docs" / "config.md").read_text()
    assert page == pipeline.call("describe", "--markdown").stdout, "write it anew: embedloom describe --markdown > docs/config.md"


def test_schema_is_json_and_knows_the_plugins():
    schema = json.loads(pipeline.call("schema").stdout)
    assert "wordpiece" in json.dumps(schema)


def test_the_schema_takes_null_for_what_may_be_left_out():
    schema = json.loads(pipeline.call("schema").stdout)

    def takes_null(place):
        return {"type": "null"} in place.get("anyOf", [])

    properties = schema["properties"]
    assert [key for key in properties if not takes_null(properties[key])] == schema["required"]
    size = properties["batch"]["properties"]["size"]
    assert not takes_null(size) and takes_null(properties["batch"]["properties"]["pad"])


def test_numbers_of_vectors_are_those_of_vectors_alone(tmp_path):
    (tmp_path / "t.txt").write_text("a\n")
    config = pipeline.write_config(tmp_path, {"source": {"use": "text", "files": [str(tmp_path / "t.txt")]}, "tokenizer": pipeline.wordpiece(),
                                              "segment": {"use": "single"}, "objective": {"use": "mlm"},
                                              "embedding": {"token": {"use": "random", "rows": 30522, "width": 8}},
                                              "batch": {"size": 1, "emit": ["input_ids", "attention_mask", "labels", "offset_mapping", "embeddings"]}})
    for number in (0, 1, 3):
        said = pipeline.call("show", config, "--vector", number).stdout
        names = [line.split()[0] for line in said.splitlines() if line.startswith("  ") and "[" not in line.split()[1]]
        assert [name for name in names if name in ("id", "mask", "label", "bytes")] == ["id", "mask", "label", "bytes"], said
        assert ("vector" in names) == (number > 0), said


def test_a_text_that_nothing_reads_is_a_note(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"a": "one", "b": "two"}\n')
    settings = {"source": {"use": "jsonl", "files": [str(tmp_path / "t.jsonl")], "text": "a", "pair": "b"}, "tokenizer": pipeline.wordpiece(),
                "segment": {"use": "single"}, "batch": {"size": 1}}
    note = "note: "
    said = pipeline.call("check", pipeline.write_config(tmp_path, settings)).stdout
    assert note in said and "source: found the text field 'pair', which segment/single does not read" in said
    assert note not in pipeline.call("check", pipeline.write_config(tmp_path, {**settings, "segment": {"use": "pair"}})).stdout


@pytest.mark.parametrize("files,directory,code", [("data", "data", 78), ("data", "data/out/deep", 78), ("d*", "data/out", 78), (".", "out", 78),
                                                  ("data", "out", 0), ("data", "data/.out", 0), ("data/t.txt", "data", 0), ("data/*.txt", "data/out", 0)])
def test_a_sink_within_the_data_is_refused(tmp_path, files, directory, code):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "t.txt").write_text("one\n")
    config = pipeline.write_config(tmp_path, {"source": {"use": "text", "files": [files]}, "tokenizer": pipeline.wordpiece(), "segment": {"use": "single"},
                                              "batch": {"size": 1}, "sink": {"use": "jsonl", "directory": directory}})
    said = pipeline.call("check", config, expected=code).stderr
    assert code == 0 or ("sink.directory: found a folder in" in said and "which source.files reads whole" in said), said


def test_a_run_that_fails_is_not_done(tmp_path):
    (tmp_path / "t.txt").write_text("\n\n\n")
    config = pipeline.write_config(tmp_path, {"source": {"use": "text", "files": [str(tmp_path / "t.txt")]}, "tokenizer": pipeline.wordpiece(),
                                              "segment": {"use": "single"}, "batch": {"size": 1}})
    said = pipeline.call("run", config, expected=65).stderr
    assert "blank lines alone" in said and "% done" not in said
    (tmp_path / "t.txt").write_text("one\n")
    assert "100 % done" in pipeline.call("run", config).stderr
    state = tmp_path / "gone" / "state"
    assert f"{state}: " in pipeline.call("run", config, "--state", state, expected=73).stderr


def test_a_template_names_what_must_be_given():
    text = pipeline.call("template", "source=text", "tokenizer=wordpiece", "segment=single").stdout
    assert "use: wordpiece" in text and "vocab" in text


@pytest.mark.parametrize("config", sorted((pipeline.ROOT / "configs").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_config_of_the_tree_checks_and_shows(config):
    assert config.read_text().startswith("# ")
    assert "no mistakes" in pipeline.call("check", config, "--tables").stdout
    picture = pipeline.call("show", config, "--rows", 2, "--width", 100).stdout
    assert "[CLS]" in picture and max(map(len, picture.splitlines())) <= 100


def test_show_aligns_wide_characters_and_colours_only_on_request(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("naïve 日本語 😀 word\n", encoding="utf-8")
    config = pipeline.write_config(tmp_path, {"source": {"use": "text", "files": [str(path)]}, "tokenizer": pipeline.wordpiece(),
                                              "segment": {"use": "single"}, "batch": {"size": 1}})
    plain = pipeline.call("show", config).stdout
    assert "\x1b" not in plain
    lines = plain.splitlines()
    token = next(line for line in lines if line.startswith("  token "))
    number = next(line for line in lines if line.startswith("  id "))

    def columns(text):
        return sum(2 if ord(character) > 0x2E80 else 1 for character in text)

    assert columns(token) == columns(number)
    assert "\x1b[" in pipeline.call("show", config, "--colour", "always").stdout


BAD = {
    "table of another model": ({"embedding": {"token": {"use": "random", "rows": 100, "width": 384}}}, ["embedding.token", "100 rows", "30522"]),
    "segment table of another width": ({"embedding": {"token": {"use": "random", "rows": 30522, "width": 8},
                                                      "segment": {"use": "random", "rows": 2, "width": 9}}}, ["embedding.segment", "width 9"]),
    "too few segment rows": ({"segment": {"use": "pair"}, "source": {"use": "jsonl", "pair": "b"},
                              "embedding": {"token": {"use": "random", "rows": 30522, "width": 8}, "segment": {"use": "random", "rows": 1, "width": 8}}},
                             ["embedding.segment", "1 rows"]),
    "more tokens than positions": ({"segment": {"use": "single", "max_length": 600},
                                    "position": {"use": "learned", "table": pipeline.table("position_embeddings.weight")},
                                    "embedding": {"token": pipeline.table("word_embeddings.weight")}}, ["position", "512 positions", "600"]),
    "nothing makes it": ({"batch": {"size": 2, "emit": ["input_ids", "lables"]}}, ["batch.emit", "lables"]),
    "embeddings without a table": ({"batch": {"size": 2, "emit": ["embeddings"]}}, ["batch.emit", "add `embedding:`"]),
    "a length rounded up": ({"segment": {"use": "single", "max_length": 500}, "batch": {"size": 2, "pad_multiple": 300},
                             "position": {"use": "learned", "table": pipeline.table("position_embeddings.weight")},
                             "embedding": {"token": pipeline.table("word_embeddings.weight")}},
                            ["position: found 512 positions", "600; make batch.pad_multiple smaller"]),
    "pad below the longest row": ({"batch": {"size": 2, "pad": 8}}, ["batch.pad", "512"]),
    "a token that is not there": ({"segment": {"use": "single", "template": "<s> $A </s>"}}, ["segment.template", "'<s>'", "'</s>'"]),
    "pairs from a source without": ({"segment": {"use": "pair"}}, ["segment", "'pair'"]),
    "a tensor that is not there": ({"embedding": {"token": pipeline.table("word_embedding.weight")}}, ["embedding.token.tensor", "it has"]),
    "too little memory": ({"run": {"memory": 1 << 20}}, ["run.memory", "windows"]),
    "lanes that do not divide": ({"batch": {"size": 10}, "run": {"lanes": 4}}, ["run.lanes: found 4", "a divisor of batch.size 10; nearest: 2 or 5"]),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_fit_is_refused_by_name(tmp_path, name):
    changes, words = BAD[name]
    text = tmp_path / "t.txt"
    text.write_text('{"text": "a", "b": "c"}\n')
    settings = {"source": {"use": "text", "files": [str(text)]}, "tokenizer": pipeline.wordpiece(), "segment": {"use": "single"}, "batch": {"size": 2}}
    for key, value in changes.items():
        settings[key] = {**settings.get(key, {}), **value} if isinstance(value, dict) and key in ("source", "batch") else value
    for command in (["check"], ["run", "--progress", "none"]):
        done = pipeline.call(command[0], pipeline.write_config(tmp_path, settings), *command[1:], expected=78)
        assert all(word in done.stderr for word in words), done.stderr
        assert "config.yaml:1:" in done.stderr or "model.safetensors" in done.stderr


def test_the_sum_of_memory_adds_up(tmp_path):
    text = tmp_path / "t.txt"
    text.write_text("a\n")
    for size, length, memory in [(2, 20, "1 MiB"), (3, 500, "1 MiB"), (5000, 512, "64 MiB"), (7001, 509, "200 MiB")]:
        settings = {"source": {"use": "text", "files": [str(text)]}, "tokenizer": pipeline.wordpiece(), "segment": {"use": "single", "max_length": length},
                    "batch": {"size": size}, "run": {"memory": memory, "threads": 2, "window_bytes": "2 MiB" if size > 5000 else "auto"}}
        said = pipeline.call("check", pipeline.write_config(tmp_path, settings), expected=78).stderr
        numbers = re.search(r"found (\d+) (\wiB), expected (\d+) \2: (\d+) batches of (\d+) \2 and (\d+) windows of (\d+) \2", said)
        assert numbers, said
        given, least, batches, batch, windows, window = (int(numbers[i]) for i in (1, 3, 4, 5, 6, 7))
        assert least == batches * batch + windows * window > given, said


def test_lanes_beyond_the_windows_have_their_place(tmp_path):
    text = tmp_path / "t.txt"
    text.write_text("a\n")
    settings = {"source": {"use": "text", "files": [str(text)]}, "tokenizer": pipeline.wordpiece(), "segment": {"use": "single"},
                "batch": {"size": 4}, "run": {"lanes": 4}}
    said = pipeline.call("run", pipeline.write_config(tmp_path, settings), expected=78).stderr
    assert "config.yaml:1:" in said and "at most the 1 windows of an epoch" in said


def test_mistakes_of_one_part_hide_none_of_another(tmp_path):
    (tmp_path / "a.txt").write_text("one\n")
    config = tmp_path / "bad.yaml"
    config.write_text(f"""schema: 1
source: {{use: text, files: [a.txt]}}
tokenizer: {{use: wordpiece, vocab: {pipeline.BERT}/vocab.txt}}
segment: {{use: single, max_length: 20, template: "[CLS] $A [SEPP]"}}
objective: {{use: mlm, mask: 0.9, random: 0.3}}
position: {{use: learned, table: {{use: random, rows: 4, width: 7}}}}
embedding:
  token: {{use: random, rows: 30522, width: 8}}
  segment: {{use: random, rows: 2, width: 9}}
batch: {{size: 4, emit: [input_ids, labels, embeddings, input_idz]}}
run: {{seed: -1}}
sink: {{use: jsonl, directory: a.txt}}
""")
    lines = pipeline.call("check", config, expected=78).stderr.splitlines()
    told = [["bad.yaml:4:", "segment.template", "[SEPP]"], ["bad.yaml:5:", "objective.random", "over 1"], ["bad.yaml:6:", "position", "width 7"],
            ["bad.yaml:9:", "embedding.segment", "width 9"], ["bad.yaml:10:", "batch.emit", "'input_idz'", "did you mean 'input_ids'"],
            ["bad.yaml:11:", "run.seed"], ["bad.yaml:12:", "sink.directory"]]
    assert len(lines) == len(told), lines
    assert all(word in line for line, words in zip(lines, told) for word in words), lines


BROKEN = [("source: {use: text}", "labels"), ("objective: {use: mln}", "labels"), ("objective: {use: mlm, mask: 7}", "labels"),
          ("embedding: {token: {use: random}}", "embeddings"), ("tokenizer: wordpiece", "labels"), ("segment: sinlge", "labels")]


@pytest.mark.parametrize("broken,emitted", BROKEN)
def test_a_mistake_is_told_once_and_not_by_what_follows_from_it(tmp_path, broken, emitted):
    (tmp_path / "a.txt").write_text("one\n")
    parts = {"source": "{use: text, files: [a.txt]}", "tokenizer": f"{{use: wordpiece, vocab: {pipeline.BERT}/vocab.txt}}", "segment": "{use: single}",
             "objective": "{use: mlm}"}
    key, value = broken.split(": ", 1)
    parts[key] = value
    config = tmp_path / "bad.yaml"
    config.write_text("schema: 1\n" + "".join(f"{name}: {part}\n" for name, part in parts.items()) + f"batch: {{size: 4, emit: [input_ids, {emitted}]}}\n")
    lines = pipeline.call("check", config, expected=78).stderr.splitlines()
    assert lines and all(f"{key}." in line for line in lines), lines


def test_all_mistakes_are_told_at_once(tmp_path):
    config = tmp_path / "bad.yaml"
    config.write_text(f"""schema: 1
source: {{use: text, files: [missing.txt]}}
tokenizer: {{use: wordpeice, vocab: {pipeline.BERT}/vocab.txt}}
segment: {{use: single, max_length: 0}}
batch: {{size: 4, colour: red}}
""")
    lines = pipeline.call("check", config, expected=78).stderr.splitlines()
    assert len(lines) == 4
    for words in [["bad.yaml:2:", "missing.txt"], ["bad.yaml:3:", "did you mean 'wordpiece'"], ["bad.yaml:4:", "max_length"],
                  ["bad.yaml:5:", "colour"]]:
        assert any(all(word in line for word in words) for line in lines), lines
