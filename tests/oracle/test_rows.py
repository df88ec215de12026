"""Rows of texts and pairs against Hugging Face tokenizers: ids, segments, masks, offsets, truncation, padding."""

import json
import random

import pytest
import torch
from tokenizers import Tokenizer

import pipeline


def hugging_face(max_length, strategy):
    tokenizer = Tokenizer.from_file(str(pipeline.BERT / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, strategy=strategy)
    return tokenizer


def words(count, seed):
    draw = random.Random(seed)
    text = (pipeline.ASSETS / "prose-jargon" / "jargon.txt").read_text(encoding="utf-8").split()
    return [" ".join(draw.choices(text, k=draw.randint(0, 40))) for _ in range(count)]


def write_lines(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def config_of(source, segment, **batch):
    emit = ["input_ids", "token_type_ids", "attention_mask", "special_tokens_mask", "offset_mapping", "sequence_ids"]
    return {"source": source, "tokenizer": pipeline.wordpiece(), "segment": segment,
            "batch": {"size": 50, "emit": emit, **batch}, "run": {"shuffle": False}}


@pytest.mark.parametrize("strategy", ["longest_first", "only_first", "only_second"])
@pytest.mark.parametrize("max_length", [16, 23, 64])
def test_pairs(tmp_path, strategy, max_length):
    first, second = words(400, 1), words(400, 2)
    tokenizer = hugging_face(max_length, strategy)
    wanted = []
    for a, b in zip(first, second):
        try:
            wanted.append(tokenizer.encode(a, b))
        except Exception:
            wanted.append(None)     # the side that is to be cut is too short: a bad record here
    source = {"use": "jsonl", "files": [write_lines(tmp_path / "p.jsonl", [{"text": a, "pair": b} for a, b in zip(first, second)])],
              "text": "text", "pair": "pair"}
    config = config_of(source, {"use": "pair", "max_length": max_length, "truncate": strategy})
    config["run"]["on_error"] = {"policy": "skip", "at_most": 1.0}
    batches, result = pipeline.run(tmp_path, config)
    rows = [{name: value[i] for name, value in batch.items()} for batch in batches for i in range(len(batch["input_ids"]))]
    kept = [encoding for encoding in wanted if encoding]
    assert len(rows) == len(kept) and result["ledger"]["skipped"] == len(wanted) - len(kept)
    for row, encoding in zip(rows, kept):
        length = int(row["attention_mask"].sum())
        assert row["input_ids"][:length].tolist() == encoding.ids
        assert row["token_type_ids"][:length].tolist() == encoding.type_ids
        assert row["special_tokens_mask"][:length].tolist() == encoding.special_tokens_mask
        assert row["sequence_ids"][:length].tolist() == [-1 if s is None else s for s in encoding.sequence_ids]
        assert (row["input_ids"][length:] == 0).all() and (row["special_tokens_mask"][length:] == 1).all()


def test_offsets_are_bytes_of_the_text(tmp_path):
    texts = ["naïve café 日本語 😀!", "ÀÉ a", "plain words"]
    source = {"use": "jsonl", "files": [write_lines(tmp_path / "t.jsonl", [{"text": text} for text in texts])]}
    batches, _ = pipeline.run(tmp_path, config_of(source, {"use": "single"}))
    tokenizer = hugging_face(512, "longest_first")
    for i, text in enumerate(texts):
        encoding = tokenizer.encode(text)
        ends = [0]
        for character in text:
            ends.append(ends[-1] + len(character.encode()))
        wanted = [[ends[b], ends[e]] for b, e in encoding.offsets]
        length = len(encoding.ids)
        assert batches[0]["offset_mapping"][i, :length].tolist() == wanted


def test_padding_left_fixed_and_multiple(tmp_path):
    source = {"use": "jsonl", "files": [write_lines(tmp_path / "t.jsonl", [{"text": "one two three"}, {"text": "one"}])]}
    segment = {"use": "single", "max_length": 32}
    left, _ = pipeline.run(tmp_path, config_of(source, segment, pad_side="left", pad_multiple=8))
    assert left[0]["input_ids"].tolist() == [[0, 0, 0, 101, 2028, 2048, 2093, 102], [0, 0, 0, 0, 0, 101, 2028, 102]]
    assert left[0]["attention_mask"][1].tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    fixed, _ = pipeline.run(tmp_path, config_of(source, segment, pad=40))
    assert fixed[0]["input_ids"].shape == (2, 40)
    most, _ = pipeline.run(tmp_path, config_of(source, segment, pad="max"))
    assert most[0]["input_ids"].shape == (2, 32)


def test_mlm_follows_its_law(tmp_path):
    source = {"use": "text", "files": [str(pipeline.ASSETS / "prose-jargon" / "jargon.txt")]}
    config = {"source": source, "tokenizer": pipeline.wordpiece(), "segment": {"use": "single", "max_length": 64},
              "batch": {"size": 256, "emit": ["input_ids", "labels", "special_tokens_mask", "attention_mask"]},
              "run": {"seed": 1, "shuffle": False}}
    plain, _ = pipeline.run(tmp_path, {**config, "batch": {**config["batch"], "emit": ["input_ids"]}})
    masked, _ = pipeline.run(tmp_path, {**config, "objective": {"use": "mlm"}})
    tokens = targets = masks = kept = 0
    for before, after in zip(plain, masked):
        target = after["labels"] != -100
        assert not target[after["special_tokens_mask"] == 1].any()
        assert torch.equal(after["labels"][target], before["input_ids"][target])
        assert torch.equal(after["input_ids"][~target], before["input_ids"][~target])
        tokens += int((after["special_tokens_mask"] == 0).sum())
        targets += int(target.sum())
        masks += int((after["input_ids"][target] == 103).sum())
        kept += int((after["input_ids"][target] == after["labels"][target]).sum())
    assert tokens > 300_000
    for share, wanted, trials in [(targets / tokens, 0.15, tokens), (masks / targets, 0.8, targets), (kept / targets, 0.1, targets)]:
        assert abs(share - wanted) < 5 * (wanted * (1 - wanted) / trials) ** 0.5, (share, wanted)
