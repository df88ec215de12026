"""The training example: stopped and gone on with, its losses are those of a run that was not; so are those of another world."""

import json
import os
import subprocess
import sys

import pytest

import support

SCRIPT = support.ROOT / "examples" / "07_train_bert" / "train.py"


def train(out, world, steps, save_every=3):
    """The losses of all steps so far, by step."""
    done = subprocess.run([sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(world), "--rdzv-backend", "c10d",
                           "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1", str(SCRIPT), "--steps", str(steps), "--save-every", str(save_every),
                           "--out", str(out)],
                          capture_output=True, text=True, timeout=400, cwd=support.ROOT, env={**os.environ, "PYTHONPATH": str(support.PACKAGE)})
    assert done.returncode == 0, done.stdout + done.stderr
    return {point["step"]: point["loss"] for point in map(json.loads, (out / "losses.jsonl").read_text().splitlines())}


def test_a_stopped_training_goes_on(tmp_path):
    whole = train(tmp_path / "whole", 2, 9)
    assert sorted(whole) == list(range(1, 10)) and whole[9] < whole[1]
    train(tmp_path / "pieces", 2, 4)
    assert train(tmp_path / "pieces", 2, 9) == whole
    # One process goes on where two stopped: the same batches, floats added in another order.
    train(tmp_path / "fewer", 2, 3)
    assert train(tmp_path / "fewer", 1, 7) == pytest.approx({step: whole[step] for step in range(1, 8)}, abs=1e-3)
