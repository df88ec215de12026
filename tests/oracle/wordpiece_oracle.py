"""Compares our WordPiece with Hugging Face tokenizers: ids, byte offsets and word numbers of every token."""

import json
import multiprocessing
import os
import pathlib
import struct
import subprocess

import numpy
import pytest
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
ASSETS = ROOT / "build" / "assets"
BERT = ASSETS / "bert"
TOOL = pathlib.Path(os.environ.get("EMBEDLOOM_BUILD", ROOT / "build" / "release")) / "encode_tool"
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def need_assets(*names):
    missing = [name for name in names if not (ASSETS / name).is_dir()]
    if missing:
        pytest.skip(f"NOT TESTED: build/assets lacks {', '.join(missing)}; ./dev test fetches them")


def added(content, identity, **flags):
    """An entry of added_tokens in a tokenizer.json."""
    off = dict.fromkeys(["single_word", "lstrip", "rstrip", "normalized", "special"], False)
    return {"id": identity, "content": content, **off, **flags}


def bert_normalizer(**switches):
    usual = {"clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
    return {"type": "BertNormalizer", **usual, **switches}


def write_json(path, tokens, normalizer, added_tokens=(), **model):
    """A BERT-type tokenizer.json over a list of tokens; those of SPECIALS in it become special added tokens."""
    specials = [added(token, i, special=True) for i, token in enumerate(tokens) if token in SPECIALS]
    extra = [{**entry, "id": len(tokens) + i} for i, entry in enumerate(added_tokens)]
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
             **model, "vocab": {token: i for i, token in enumerate(tokens)}}
    whole = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": specials + extra, "normalizer": normalizer,
             "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": None,
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}, "model": model}
    path.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return path


def load(path):
    """The library's tokenizer of a tokenizer.json, without truncation and padding."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def ask(path, texts, *options):
    """What the tool says: (ids, spans [n,2], words, finished, bytes read) of each text."""
    packed = b"".join(struct.pack("<I", len(data)) + data for data in (text.encode() for text in texts))
    out = subprocess.run([TOOL, path, *options], input=packed, stdout=subprocess.PIPE, check=True, timeout=600).stdout
    results, at = [], 0
    for _ in texts:
        count, finished, read = struct.unpack_from("<IIQ", out, at)
        assert count != 0xFFFFFFFF, "a text was refused"
        tokens = numpy.frombuffer(out, "<u4", 4 * count, at + 16)
        at += 16 + 16 * count
        results.append((tokens[:count], tokens[count:3 * count].reshape(-1, 2), tokens[3 * count:], finished, read))
    assert at == len(out)
    return results


def byte_spans(text, offsets):
    """The library's offsets in characters, as bytes of UTF-8."""
    spans = numpy.array(offsets, dtype=numpy.int64).reshape(-1, 2)
    if text.isascii():
        return spans
    code_points = numpy.frombuffer(text.encode("utf-32-le"), "<u4")
    sizes = 1 + (code_points >= 0x80) + (code_points >= 0x800) + (code_points >= 0x10000).astype(numpy.int64)
    return numpy.concatenate([[0], numpy.cumsum(sizes)])[spans]


def difference(text, theirs, ours):
    """Where the two differ on a text, or None."""
    ids, spans, words, finished, _ = ours
    expected = numpy.column_stack([theirs.ids, byte_spans(text, theirs.offsets), theirs.word_ids]) if theirs.ids else None
    got = numpy.column_stack([ids, spans, words]) if len(ids) else None
    if expected is None or got is None:
        same = expected is None and got is None
    else:
        same = expected.shape == got.shape and (expected == got).all()
    if same and finished:
        return None
    first = next((i for i, (a, b) in enumerate(zip(expected, got)) if (a != b).any()), -1) if expected is not None and got is not None else -1
    around = slice(max(0, first - 2), first + 3)
    listed = [None if side is None else side[around].tolist() for side in (expected, got)]
    return f"{ascii(text[:300])}, token {first}: (id, begin, end, word) expected {listed[0]}, found {listed[1]}"


def compare(job):
    """Texts of one job: differences, tokens, bytes. The tokenizer is loaded here, so that a job can go to another process."""
    path, reference, texts, options = job
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer = reference() if reference else load(path)
    if "special_tokens=text" in options:
        tokenizer.encode_special_tokens = True
    found, tokens, read = [], 0, 0
    for begin in range(0, len(texts), 2000):
        part = texts[begin:begin + 2000]
        theirs = tokenizer.encode_batch(part, add_special_tokens=False)
        for text, expected, ours in zip(part, theirs, ask(path, part, *options)):
            tokens += len(expected.ids)
            read += len(text.encode())
            problem = difference(text, expected, ours)
            if problem:
                found.append(problem)
    return found, tokens, read


def hold(path, texts, *options, reference=None):
    """Asserts that no token differs, on two processes; returns (tokens, bytes). `reference`: makes the library's tokenizer."""
    half = (len(texts) + 1) // 2
    jobs = [(path, reference, part, options) for part in (texts[:half], texts[half:]) if part]
    if len(texts) < 200:
        results = [compare(job) for job in jobs]
    else:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            results = pool.map(compare, jobs)
    found = [problem for problems, _, _ in results for problem in problems]
    assert not found, f"{len(found)} of {len(texts)} texts differ, such as\n" + "\n".join(found[:5])
    return sum(tokens for _, tokens, _ in results), sum(read for _, _, read in results)


def pieces_of(text, size):
    """A text cut into pieces of `size` characters."""
    return [text[i:i + size] for i in range(0, len(text), size)]
