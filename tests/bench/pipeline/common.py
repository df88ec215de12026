"""What the pipeline benchmarks share: the documents, the config over them, the rivals' runs, and a line of result."""
import dataclasses
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
ASSETS = ROOT / "build" / "assets"
SECONDS = 4
# What glibc is told so that freed memory is kept: without it every batch of a rival pays for page faults.
REUSE = "glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=4294967296:glibc.malloc.top_pad=268435456"


def write_documents(path):
    """Documents of about 1 KB, none twice, from the dictionary. Returns how many."""
    text = (ASSETS / "prose-dictionary" / "gcide.txt").read_text(encoding="utf-8", errors="replace")
    count = 0
    with open(path, "w", encoding="utf-8") as file:
        for begin in range(0, len(text) - 1024, 1024):
            file.write(json.dumps({"text": text[begin:begin + 1024]}) + "\n")
            count += 1
    return count


def config(documents, embeddings):
    def table(name):
        return {"use": "safetensors", "file": str(ASSETS / "bert" / "model.safetensors"), "tensor": f"embeddings.{name}"}

    out = {
        "schema": 1,
        "source": {"use": "jsonl", "files": [str(documents)]},
        "tokenizer": {"use": "wordpiece", "vocab": str(ASSETS / "bert" / "vocab.txt"), "lowercase": True},
        "segment": {"use": "single", "max_length": 128},
        "objective": {"use": "mlm"},
        "batch": {"size": 64, "emit": ["input_ids", "attention_mask", "labels"]},
        "run": {"seed": 7, "shuffle": True, "epochs": 1 if embeddings else 3},
    }
    if embeddings:
        out["batch"]["emit"].append("embeddings")
        out["position"] = {"use": "learned", "table": table("position_embeddings.weight")}
        out["embedding"] = {"token": table("word_embeddings.weight"), "segment": table("token_type_embeddings.weight"),
                            "norm": {"type": "layer_norm", "weight": table("LayerNorm.weight"), "bias": table("LayerNorm.bias"), "eps": 1e-12}}
    return out


@dataclasses.dataclass
class Rival:
    first: float  # seconds to the first batch, imports and loading included
    rate: float  # tokens a second after it


def rival(name, documents):
    environment = dict(os.environ, GLIBC_TUNABLES=REUSE, RAYON_NUM_THREADS="2")
    done = subprocess.run([sys.executable, str(HERE / "contestants.py"), name, str(documents), str(SECONDS)],
                          capture_output=True, text=True, env=environment, check=True)
    return Rival(*map(float, done.stdout.split()[-2:]))


def emit(name, value, rival_name=None, rival_value=None, floor=None, unit="Mtokens/s"):
    """A line of result. Of times and sizes less is better, of rates more."""
    row = {"name": name, "value": value, "unit": unit}
    if rival_name:
        row |= {"rival": rival_name, "rival_value": rival_value,
                "ratio": rival_value / value if unit in ("s", "us", "MiB") else value / rival_value}
    if floor:
        row["floor"] = floor
    print(json.dumps(row), flush=True)
