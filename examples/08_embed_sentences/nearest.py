"""Says which sentences are nearest to one of them: nearest.py OUT ROW"""
import json
import pathlib
import sys

import numpy

out, row = sys.argv[1], int(sys.argv[2])
matrix, origins = numpy.load(f"{out}.npy"), pathlib.Path(f"{out}.lines").read_text().splitlines()


def sentence(origin):
    path, line = origin.rsplit(":", 1)
    return json.loads(pathlib.Path(path).read_text().splitlines()[int(line) - 1])["q"]


likeness = matrix @ matrix[row]
for other in numpy.argsort(-likeness, kind="stable")[:4]:
    print(f"{likeness[other]:.3f}  {origins[other]}  {sentence(origins[other])}")
