#!/usr/bin/env python3
"""Holds a batch's embeddings against the formula, in plain Python and float64: LayerNorm(token + segment + position)."""
import array
import json
import math
import struct
import sys

EPS = 1e-12
ALLOWED = 2e-6


class Safetensors:
    """The tensors of a file, row by row."""

    def __init__(self, path):
        self.file = open(path, "rb")
        (size,) = struct.unpack("<Q", self.file.read(8))
        self.header = json.loads(self.file.read(size))
        self.data = 8 + size

    def shape(self, name):
        return self.header[name]["shape"]

    def numbers(self, name, begin=None, count=None):
        """`count` numbers from number `begin` on; all of them without."""
        entry = self.header[name]
        letter, width = {"F32": ("f", 4), "I64": ("q", 8)}[entry["dtype"]]
        first, end = entry["data_offsets"]
        if begin is not None:
            first, end = first + begin * width, first + (begin + count) * width
        self.file.seek(self.data + first)
        return array.array(letter, self.file.read(end - first))


def layer_norm(vector, weight, bias):
    mean = math.fsum(vector) / len(vector)
    variance = math.fsum((x - mean) ** 2 for x in vector) / len(vector)
    scale = 1 / math.sqrt(variance + EPS)
    return [(x - mean) * scale * w + b for x, w, b in zip(vector, weight, bias)]


def main(batch_path, model_path):
    batch, model = Safetensors(batch_path), Safetensors(model_path)
    rows, length, width = batch.shape("embeddings")
    ids, segments, mask = (batch.numbers(name) for name in ("input_ids", "token_type_ids", "attention_mask"))
    weight, bias = (model.numbers(f"embeddings.LayerNorm.{name}") for name in ("weight", "bias"))

    def row_of(table, row):
        return model.numbers(f"embeddings.{table}_embeddings.weight", row * width, width)

    worst, compared = 0.0, 0
    for at in range(rows * length):
        if not mask[at]:
            continue
        parts = zip(row_of("word", ids[at]), row_of("token_type", segments[at]), row_of("position", at % length))
        expected = layer_norm([token + segment + position for token, segment, position in parts], weight, bias)
        found = batch.numbers("embeddings", at * width, width)
        worst = max(worst, max(abs(a - b) for a, b in zip(expected, found)))
        compared += 1
    print(f"{compared} vectors of {width} numbers; largest difference from the formula {worst:.1e}, allowed {ALLOWED:.0e}")
    return 0 if worst <= ALLOWED else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
