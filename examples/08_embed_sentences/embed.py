"""Embeds the sentences of a file with MiniLM: a matrix with a row for each, in the file's order, and where each row came from.

    embed.py CONFIG OUT      writes OUT.npy, [N,D] float32, rows of length 1, and OUT.lines, "file:line" a row
"""
import bisect
import json
import mmap
import os
import pathlib
import sys

import numpy
import safetensors.torch
import torch
from transformers import BertConfig, BertModel

import embedloom.torch

HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE.parents[1] / "build" / "assets" / "bert"


def encoder():
    """The layers above the embeddings, which Embedloom has made already."""
    model = BertModel(BertConfig(**json.loads((MODEL / "config.json").read_text())), add_pooling_layer=False).eval()
    weights = safetensors.torch.load_file(MODEL / "model.safetensors")
    missing = model.load_state_dict({name.removeprefix("bert."): tensor for name, tensor in weights.items()}, strict=False).missing_keys
    assert not [name for name in missing if "position_ids" not in name], missing
    return model


def sentence_vectors(model, batch):
    """[B,S,D] to [B,D]: the mean of each row's tokens, pads left out, made as long as 1."""
    mask = batch["attention_mask"]
    hidden = model.encoder(batch["embeddings"], attention_mask=model.get_extended_attention_mask(mask, mask.shape)).last_hidden_state
    means = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
    return torch.nn.functional.normalize(means)


class Lines:
    """The line of a byte, in files of which each is looked through once."""

    def __init__(self):
        self.ends = {}

    def of(self, origin):
        if origin.file not in self.ends:
            with open(origin.file, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
                bytes_ = numpy.frombuffer(text, numpy.uint8)
                self.ends[origin.file] = numpy.flatnonzero(bytes_ == ord("\n")).tolist()
                del bytes_  # a mapping in use cannot be closed
        return bisect.bisect_left(self.ends[origin.file], origin.byte) + 1


@torch.inference_mode()
def main(config, out):
    model, lines = encoder(), Lines()
    vectors, origins = [], []
    for batch in embedloom.torch.Loader(config):
        vectors.append(sentence_vectors(model, batch).numpy())
        origins += [f"{os.path.relpath(origin.file)}:{lines.of(origin)}" for origin in batch.provenance]
    matrix = numpy.concatenate(vectors)
    numpy.save(f"{out}.npy", matrix)
    pathlib.Path(f"{out}.lines").write_text("\n".join(origins) + "\n")
    print(f"{out}.npy: {matrix.shape[0]} rows of {matrix.shape[1]}, the first of {origins[0]}, the last of {origins[-1]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
