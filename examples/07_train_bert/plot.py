"""Draws the losses of a run: plot.py LOSSES.jsonl PICTURE.png"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

losses = [json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()]
figure, axes = pyplot.subplots(figsize=(6, 3.2), layout="constrained")
axes.plot([point["step"] for point in losses], [point["loss"] for point in losses], color="#2a6f97", linewidth=1.4)
axes.set_xlabel("step")
axes.set_ylabel("loss of masked words")
axes.spines[["top", "right"]].set_visible(False)
axes.grid(axis="y", color="#dddddd", linewidth=0.6)
figure.savefig(sys.argv[2], dpi=150)
