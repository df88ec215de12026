"""What the tests of bad input share: a small vocabulary, a config over one file, and the memory and end of a run."""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import pipeline  # noqa: E402

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "a", "b", "##a", "line", "of", "text"]
# Bytes of memory that no bad input of these tests may take; AddressSanitizer keeps for a while what was given back.
LIMIT = (2048 if pipeline.SANITIZED else 512) << 20


def settings(folder, data=b"good line\ntext\n", name="data.txt", **changes):
    """A config over one file of `data`; sections of `changes` are merged into it."""
    folder = pathlib.Path(folder)
    file = folder / name
    if data is not None:
        file.write_bytes(data)
    vocabulary = folder / "small.txt"
    vocabulary.write_text("".join(word + "\n" for word in WORDS))
    out = {
        "schema": 1,
        "source": {"use": "jsonl" if ".jsonl" in name else "text", "files": [str(file)]},
        "tokenizer": {"use": "wordpiece", "vocab": str(vocabulary)},
        "segment": {"use": "single", "max_length": 16},
        "batch": {"size": 4},
        "run": {"cache": str(folder / "cache")},
    }
    for key, value in changes.items():
        out[key] = {**out.get(key, {}), **value} if isinstance(value, dict) and "use" not in value else value
    return out


# A small process between: what one starts counts the memory that its parent held.
MEASURED = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stderr=subprocess.STDOUT)
_, status, usage = os.wait4(process.pid, 0)
sys.stdout.write(f"\\n{os.waitstatus_to_exitcode(status)}\\n{usage.ru_maxrss}")
"""


class Ended:
    """How a process ended: its code and what it said."""

    def __init__(self, command, **options):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.stdout, stderr = process.communicate(timeout=300)
        self.code = process.returncode
        self.stderr = stderr.decode("utf-8", "surrogateescape")

    def says(self, code, *words):
        """Ended with `code`, and every word is in what it said; no crash, no trace of one."""
        assert self.code == code, (self.code, self.stderr)
        for word in words:
            assert word in self.stderr, (word, self.stderr)
        return self


def ended(command, config, *arguments, text=None, **options):
    """A command of the program on a config (a dict, or `text` as it stands) in a folder of its own."""
    path = pathlib.Path(config["source"]["files"][0]).parent / "config.yaml" if text is None else config
    path.write_bytes(json.dumps(config, ensure_ascii=False).encode() if text is None else text)
    quiet = ["--progress", "none"] if command == "run" else []
    return Ended([str(pipeline.PROGRAM), command, str(path), *quiet, *map(str, arguments)], **options)


def peak_bytes(command, config, *arguments):
    """The exit code, all that was said, and the most memory the process held."""
    path = pathlib.Path(config["source"]["files"][0]).parent / "config.yaml"
    path.write_text(json.dumps(config))
    program = [str(pipeline.PROGRAM), command, str(path), *map(str, arguments)]
    done = subprocess.run([sys.executable, "-S", "-c", MEASURED, *program], capture_output=True, timeout=600)
    said, code, kibibytes = done.stdout.decode(errors="replace").rsplit("\n", 2)
    return int(code), said, int(kibibytes) << 10
