"""Holds the batches that were written against BERT's embedding layer, worked out again in plain Python.

    check.py FOLDER MODEL      the folder of a run, the model's safetensors file

BERT's layer is LayerNorm(word row + segment row + position row), eps 1e-12 (Devlin 2018). No library is needed: a safetensors
file is a length, a JSON header and the numbers.
"""
import array
import json
import math
import pathlib
import sys


class Safetensors:
    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        size = int.from_bytes(self.data[:8], "little")
        self.header = json.loads(self.data[8:8 + size])
        self.begin = 8 + size

    def numbers(self, name, first=0, count=None):
        """`count` numbers of a tensor from its `first` on; all of them without a count."""
        kind = {"F32": "f", "I64": "q"}[self.header[name]["dtype"]]
        begin, end = self.header[name]["data_offsets"]
        out = array.array(kind)
        begin += first * out.itemsize
        end = end if count is None else begin + count * out.itemsize
        out.frombytes(self.data[self.begin + begin:self.begin + end])
        return out

    def shape(self, name):
        return self.header[name]["shape"]


def expected(model, token, segment, position, norm):
    """One vector of BERT's layer, in double precision."""
    width = model.shape("embeddings.word_embeddings.weight")[1]
    rows = [model.numbers(f"embeddings.{table}_embeddings.weight", row * width, width)
            for table, row in [("word", token), ("token_type", segment), ("position", position)]]
    total = [sum(values) for values in zip(*rows)]
    mean = sum(total) / width
    scale = 1 / math.sqrt(sum((value - mean) ** 2 for value in total) / width + 1e-12)
    return [(value - mean) * scale * weight + bias for value, weight, bias in zip(total, *norm)]


def main():
    folder, model = pathlib.Path(sys.argv[1]), Safetensors(sys.argv[2])
    norm = [model.numbers(f"embeddings.LayerNorm.{part}") for part in ("weight", "bias")]
    worst = vectors = 0
    batch = Safetensors(folder / "batch-00000000.safetensors")
    rows, length, width = batch.shape("embeddings")
    ids, segments = batch.numbers("input_ids"), batch.numbers("token_type_ids")
    for row in range(min(rows, 4)):
        for position in range(length):
            place = row * length + position
            wanted = expected(model, ids[place], segments[place], position, norm)
            found = batch.numbers("embeddings", place * width, width)
            worst = max(worst, max(abs(a - b) for a, b in zip(wanted, found)))
            vectors += 1
    print(f"{vectors} vectors of {width} numbers: the largest difference from BERT's embedding layer is {worst:.1e}")
    return 0 if worst <= 2e-6 else 1


if __name__ == "__main__":
    sys.exit(main())
