"""Ten gigabytes of text in a bounded memory: one file, named many times."""

import json
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import pipeline  # noqa: E402

DICTIONARY = pipeline.ASSETS / "prose-dictionary" / "gcide.txt"
MEMORY, BESIDE = 512 << 20, 256 << 20


def own_memory(process):
    """Bytes that belong to a process alone: all but mapped files, which are shared and given back when they are not used."""
    try:
        status = pathlib.Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"RssAnon:\s+(\d+) kB", status)
    return int(found[1]) << 10 if found else 0


def test_10_gb_stay_within_run_memory(tmp_path):
    size = DICTIONARY.stat().st_size
    path = pipeline.write_config(tmp_path, {
        "source": {"use": "text", "files": [str(DICTIONARY)] * (10_000_000_000 // size + 1), "invalid_utf8": "replace", "records": "paragraphs"},
        "tokenizer": pipeline.wordpiece(),
        "segment": {"use": "single", "max_length": 128},
        "objective": {"use": "mlm"},
        "batch": {"size": 64, "emit": ["input_ids", "attention_mask", "labels"]},
        "run": {"seed": 5, "shuffle": True, "memory": MEMORY, "cache": str(tmp_path / "cache")},
    })
    most = 0
    with subprocess.Popen([pipeline.PROGRAM, "bench", str(path), "--json"], stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            most = max(most, own_memory(process.pid))
            time.sleep(0.1)
        result = json.loads(process.stdout.read())
    print(f"{result['text_bytes']} bytes of text in {result['rows']} records, {most >> 20} MiB of its own memory at most")
    assert result["text_bytes"] > 9_000_000_000 and result["ledger"]["balanced"]
    assert 0 < most < MEMORY + BESIDE
