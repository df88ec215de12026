"""Finished embeddings against transformers' BertEmbeddings in eval mode, with the real MiniLM weights."""

import json

import pytest
import safetensors.torch
import torch
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertEmbeddings

import pipeline

torch.set_num_threads(2)


@pytest.fixture(scope="module")
def reference():
    config = BertConfig.from_json_file(pipeline.BERT / "config.json")
    module = BertEmbeddings(config).eval()
    weights = safetensors.torch.load_file(pipeline.BERT / "model.safetensors")
    module.load_state_dict({name.removeprefix("embeddings."): value for name, value in weights.items()
                            if name.startswith("embeddings.") and "position_ids" not in name}, strict=False)
    return module


def expected(reference, batch):
    with torch.inference_mode():
        return reference(input_ids=batch["input_ids"], token_type_ids=batch["token_type_ids"])


def pairs(folder, count):
    """Pairs of real paragraphs of every length up to far too long."""
    texts = [text for text in (pipeline.ASSETS / "prose-jargon" / "jargon.txt").read_text(encoding="utf-8").split("\n\n") if text.strip()]
    path = folder / "pairs.jsonl"
    with open(path, "w", encoding="utf-8") as file:
        for i in range(count):
            file.write(json.dumps({"text": texts[i % len(texts)][: 1 + i % 700], "pair": texts[(i * 7 + 1) % len(texts)]}) + "\n")
    return path


def one_ulp(dtype, value):
    """The distance to the next number of the type, away from zero."""
    bits = {torch.bfloat16: 8, torch.float16: 11}[dtype]
    exponent = torch.frexp(value.float().abs().clamp_min(2.0**-14)).exponent
    return torch.ldexp(torch.ones_like(value, dtype=torch.float32), exponent - bits)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_pairs_equal_bert_embeddings(tmp_path, reference, dtype):
    rows = 10_000 if dtype == "float32" else 2_000
    config = {
        "source": {"use": "jsonl", "files": [str(pairs(tmp_path, rows))], "text": "text", "pair": "pair"},
        "tokenizer": pipeline.wordpiece(),
        "segment": {"use": "pair", "max_length": 128},
        **pipeline.bert_embedding(dtype),
        "batch": {"size": 100, "pad": "longest", "emit": ["input_ids", "token_type_ids", "attention_mask", "embeddings"]},
        "run": {"seed": 3, "shuffle": True},
    }
    batches, result = pipeline.run(tmp_path, config)
    assert result["rows"] == rows and result["ledger"]["balanced"]
    for batch in batches:
        assert batch["embeddings"].dtype == getattr(torch, dtype)
        wanted = expected(reference, batch)
        difference = (batch["embeddings"].float() - wanted).abs()
        if dtype == "float32":
            assert difference.max() <= 2e-6
        else:
            # Near 0 a unit of the type is smaller than what two float32 computations may differ by.
            assert (difference <= one_ulp(batch["embeddings"].dtype, wanted).clamp_min(2e-6)).all()
    if dtype == "float32":
        lengths = torch.cat([batch["attention_mask"].sum(1) for batch in batches])
        assert (lengths == 128).sum() > 100 and (lengths < 128).sum() > 100, "full rows and padded ones"


def test_rows_of_full_model_length_equal_bert_embeddings(tmp_path, reference):
    config = {
        "source": {"use": "text", "files": [str(pipeline.ASSETS / "prose-jargon" / "jargon.txt")], "records": "files"},
        "tokenizer": pipeline.wordpiece(),
        "segment": {"use": "single", "max_length": 512},
        **pipeline.bert_embedding(),
        "batch": {"size": 1, "pad": "max", "emit": ["input_ids", "token_type_ids", "embeddings", "word_embeddings"]},
    }
    (batch,), _ = pipeline.run(tmp_path, config)
    assert batch["input_ids"].shape == (1, 512)
    assert (batch["embeddings"] - expected(reference, batch)).abs().max() <= 2e-6
    assert torch.equal(batch["word_embeddings"], reference.word_embeddings(batch["input_ids"]).detach())
