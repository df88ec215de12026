"""Generated texts meant to break: added tokens and their look-alikes, every edge of the fast way, marks, controls, decode."""

import random
import struct
import subprocess

import pytest

import wordpiece_oracle as oracle

TOKENS = [*oracle.SPECIALS, "a", "b", "ab", "abc", "##a", "##b", "##bc", "e", "##e", "\u00e9", "!", ".", "\u4e00", "##\u4e00", "0", "##0", "a" * 15,
          "##aaaaaaaa", "\u03c3", "##\u03c3", "\u1112", "##\u1161", "##\u11ab", "##\u302e", "[", "]", "mask", "A", "##B", "#", "##", "do", "not", "n", "'", "t"]
ADDED = [
    oracle.added("<n>", 0, normalized=True), oracle.added("<N>", 0), oracle.added("<w>", 0, single_word=True),
    oracle.added("<l>", 0, lstrip=True), oracle.added("<r>", 0, rstrip=True),
    oracle.added("<both>", 0, lstrip=True, rstrip=True, single_word=True, normalized=True),
    oracle.added("<s>", 0, special=True, rstrip=True), oracle.added("<s><s>", 0, special=True), oracle.added("ab<", 0, normalized=True),
    oracle.added("Caf\u00e9", 0, normalized=True, single_word=True), oracle.added("\u4e00\u4e01", 0, normalized=True),
    oracle.added("<\u0323\u0301>", 0, normalized=True, special=True),
]
ATOMS = ["a", "b", "c", "A", "B", "ab", "abc", "e", "E", "\u00e9", "\u00c9", "e\u0301", " ", "  ", "\t", "\n", "\r\n", "!", ".", "$", "\u4e00", "\u4e01", "\uf900",
         "\u0301", "\u0323", "\u302e", "\u0344", "\u0f73", "\U0001d165", "\U0001d16d", "\ud55c", "\u1112", "\u1161", "\u11ab", "\u03a3", "\u0130", "\u1e9e", "\u00a0",
         "\u3000", "\u2003", "\u200b", "\u200d", "\ufeff", "\ufffd", "\x00", "\x01", "\x7f", "\x0b", "\x0c", "\x1c", "\x85", "\u20ac", "\u2e42", "0", "_", "a" * 15,
         "a" * 16, "a" * 17, "b" * 61, "b" * 100, "b" * 101, "\U0001f600", "\u0958", "\u09cb", "\u037e", "\u2126", "\u1e9b\u0323", "#", "##", "'", "\U000e0001"]
NEAR = ["[MASK]", "[mask]", "[MASK", "MASK]", "[UNK]", "[CLS][SEP]", *(entry["content"] for entry in ADDED), "<S>", "<W>", "<Both>", "cafe", "CAF\u00c9",
        "cafe\u0301", "<", ">", " <l>", "<r> ", "<\u0301\u0323>", "<s><s"]


def texts(seed, count, longest):
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        atoms = ATOMS if draw.random() < 0.5 else NEAR + ATOMS[:20]
        made.append("".join(draw.choices(atoms, k=draw.randint(0, longest))))
    return made


NORMALIZERS = [
    oracle.bert_normalizer(), oracle.bert_normalizer(lowercase=False), oracle.bert_normalizer(strip_accents=False),
    oracle.bert_normalizer(clean_text=False), oracle.bert_normalizer(handle_chinese_chars=False, strip_accents=True, lowercase=False),
    None, {"type": "Lowercase"}, {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
    {"type": "Sequence", "normalizers": [oracle.bert_normalizer(lowercase=False, strip_accents=False), {"type": "NFD"}]},
]


@pytest.mark.parametrize("number", range(len(NORMALIZERS)))
@pytest.mark.parametrize("plain", [True, False])
def test_added_tokens_and_their_look_alikes(tmp_path, number, plain):
    path = oracle.write_json(tmp_path / "t.json", TOKENS, NORMALIZERS[number], [] if plain else ADDED)
    oracle.hold(path, texts(100 + number, 3000, 30))
    oracle.hold(path, texts(200 + number, 3000, 30), "special_tokens=text")


def test_edges_of_blocks_keys_and_scans(tmp_path):
    path = oracle.write_json(tmp_path / "t.json", TOKENS, oracle.bert_normalizer())
    made = []
    for filler in ("ab ", "b", "!", " ", "\u00e9", "\u4e00", "a\u0301"):
        for size in (*range(14, 18), *range(61, 68), *range(126, 131), *range(4090, 4100), 8190, 8193):
            body = (filler * (size // len(filler) + 1))[:size]
            made += [body + tail for tail in ("", "a", "!", " ", "\u00e9", "a" * 15 + " b", "\u0301", "[MASK]", "\x01")]
    oracle.hold(path, made)


def test_long_mixtures(tmp_path):
    path = oracle.write_json(tmp_path / "t.json", TOKENS, oracle.bert_normalizer(), ADDED[1:5])
    oracle.hold(path, texts(3, 300, 3000))


@pytest.mark.parametrize("limit", [0, 1, 5, 1000])
def test_words_too_long(tmp_path, limit):
    path = oracle.write_json(tmp_path / "t.json", TOKENS, oracle.bert_normalizer(), max_input_chars_per_word=limit)
    oracle.hold(path, texts(4 + limit, 3000, 30))


@pytest.mark.parametrize("prefix", ["", "@@", "a", "\u0120"])
def test_other_prefixes(tmp_path, prefix):
    tokens = [token.replace("##", prefix) for token in TOKENS]
    path = oracle.write_json(tmp_path / "t.json", list(dict.fromkeys(token for token in tokens if token)), oracle.bert_normalizer(), continuing_subword_prefix=prefix)
    oracle.hold(path, texts(9, 3000, 30))


def test_a_limit_gives_the_first_tokens_and_the_bytes_they_cover(tmp_path):
    path = oracle.write_json(tmp_path / "t.json", TOKENS, oracle.bert_normalizer(), ADDED)
    made = texts(5, 1500, 30)
    whole = oracle.ask(path, made)
    for wanted in (0, 1, 2, 7):
        for text, (ids, spans, words, _, _), cut in zip(made, whole, oracle.ask(path, made, f"wanted={wanted}")):
            assert (cut[0] == ids[:wanted]).all() and (cut[1] == spans[:wanted]).all() and (cut[2] == words[:wanted]).all()
            assert cut[3] == (len(ids) <= wanted)
            assert cut[4] == (len(text.encode()) if cut[3] else spans[wanted - 1][1] if wanted else 0)


def decoded(path, lists, specials):
    packed = b"".join(struct.pack(f"<I{len(ids)}I", len(ids), *ids) for ids in lists)
    out = subprocess.run([oracle.TOOL, path, f"decode={specials}"], input=packed, stdout=subprocess.PIPE, check=True).stdout
    made, at = [], 0
    for _ in lists:
        (size,) = struct.unpack_from("<I", out, at)
        made.append(out[at + 4:at + 4 + size].decode())
        at += 4 + size
    return made


def test_decode(tmp_path):
    small = oracle.write_json(tmp_path / "t.json", TOKENS, oracle.bert_normalizer(), ADDED)
    files = [small]
    if oracle.BERT.is_dir():
        files.append(oracle.BERT / "tokenizer.json")
    draw = random.Random(6)
    for path in files:
        tokenizer = oracle.load(path)
        size = tokenizer.get_vocab_size()
        lists = [[draw.randrange(size + 3) for _ in range(draw.randint(0, 20))] for _ in range(3000)]
        for skip in (False, True):
            expected = [tokenizer.decode(ids, skip_special_tokens=skip) for ids in lists]
            assert decoded(path, lists, "skip" if skip else "keep") == expected
