"""Vocabularies, tokenizer.json files and tables that are wrong, through the program: refused before any work, with the file,
the field and what it looks like. Rows T01 to T18, E01 to E14, N01 to N05 of the catalogue of bad input.
"""
# presets: release asan

import gzip
import io
import json
import os
import pathlib
import struct

import numpy as np
import pytest
from bad_input import LIMIT, WORDS, ended, peak_bytes, pipeline, settings

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
FOREIGN = {  # what stands in a model's place, and what must be said
    "T01 a Git-LFS pointer": (LFS, "git lfs pull"),
    "T02 empty": (b"", None),
    "T02 an HTML page": (b"\n<!DOCTYPE HTML>\n<html>404</html>", "an HTML page"),
    "T02 gzip": (gzip.compress(b"[PAD]\n" * 9), "gzip"),
    "a zip archive": (b"PK\x03\x04" + bytes(40), "a zip file"),
    "noise": (bytes(range(128, 256)) * 8, None),
}


def model(folder, file, data, **stage):
    """A config whose tokenizer, or token table where `stage` says so, is this file."""
    path = pathlib.Path(folder) / file
    path.write_bytes(data)
    if not stage:
        return path, settings(folder, tokenizer={"use": "wordpiece", "vocab": str(path)})
    return path, settings(folder, embedding={"token": {"file": str(path), **stage}})


KINDS = {"vocab.txt": {}, "tokenizer.json": {}, "m.safetensors": {"use": "safetensors", "tensor": "t"}, "m.npy": {"use": "npy"}}


@pytest.mark.parametrize("file", KINDS)
@pytest.mark.parametrize("name", FOREIGN)
def test_another_file_in_a_model_s_place_is_called_by_its_name(tmp_path, file, name):
    data, word = FOREIGN[name]
    path, config = model(tmp_path, file, data, **KINDS[file])
    key = "embedding.token.file" if KINDS[file] else "tokenizer.vocab"
    ended("run", config).says(65, f"error: {path}", key, *([word] if word else []))


VOCABULARY = "".join(word + "\n" for word in WORDS).encode()
VOCABULARIES = {
    "T16 line ends": (VOCABULARY.replace(b"\n", b"\r\n"), 0, []),
    "T16 byte order mark": (b"\xef\xbb\xbf" + VOCABULARY, 0, []),
    "T16 no last line end": (VOCABULARY[:-1], 0, []),
    "T16 a duplicate": (VOCABULARY + b"good\n", 65, [":14:", '"good" of line 6']),
    "T16 an empty line": (VOCABULARY.replace(b"good\n", b"good\n\n"), 65, [":7:", "an empty line"]),
    "T17 a token of 1 MB": (VOCABULARY + b"x" * (1 << 20), 65, [":14:", "a token of 1048576 bytes"]),
    "T07 no unknown token": (VOCABULARY.replace(b"[UNK]\n", b""), 65, ['"[UNK]"']),
    "T07 no pad token": (VOCABULARY.replace(b"[PAD]\n", b""), 78, ["batch.pad", "without a pad token"]),
    "T07 no separator": (VOCABULARY.replace(b"[SEP]\n", b""), 78, ["segment.template", "'[SEP]'"]),
    "bytes that are no UTF-8": (VOCABULARY + b"\xff\n", 65, [f"byte {len(VOCABULARY)}", "UTF-8"]),
    "a tokenizer.json by another name": (b'{"model":"' + b"x" * 2000 + b'"}', 65, ["must end in .json"]),
}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_vocabularies_are_checked_line_by_line(tmp_path, name):
    data, code, words = VOCABULARIES[name]
    _, config = model(tmp_path, "vocab.txt", data)
    ended("check", config).says(code, *words)


@pytest.mark.parametrize("role", ["unk", "cls", "sep", "pad", "mask"])
def test_a_special_token_that_the_config_names_must_be_in_the_vocabulary(tmp_path, role):
    _, config = model(tmp_path, "vocab.txt", VOCABULARY)
    config["tokenizer"][f"{role}_token"] = "[GONE]"
    done = ended("check", config).says(78, f"tokenizer.{role}_token", "'[GONE]', which the vocabulary does not have")
    assert done.stderr.count("error: ") == 1, done.stderr
    config["tokenizer"][f"{role}_token"] = "good"
    ended("check", {**config, "segment": {**config["segment"], "template": "$A"}}).says(0)


def test_a_vocabulary_without_mask_is_no_use_for_mlm(tmp_path):  # T07
    _, config = model(tmp_path, "vocab.txt", VOCABULARY.replace(b"[MASK]\n", b""))
    ended("check", {**config, "objective": {"use": "mlm"}}).says(78, "objective", "[MASK]")


def test_a_vocabulary_of_a_hundred_million_lines_takes_no_memory(tmp_path):
    _, config = model(tmp_path, "vocab.txt", b"x\n" * (100 << 20))
    code, said, peak = peak_bytes("check", config)
    assert code == 65 and "at most 16777216 tokens" in said and peak < LIMIT, said


@pytest.mark.parametrize("path", ["pipe", "/dev/zero", "folder", "gone"])
def test_a_model_that_is_no_file_is_refused_without_waiting(tmp_path, path):
    if path == "pipe":
        os.mkfifo(tmp_path / path)
    if path == "folder":
        (tmp_path / path).mkdir()
    vocab = path if path.startswith("/") else str(tmp_path / path)
    done = ended("check", settings(tmp_path, tokenizer={"use": "wordpiece", "vocab": vocab}))
    done.says({"gone": 66, "folder": 78}.get(path, 65), vocab)


def put(*path, value):
    def change(tree):
        for part in path[:-1]:
            tree = tree[part]
        tree[path[-1]] = value
    return change


def drop_pad(tree):
    del tree["model"]["vocab"]["[PAD]"]


JSON = {  # a change of a BERT tokenizer.json, and what is said
    "T06 the id of another": (put("model", "vocab", "hello", value=0), ['"hello"', '"[PAD]"', "one token an id"]),
    "T06 a negative id": (put("model", "vocab", "hello", value=-1), ['vocab["hello"]', "-1"]),
    "T06 a gap": (put("model", "vocab", "hello", value=40000), ['vocab["hello"]', "without a gap"]),
    "T06 2^31": (put("model", "vocab", "hello", value=1 << 31), ['vocab["hello"]', "without a gap"]),
    "T06 2^63": (put("model", "vocab", "hello", value=1 << 63), ['vocab["hello"]']),
    "T06 no integer": (put("model", "vocab", "hello", value=1.5), ['vocab["hello"]', "1.5"]),
    "T07 empty": (put("model", "vocab", value={}), ["model.vocab", "at least one token"]),
    "T07 unknown token": (put("model", "unk_token", value="[NO]"), ["[NO]"]),
    "T07 one less": (drop_pad, ["without a gap"]),
    "T09 normalizer": (put("normalizer", "type", value="Nmt"), ['normalizer.type: "Nmt"']),
    "T09 pre-tokenizer": (put("pre_tokenizer", "type", value="ByteLevel"), ['pre_tokenizer.type: "ByteLevel"']),
    "T09 decoder": (put("decoder", "type", value="Fuse"), ['decoder.type: "Fuse"']),
    "T09 model": (put("model", "type", value="BPE"), ['model.type: "BPE"']),
    "T09 an unknown field of the model": (put("model", "dropout", value=0.1), ['"dropout"']),
    "T09 an unknown field": (put("weird", value=1), ['"weird"']),
    "T10 a stride": (put("truncation", value={"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 4}), ["truncation.stride: 4"]),
    "T12 a length of 0": (put("padding", value={"strategy": {"Fixed": 0}, "pad_token": "[PAD]"}), ["padding.strategy.Fixed: 0"]),
    "T11 a template's token": (put("post_processor", "special_tokens", "[NO]", value={"id": "[NO]", "ids": [3], "tokens": ["[NO]"]}), ["[NO]"]),
    "T17 an empty added token": (put("added_tokens", 0, "content", value=""), ["added_tokens[0].content"]),
    "T17 an added token of 1 MB": (put("added_tokens", 0, "content", value="x" * (1 << 20)), ["added_tokens[0].content"]),
}


@pytest.mark.parametrize("name", JSON)
def test_a_tokenizer_json_is_refused_by_field(tmp_path, name):
    change, words = JSON[name]
    tree = json.loads((pipeline.BERT / "tokenizer.json").read_text())
    change(tree)
    path, config = model(tmp_path, "tokenizer.json", json.dumps(tree).encode())
    ended("check", config).says(65, f"{path}: tokenizer.vocab", *words)


def test_a_tokenizer_json_that_was_cut_is_refused(tmp_path):  # T02
    data = (pipeline.BERT / "tokenizer.json").read_bytes()
    for size in (1, 2, 1000, len(data) // 2, len(data) - 2):
        path, config = model(tmp_path, "tokenizer.json", data[:size])
        ended("check", config).says(65, str(path), "cut short")


ROWS = len(WORDS)
DATA = np.arange(ROWS * 4, dtype="<f4").reshape(ROWS, 4)


def tensor(shape=(ROWS, 4), begin=0, end=ROWS * 16, dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def file_of(header, data=DATA.tobytes(), size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text + data


T = json.dumps(tensor()).encode()
SAFETENSORS = {  # E10: data at an odd byte is read as well
    "E01 0": (file_of({"t": tensor()}, size=0), 65, ["byte 0", "a header of 0 bytes"]),
    "E01 2^63": (file_of({"t": tensor()}, size=1 << 63), 65, ["byte 0", "9223372036854775808", "100000000"]),
    "E01 2^64-1": (file_of({"t": tensor()}, size=(1 << 64) - 1), 65, ["byte 0", "18446744073709551615"]),
    "E02": (b"1234567", 65, ["7 bytes"]),
    "E03 not UTF-8": (file_of(b'{"\xff":1}'), 65, ["byte 8", "UTF-8"]),
    "E03 a leading blank": (file_of(b' {"t":' + T + b"}"), 65, ["byte 8", "white space before"]),
    "E03 garbage": (file_of(b'{"t":' + T + b"}x"), 65, ["byte 8", "not one JSON object"]),
    "E03 trailing blanks": (file_of(b'{"t":' + T + b"}   "), 0, []),
    "E04 a name twice": (file_of(b'{"t":' + T + b',"t":' + T + b"}"), 65, ["'t' twice"]),
    "E05 overlap": (file_of({"t": tensor(), "u": tensor((4,), 8, 24)}), 65, ["tensor 'u' at data byte 8"]),
    "E05 hole": (file_of({"t": tensor(begin=16, end=ROWS * 16 + 16)}, bytes(16) + DATA.tobytes()), 65, ["tensor 't' at data byte 16"]),
    "E05 reversed": (file_of({"t": tensor(begin=ROWS * 16, end=0)}), 65, ["'t'", "begin <= end"]),
    "E05 negative": (file_of({"t": tensor(begin=-1)}), 65, ["negative"]),
    "E05 beyond the end": (file_of({"t": tensor()}, DATA.tobytes()[:-1]), 65, ["'t' beyond the end"]),
    "E05 trailing bytes": (file_of({"t": tensor()}, DATA.tobytes() + b"x"), 65, ["1 bytes after the last tensor"]),
    "E05 nothing within": (file_of({"t": tensor(), "z": tensor((0,), 64, 64)}), 65, ["'z' at data byte 64"]),
    "E06 wraps": (file_of({"t": tensor((4194305, 4194305, 211106198978564), 0, 16)}, bytes(16)), 65, ["'t'", "fits 64 bits"]),
    "E06 rank": (file_of({"t": tensor([1] * 10_000, 0, 4)}, bytes(4)), 65, ["the 65th"]),
    "E06 a fraction": (file_of({"t": tensor((13.5, 4))}), 65, ["no integer"]),
    "E06 no axis beside": (file_of({"t": tensor(), "s": tensor((), ROWS * 16, ROWS * 16 + 4)}, DATA.tobytes() + bytes(4)), 0, []),
    "E07": (file_of({"t": tensor((ROWS, 5))}), 65, ["'t' of 208 bytes", "260 for shape [13, 5]"]),
    "E08": (file_of({"t": tensor(dtype="F4")}), 65, ["'F4' of tensor 't'"]),
    "E09": (file_of({"__metadata__": {"a": 1}, "t": tensor()}), 65, ["metadata 'a'"]),
    "E12": (file_of(b'{"t":' + b"[" * 100_000 + b"]" * 100_000 + b"}"), 65, ["byte 8", "too deep"]),
    "E11 names": (file_of({"../\x1b[31m\n" + "x" * (1 << 20): tensor()}), 78, ["no tensor named 't'", "it has ../\\x1B[31m\\n"]),
    "E14 missing": (file_of({"u": tensor()}), 78, ["embedding.token.tensor", "it has u"]),
    "E14 rank": (file_of({"t": tensor((ROWS, 2, 2))}), 78, ["[13, 2, 2]"]),
    "E14 type": (file_of({"t": tensor(dtype="I32")}), 78, ["'t' of type I32"]),
    "E14, T18 transposed": (file_of({"t": tensor((4, ROWS))}), 78, ["a table of 4 rows", "13 ids", "config.yaml:1:"]),
    "E10 odd byte": (file_of(b'{"t":' + T + b"}" + b" " * (3 - (len(T) + 6) % 2)), 0, []),
}


@pytest.mark.parametrize("name", SAFETENSORS)
def test_a_safetensors_file_is_checked_before_it_is_used(tmp_path, name):
    data, code, words = SAFETENSORS[name]
    path, config = model(tmp_path, "m.safetensors", data, **KINDS["m.safetensors"])
    said = ended("run", config).says(code, *words).stderr
    assert "\x1b" not in said and len(said) < 1000


def test_a_safetensors_file_cut_anywhere_is_refused(tmp_path):
    data = file_of({"t": tensor()})
    for size in range(0, len(data), 7):
        path, config = model(tmp_path, "m.safetensors", data[:size], **KINDS["m.safetensors"])
        ended("check", config).says(65, str(path))


def npy(array, **more):
    out = io.BytesIO()
    np.save(out, array, **more)
    return out.getvalue()


def npy_of(header, data=DATA.tobytes(), version=1):
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + data


NPY = {
    "N01 magic": (b"x" + npy(DATA)[1:], 65, ["byte 0"]),
    "N01 version": (b"\x93NUMPY\4\0" + npy(DATA)[8:], 65, ["byte 0", "version 1 to 3"]),
    "N01 a long header": (npy_of(b" " * 20_000, version=2), 65, ["byte 8", "at most 10000"]),
    "N01 code": (npy_of(b"{'descr': __import__('os').system('id'), }\n"), 65, ["byte 20", "does not parse"]),
    "N01 nested": (npy_of(b"{'descr': " + b"[" * 9000), 65, ["byte 20"]),
    "N02 pickles": (npy(np.array([[None]], dtype=object), allow_pickle=True), 65, ["Python pickle"]),
    "N03 structures": (npy(np.zeros(3, dtype=[("a", "<f4")])), 65, ["structured"]),
    "N03 texts": (npy(np.array(["ab"])), 65, ["'<U2'"]),
    "N04 short": (npy(DATA)[:-4], 65, ["204 bytes of data", "208 for shape [13, 4]"]),
    "N04 long": (npy(DATA) + b"x", 65, ["209 bytes of data"]),
    "N04 wraps": (npy_of(b"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }\n"), 65, ["fits 64 bits"]),
    "N05 big-endian": (npy(DATA.astype(">f4")), 65, ["big-endian", "astype"]),
    "N05 Fortran order": (npy(np.asfortranarray(DATA)), 65, ["Fortran order", "ascontiguousarray"]),
    "N06 npz": (b"PK\x03\x04" + bytes(60), 65, [".npz"]),
    "version 2": (npy_of(b"{'descr': '<f4', 'fortran_order': False, 'shape': (13, 4), }\n", version=2), 0, []),
}


@pytest.mark.parametrize("name", NPY)
def test_an_npy_file_is_checked_before_it_is_used(tmp_path, name):
    data, code, words = NPY[name]
    _, config = model(tmp_path, "m.npy", data, use="npy")
    ended("run", config).says(code, *words)


@pytest.mark.parametrize("value,word", [(np.nan, "nan"), (np.inf, "inf")])
def test_numbers_that_are_not_finite_are_found_on_request(tmp_path, value, word):  # E13
    array = DATA.copy()
    array[3, 2] = value
    path, config = model(tmp_path, "m.npy", npy(array), use="npy")
    ended("check", config).says(0)
    ended("check", config, "--tables").says(65, "embedding.token", word + " at row 3, column 2")
    fine = {"token": {"use": "random", "rows": ROWS, "width": 4}}
    config.update(embedding=fine, position={"use": "learned", "table": {"use": "npy", "file": str(path)}}, segment={"use": "single", "max_length": 8})
    ended("check", config, "--tables").says(65, "position", word + " at position 3, column 2")
    array[3, 2] = 1e-42  # a denormal is a number
    path.write_bytes(npy(array))
    ended("check", config, "--tables").says(0)
