"""Configs that are wrong, through the program: exit code 78 or 66, the place, what to do; nothing is started.

Rows Y01 to Y30 of the catalogue of bad input. configs/bad has a file for each kind of mistake and is held against the
checker by the unit tests; here stand those that are too large for a file, or are no file.
"""
# presets: release asan

import json
import os

import pytest
from bad_input import Ended, ended, pipeline, settings

ANCHORS = "".join(f"a{i}: &a{i} [{','.join(['*a%d' % (i - 1)] * 9)}]\n" for i in range(1, 10))

LARGE = {
    "Y01 alias bomb": ("a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + ANCHORS, [":5:5: a4", "more than 100000 values"]),
    "Y02 alias to itself": ("a: &a [*a]\n", [":1:8: a.0", "part of"]),
    "Y03 brackets": ("[" * 1_000_000, [":1:33:", "nested deeper than 64"]),
    "Y04 blocks": ("".join(" " * i + "a:\n" for i in range(1000)), [":65:65:", "nested deeper than 64"]),
    "Y05 dashes": ("- " * 100_000, [":1:129:", "nested deeper than 64"]),
    "Y05 question marks": ("? " * 100_000, [":1:129:", "nested deeper than 64"]),
    "Y07 keys": ("run: {" + ",".join(f"k{i}: 1" for i in range(100_000)) + "}\n", [":1:", "more than 4096 keys"]),
    "Y20 NUL": ("schema: 1\0\n", [":1:10:", "control character 00"]),
    "Y27 size": ("#" * (2 << 20), ["more than 1048576 bytes"]),
    "Y27 one scalar": ("a: " + "x" * (16 << 20), ["more than 1048576 bytes"]),
}


@pytest.mark.parametrize("name", LARGE)
def test_configs_that_would_blow_up_are_refused_at_their_place(tmp_path, name):
    text, words = LARGE[name]
    ended("check", tmp_path / "config.yaml", text=text.encode()).says(78, "config.yaml", *words)


VALUES = {
    "batch.size": ["8k", "1_000", "12:30:45", "1e3", "1.0", "-1", "0", "4294967296", "99999999999999999999", "010", "0o10", "0x10", "~",
                   "yes", "[1]", "{a: 1}", '"4"'],
    "segment.max_length": ["-1", "1048577", "many"],
    "run.shuffle": ["yes", "no", "on", "True", "1"],
    "run.on_error.at_most": ["101 %", "-1 %", "1.5", ".nan"],
    "run.memory": ["64k", "1.5 GiB", "-1", "64 KB"],
    "embedding.scale": [".nan", ".inf", "1e400", "two"],
}


@pytest.mark.parametrize("key", VALUES)
def test_values_of_the_wrong_type_or_range_are_refused_by_key(tmp_path, key):  # Y10 to Y15
    config = settings(tmp_path)
    for value in VALUES[key]:
        ended("check", config, "--set", f"{key}={value}").says(78, key, "expected")


def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):  # Y18
    config = settings(tmp_path)
    text = "schema: 1\nsource: {use: text, files: [data.txt]}\ntokenizer: {use: wordpiece, vocab: small.txt}\n" \
           "segment: {use: single}\nbatch: {size: 4}\n"
    assert config
    for changed in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        ended("check", tmp_path / "c.yaml", text=changed.encode()).says(0)
    ended("check", tmp_path / "c.yaml", text=text.encode("utf-16")).says(78, "c.yaml:1:1", "UTF-16")  # Y19


def test_what_is_no_file_is_refused_without_waiting(tmp_path):  # Y29
    os.mkfifo(tmp_path / "pipe")
    os.symlink(tmp_path / "loop", tmp_path / "loop")
    for path, code, word in [(tmp_path, 78, "a folder"), (tmp_path / "pipe", 78, "a pipe"), ("/dev/zero", 78, "a device"),
                             (tmp_path / "loop", 66, "symbolic links"), (tmp_path / "gone", 66, "No such file")]:
        Ended([str(pipeline.PROGRAM), "run", str(path)]).says(code, str(path), word)


def test_mistakes_of_every_part_are_told_in_one_run(tmp_path):  # Y30
    config = settings(tmp_path, embedding={"token": {"use": "random", "rows": 5, "width": 8},
                                           "segment": {"use": "random", "rows": 1, "width": 9}},
                      segment={"use": "single", "template": "[CLS] $A [SEP]:1"}, batch={"size": 4, "pad": 3, "emit": ["input_id"]})
    said = ended("check", config).says(78, "embedding.token", "5 rows", "embedding.segment", "width 9", "1 rows", "batch.pad",
                                       "did you mean 'input_ids'").stderr
    assert len(said.splitlines()) == 5 and all("config.yaml:1:" in line for line in said.splitlines())


@pytest.mark.parametrize("arguments,word", [(["--threads", "0"], "1 to 1024"), (["--threads", "-1"], "1 to 1024"), (["--threads", "5000"], "1 to 1024"),
                                            (["--steps", "0"], "--steps 0"), (["--steps", "-1"], "--steps -1"),
                                            (["--steps", "99999999999999999999"], "64 bits"), (["--steps", "two"], "an integer")])
def test_numbers_of_the_command_line_are_checked(tmp_path, arguments, word):
    ended("run", settings(tmp_path), *arguments).says(64, word)


@pytest.mark.parametrize("option", ["--rows", "--vector", "--width", "--step"])
def test_numbers_of_the_picture_are_checked(tmp_path, option):
    ended("show", settings(tmp_path), option, "-1").says(64, option)


def test_a_table_in_memory_is_nothing_that_the_command_line_has(tmp_path):
    text = json.dumps({**settings(tmp_path), "source": {"use": "arrow"}}).encode()
    ended("check", tmp_path / "c.yaml", text=text).says(78, "c.yaml:1", "source", "no records", "embedloom.open(config, records=table)", "jsonl or text")
