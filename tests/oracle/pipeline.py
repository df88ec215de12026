"""Runs the program on a config and reads back the batches that its safetensors sink wrote."""

import json
import os
import pathlib
import subprocess

import safetensors.numpy
import safetensors.torch

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = pathlib.Path(os.environ.get("EMBEDLOOM", ROOT / "build" / "embedloom"))
TEST_PLUGINS = pathlib.Path(os.environ.get("EMBEDLOOM_BUILD", ROOT / "build" / "release")) / "test_plugins"
SANITIZED = PROGRAM.parent.name == "asan"  # ten times slower and more memory: tests do less of the same
ASSETS = ROOT / "build" / "assets"
BERT = ASSETS / "bert"


def table(tensor):
    return {"use": "safetensors", "file": str(BERT / "model.safetensors"), "tensor": f"embeddings.{tensor}"}


def bert_embedding(dtype="float32"):
    """The `position` and `embedding` parts of a config with the real MiniLM weights."""
    return {
        "position": {"use": "learned", "table": table("position_embeddings.weight")},
        "embedding": {
            "token": table("word_embeddings.weight"),
            "segment": table("token_type_embeddings.weight"),
            "norm": {"type": "layer_norm", "weight": table("LayerNorm.weight"), "bias": table("LayerNorm.bias"), "eps": 1e-12},
            "dtype": dtype,
        },
    }


def wordpiece(**more):
    return {"use": "wordpiece", "vocab": str(BERT / "vocab.txt"), "lowercase": True, **more}


def call(*arguments, expected=0):
    """The finished process; its exit code must be `expected`."""
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, timeout=600)
    assert done.returncode == expected, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def ledger_of(done):
    """The ledger that `run --json` printed."""
    ledger = json.loads(done.stdout)["ledger"]
    assert ledger["balanced"]
    return ledger


def write_config(folder, config):
    """A config as JSON, which is YAML."""
    path = pathlib.Path(folder) / "config.yaml"
    path.write_text(json.dumps({"schema": 1, **config}, ensure_ascii=False))
    return path


def run(folder, config, *arguments):
    """Batches of a whole run as dicts of torch tensors, and the result that --json printed."""
    out = pathlib.Path(folder) / "out"
    path = write_config(folder, {**config, "sink": {"use": "safetensors", "directory": str(out), "existing": "replace"}})
    done = call("run", path, "--progress", "none", "--json", *arguments)
    batches = [safetensors.torch.load_file(file) for file in sorted(out.glob("batch-*.safetensors"))]
    return batches, json.loads(done.stdout)
