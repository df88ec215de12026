"""Ten gigabytes of text in a bounded memory: one file, named many times."""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import pipeline  # noqa: E402

DICTIONARY = pipeline.ASSETS / "prose-dictionary" / "gcide.txt"
MEMORY, BESIDE = 512 << 20, 256 << 20


def test_10_gb_stay_within_run_memory(tmp_path):
    size = DICTIONARY.stat().st_size
    path = pipeline.write_config(tmp_path, {
        "source": {"use": "text", "files": [str(DICTIONARY)] * (10_000_000_000 // size + 1), "invalid_utf8": "replace"},
        "tokenizer": pipeline.wordpiece(),
        "segment": {"use": "single", "max_length": 128},
        "objective": {"use": "mlm"},
        "batch": {"size": 64, "emit": ["input_ids", "attention_mask", "labels"]},
        "run": {"seed": 5, "shuffle": True, "memory": MEMORY},
    })
    with subprocess.Popen([pipeline.PROGRAM, "bench", str(path), "--json"], stdout=subprocess.PIPE) as process:
        result = json.loads(process.stdout.read())
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
    print(f"{result['text_bytes']} bytes of text, {usage.ru_maxrss} KiB of memory at most")
    assert result["text_bytes"] > 9_000_000_000 and result["ledger"]["balanced"]
    assert usage.ru_maxrss << 10 < MEMORY + BESIDE
