"""examples/08_embed_sentences: the matrix is that of the same model fed with Hugging Face's ids, and every row leads back to its line."""

import json
import subprocess
import sys

import numpy
import safetensors.torch
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

import support

EXAMPLE = support.ROOT / "examples" / "08_embed_sentences"


def wanted(texts):
    """[N,D]: transformers alone, from text to the mean of the hidden states."""
    tokenizer = BertTokenizerFast(vocab_file=str(support.BERT / "vocab.txt"))
    model = BertModel(BertConfig.from_json_file(support.BERT / "config.json"), add_pooling_layer=False).eval()
    weights = safetensors.torch.load_file(support.BERT / "model.safetensors")
    model.load_state_dict({name.removeprefix("bert."): tensor for name, tensor in weights.items()}, strict=False)
    inputs = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
    with torch.inference_mode():
        hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"].unsqueeze(-1)
    return torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1)).numpy()


def test_the_matrix_has_a_row_for_each_sentence_in_the_file_s_order(tmp_path):
    subprocess.run([sys.executable, str(EXAMPLE / "embed.py"), str(EXAMPLE / "embed.yaml"), str(tmp_path / "out")], check=True, cwd=support.ROOT,
                   stdout=subprocess.DEVNULL)
    with open(support.FAQ, encoding="utf-8") as file:
        texts = [json.loads(line)["q"] for line in file]
    matrix = numpy.load(tmp_path / "out.npy")
    assert matrix.shape == (len(texts), 384)
    assert numpy.abs(matrix[::25] - wanted(texts[::25])).max() < 1e-5
    places = (tmp_path / "out.lines").read_text().splitlines()
    assert [place.rsplit(":", 1)[1] for place in places] == [str(line) for line in range(1, len(texts) + 1)]
