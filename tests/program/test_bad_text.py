"""Data that is wrong, through the program: text and JSON lines. Rows U01 to U18 and J01 to J22 of the catalogue of bad input.

The records themselves are held by the unit tests of the sources; here: the place in the message, the exit code, the ledger,
and the batches, whatever the number of threads.
"""
# presets: release asan

import json
import os
import pathlib

import pytest
from bad_input import LIMIT, ended, peak_bytes, settings

GOOD = b'{"text":"good"}\n'

TEXTS = {  # what the second line is: where it is bad, what is said
    "U01 a lone continuation": (b"ab\x80c", 2, "the byte 80"),
    "U01 cut": (b"ab\xe2\x82", 2, "the bytes E2 82"),
    "U02 overlong": (b"\xc0\xaf", 0, "the byte C0"),
    "U03 surrogate": (b"a\xed\xa0\x80", 1, "the byte ED"),
    "U04 beyond Unicode": (b"\xf4\x90\x80\x80", 0, "the byte F4"),
}
LINES = {
    "J01 no field": (b'{"txt":"a"}', 0, 'no field "text"'),
    "J02 a number": (b'{"text":3}', 8, "a number"),
    "J02 null": (b'{"text":null}', 8, "null"),
    "J02 a list": (b'{"text":["a"]}', 8, "a list"),
    "J03 an object": (b'{"text":{"text":"a"}}', 8, "an object"),
    "J04 something after": (b'{"text":"a"} x', 13, "`x`"),
    "J05 two objects": (b'{"text":"a"}{"text":"b"}', 12, "`{`"),
    "J06 twice": (b'{"text":"a","text":"b"}', 12, "a second"),
    "J07 cut": (b'{"text":"a', 10, "the end of the line"),
    "J08 cut in an escape": (b'{"text":"\\u12', None, "hexadecimal"),
    "J09 a lone surrogate": (b'{"text":"\\ud800"}', 9, "lone surrogate"),
    "J10 a control character": (b'{"text":"a\x01"}', 10, "the byte 01"),
    "J12 NaN": (b'{"text":"a","x":NaN}', 16, "allow_nan=False"),
    "J12 too large": (b'{"text":"a","x":1e999}', 16, "too large for a double"),
    "J13 depth": (b'{"text":"a","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 79, "at most 64 levels"),
    "J14 no quotes": (b'{text:"a"}', 1, "double quotes"),
    "J14 a comma too many": (b'{"text":"a",}', 12, "no comma after the last value"),
    "J14 a comment": (b'{"text":"a"/*b*/}', 11, "`/`"),
    "J19 bytes of an unused field": (b'{"text":"a","x":"\xff"}', 17, "the byte FF"),
    "J19 syntax of an unused field": (b'{"text":"a","x":tru}', 19, "true"),
    "no JSON": (b"good", 0, "each line is one object"),
}


@pytest.mark.parametrize("kind,name", [("text", name) for name in TEXTS] + [("jsonl", name) for name in LINES])
def test_a_bad_record_is_told_with_file_line_and_byte(tmp_path, kind, name):
    bad, at, words = (TEXTS if kind == "text" else LINES)[name]
    good = b"good\n" if kind == "text" else GOOD
    config = settings(tmp_path, good + bad + b"\n" + good, "data.jsonl" if kind == "jsonl" else "data.txt")
    file = config["source"]["files"][0]
    place = f"{file}:2: byte " + (str(len(good) + at) if at is not None else "")
    ended("run", config).says(65, place, words)
    config["run"]["on_error"] = {"policy": "quarantine", "at_most": 0.5, "folder": str(tmp_path / "q")}
    ledger = json.loads(ended("run", config, "--json").says(0).stdout)["ledger"]
    assert (ledger["read"], ledger["quarantined"], ledger["emitted"], ledger["balanced"]) == (3, 1, 2, True)
    kept = json.loads((tmp_path / "q" / "quarantine.jsonl").read_text())
    assert kept["record"] == len(good) and kept["error"]["source"] == file


FINE = {
    "U05, U06 NUL and noncharacters": ("data.txt", "good \0 \ufffe \ufdd0\n".encode(), 1),
    "U08 no last line end": ("data.txt", b"good\nline", 2),
    "U11 line ends": ("data.txt", "good\r\nline of\u2028text\u0085a\rb\n".encode(), 2),
    "U12 byte order marks": ("data.txt", b"\xef\xbb\xbfgood\n\xef\xbb\xbfline\n", 2),
    "U16 special tokens as text": ("data.txt", b"<|endoftext|> </s> [cls]\n", 1),
    "U17 growth": ("data.txt", "\ufdfa".encode() * 20_000 + b"\n", 1),
    "J11 escapes": ("data.jsonl", b'{"te\\u0078t":"a\\u0000b"}\n', 1),
    "J12 odd numbers of an unused field": ("data.jsonl", b'{"text":"a","x":-0,"y":9223372036854775808}\n', 1),
    "J15, J16 mark and blank lines": ("data.jsonl", b"\xef\xbb\xbf" + GOOD + b"\n\r\n" + GOOD, 2),
    "J20 many names": ("data.jsonl", b'{"text":"a",' + b",".join(b'"k%d":1' % i for i in range(100_000)) + b"}\n", 1),
}


@pytest.mark.parametrize("name", FINE)
def test_odd_but_right_data_is_read_whole(tmp_path, name):
    file, data, records = FINE[name]
    ledger = json.loads(ended("run", settings(tmp_path, data, file), "--json").says(0).stdout)["ledger"]
    assert ledger["read"] == ledger["emitted"] == records


REFUSED = {  # whole files
    "U09 empty": ("data.txt", b"", "no record"),
    "U10 blank lines": ("data.txt", b"\n\n\n", "without a row"),
    "U13 UTF-16": ("data.txt", ("good\n" * 100).encode("utf-16"), "iconv"),
    "U13 UTF-16 without a mark": ("data.txt", ("good\n" * 100).encode("utf-16-le"), "UTF-16 without its mark"),
    "U14 a program": ("data.txt", b"\x7fELF\2\1\1" + bytes(100), "a program"),
    "U14 a picture": ("data.txt", b"\x89PNG\r\n\x1a\n" + bytes(100), "a picture"),
    "Git-LFS": ("data.txt", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
    "J17 one list": ("data.jsonl", b'[{"text":"a"},\n{"text":"b"}]\n', "jq -c"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_files_that_are_no_text_are_refused_with_what_to_do(tmp_path, name):
    file, data, word = REFUSED[name]
    for policy in ("fail", "skip"):
        ended("run", settings(tmp_path, data, file, run={"on_error": {"policy": policy}}), "--set", f"run.cache={tmp_path}/c").says(65, word)


@pytest.mark.parametrize("policy", ["skip", "quarantine"])
def test_noise_ends_the_run_long_before_its_end(tmp_path, policy):  # U14
    noise = tmp_path / "noise.jsonl"
    noise.write_bytes(b"x\n" * 1_000_000)
    config = settings(tmp_path, None, "noise.jsonl", run={"on_error": {"policy": policy, "folder": str(tmp_path / "q")}})
    code, said, peak = peak_bytes("run", config, "--progress", "none", "--json")
    assert code == 65 and "run.on_error.at_most" in said and "the first: " + str(noise) in said, said
    assert '"read":1000000' not in said, "it was read to its end"
    assert peak < LIMIT


def test_bad_records_take_time_that_grows_with_their_number_alone(tmp_path):
    """A window of nothing but bad records once took the square of their number: this one would take an hour."""
    config = settings(tmp_path, b"x\n" * 200_000, "data.jsonl", run={"window_bytes": 1 << 20, "on_error": {"policy": "skip", "at_most": 1.0}})
    ended("run", config).says(65, "without a row", "the first: ")


@pytest.mark.parametrize("name,head,tail", [("data.txt", b"good ", b"\nline"), ("data.jsonl", b'{"text":"good ', b'"}\n{"text":"line"}')])
def test_memory_stays_flat_over_a_record_of_a_gigabyte(tmp_path, name, head, tail):  # U07, J18
    config = settings(tmp_path, None, name, run={"on_error": {"policy": "skip", "at_most": 0.5}})
    with open(config["source"]["files"][0], "wb") as file:
        file.write(head + b"x" * 8192)
        file.truncate(1 << 30)  # a hole: NULs without disk space
        file.seek(0, os.SEEK_END)
        file.write(tail)
    code, said, peak = peak_bytes("run", config, "--progress", "none", "--json")
    assert code == 0 and '"read":2' in said and '"skipped":1' in said, said
    assert peak < LIMIT
    config["run"]["on_error"]["policy"] = "fail"
    ended("run", config).says(65, config["source"]["files"][0], "a record of 107374", "at most 67108864")


HOSTILE = {  # U15: a text of so many bytes
    "a": lambda n: b"a" * n,
    "spaces": lambda n: b" " * n,
    "^": lambda n: b"^" * n,
    "faces": lambda n: "😀".encode() * (n // 4),
    "marks": lambda n: b"a" + "\u0301".encode() * (n // 2),
    "joiners": lambda n: "👩\u200d".encode() * (n // 7),
    "ideographs": lambda n: "中".encode() * (n // 3),
    "ab": lambda n: b"ab" * (n // 2),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_of_megabytes_are_read(tmp_path, name):
    """What takes the square of the length would take hours here; this passes in a second."""
    data = b"line\n" + HOSTILE[name](8 << 20) + b"\ngood\n"
    config = settings(tmp_path, data, segment={"use": "single", "max_length": 512}, batch={"size": 4, "emit": ["input_ids", "offset_mapping"]})
    ledger = json.loads(ended("run", config, "--json").says(0).stdout)["ledger"]
    assert ledger["read"] >= 2 and ledger["balanced"]


def test_records_and_bad_records_do_not_depend_on_threads_or_windows(tmp_path):  # J22
    lines = [GOOD, b'{"text":7}\n', b"\n", b'{"text":"a \xff"}\n', b'{"text":"of"}\r\n', b'{"x":1}\n', b'{"text":"cut\n'] * 300
    seen = set()
    for window in (1, 100, 65536):
        for threads in (1, 4):
            folder, out = tmp_path / f"q{window}-{threads}", tmp_path / f"o{window}-{threads}"
            config = settings(tmp_path, b"".join(lines), "data.jsonl", sink={"use": "jsonl", "directory": str(out)},
                              run={"window_bytes": window, "lanes": 1,
                                   "on_error": {"policy": "quarantine", "at_most": 0.9, "folder": str(folder)}})
            ended("run", config, "--threads", threads).says(0)
            rows = b"".join(path.read_bytes() for path in sorted(out.glob("batch-*.jsonl")))
            seen.add((rows, (folder / "quarantine.jsonl").read_bytes()))
    assert len(seen) == 1
    assert len(next(iter(seen))[1].splitlines()) == 4 * 300


def test_names_of_files_cannot_act_on_a_terminal_or_break_a_line(tmp_path):  # R11
    folder = tmp_path / "data"
    folder.mkdir()
    for name in (b"esc\x1b[31m.txt", b"new\nline.txt", b"no\xffutf8.txt", "ж ü.txt".encode()):
        pathlib.Path(os.fsdecode(os.path.join(os.fsencode(folder), name))).write_bytes(b"good\n")
    out = tmp_path / "out"
    config = settings(tmp_path, sink={"use": "jsonl", "directory": str(out)})
    config["source"]["files"].append(str(folder))
    ended("run", config).says(0)
    files = [json.loads(line)["file"] for path in out.glob("batch-*.jsonl") for line in path.read_text().splitlines()]
    assert {pathlib.Path(file).name for file in files} == {"data.txt", "esc\x1b[31m.txt", "new\nline.txt", "no\ufffdutf8.txt", "ж ü.txt"}
    pathlib.Path(folder / "esc\x1b[31m.txt").write_bytes(b"bad \x80\n")
    said = ended("run", config, "--set", "sink.existing=replace").says(65, "esc\\x1B[31m.txt").stderr
    assert "\x1b" not in said and len(said.splitlines()) == 1
