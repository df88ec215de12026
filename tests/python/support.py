"""What the tests of the Python package share: the package in the build tree, small configs over real text, child interpreters."""

import json
import os
import pathlib
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = pathlib.Path(os.environ.get("EMBEDLOOM", ROOT / "build" / "embedloom")).parent / "python"
sys.path[:0] = [str(PACKAGE), str(ROOT / "tests" / "oracle")]
ASSETS = ROOT / "build" / "assets"
BERT = ASSETS / "bert"
JARGON = str(ASSETS / "prose-jargon" / "jargon.txt")
NO_GPU = {"CUDA_VISIBLE_DEVICES": "", "EMULATED_DEVICES": "0"}  # for a child that is to train on the CPU
FAQ = str(ASSETS / "qa-faq" / "faq.jsonl")


def __getattr__(name):
    """support.pipeline only where it is used: it imports torch, and child interpreters should be quick."""
    if name == "pipeline":
        import pipeline

        return pipeline
    raise AttributeError(name)


def config(**changes):
    """A small run over real text; sections of `changes` are merged into it."""
    out = {
        "source": {"use": "text", "files": [JARGON]},
        "tokenizer": {"use": "wordpiece", "vocab": str(BERT / "vocab.txt"), "lowercase": True},
        "segment": {"use": "single", "max_length": 64},
        "batch": {"size": 64, "emit": ["input_ids", "attention_mask", "special_tokens_mask"]},
        "run": {"seed": 5},
    }
    for key, value in changes.items():
        out[key] = {**out.get(key, {}), **value} if isinstance(value, dict) else value
    return out


def pairs(**changes):
    """Question and answer pairs with finished embeddings."""
    import pipeline

    base = {"source": {"use": "jsonl", "files": [FAQ], "text": "q", "pair": "a"}, "segment": {"use": "pair", "max_length": 96},
            **pipeline.bert_embedding(), "batch": {"size": 16, "emit": ["input_ids", "token_type_ids", "attention_mask", "embeddings"]}}
    return config(**{**base, **{key: {**base.get(key, {}), **value} for key, value in changes.items()}})


def start(script, *arguments, environment=None):
    """A child interpreter with the package; it prints, the test reads."""
    code = f"import sys; sys.path[:0] = {[str(PACKAGE), str(ROOT / 'tests' / 'python')]!r}\n" + textwrap.dedent(script)
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, **(environment or {})})


def run(script, *arguments, timeout=120, environment=None):
    """What a child interpreter printed; it must end well and say nothing on stderr."""
    child = start(script, *arguments, environment=environment)
    out, err = child.communicate(timeout=timeout)
    assert child.returncode == 0 and err == "", f"exit code {child.returncode}\n{out}\n{err}"
    return out


def torchrun(script, *arguments, world=1, out, environment=None, expected=0):
    """Runs a script of children/ in `world` processes under torchrun, which leave what they note in the folder `out`."""
    done = subprocess.run([sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(world), "--rdzv-backend", "c10d",
                           "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1",  # no name is looked up: some machines have none
                           str(ROOT / "tests" / "python" / "children" / script), *map(str, arguments)],
                          capture_output=True, text=True, timeout=400, cwd=ROOT, env=child_environment(out, environment))
    assert (done.returncode != 0) == (expected != 0), done.stdout + done.stderr
    return done.stdout + done.stderr


def train_example(out, world, steps, save_every=3, environment=None, expected=0):
    """The losses that examples/07_train_bert has noted in the folder `out`, by step; where it is expected to fail, what it said."""
    done = subprocess.run([sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", str(world), "--rdzv-backend", "c10d",
                           "--rdzv-endpoint", "127.0.0.1:0", "--local-addr", "127.0.0.1", str(ROOT / "examples" / "07_train_bert" / "train.py"),
                           "--steps", str(steps), "--save-every", str(save_every), "--out", str(out)],
                          capture_output=True, text=True, timeout=400, cwd=ROOT, env=child_environment(out, environment))
    assert (done.returncode != 0) == (expected != 0), done.stdout + done.stderr
    if expected:
        return done.stdout + done.stderr
    return {point["step"]: point["loss"] for point in map(json.loads, (out / "losses.jsonl").read_text().splitlines())}


def child_environment(out, more=None):
    path = os.pathsep.join([str(PACKAGE), str(ROOT / "tests" / "python"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "TRAINING_OUT": str(out), "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", **(more or {})}


def noted(out, kind, world):
    """What each rank noted, one list a rank."""
    files = [pathlib.Path(out) / f"{kind}-{rank}.jsonl" for rank in range(world)]
    return [[json.loads(line) for line in file.read_text().splitlines()] if file.exists() else [] for file in files]


def losses(out, world):
    """The loss of each step: what its batches, accumulated ones too, gave on all ranks. The last word on a step counts."""
    whole = {}
    for entries in noted(out, "loss", world):
        own = {}
        for number, entry in enumerate(entries):
            again = number > 0 and entries[number - 1]["step"] == entry["step"]
            own[entry["step"]] = own[entry["step"]] + [entry["loss"]] if again else [entry["loss"]]
        for step, parts in own.items():
            whole.setdefault(step, []).append(sum(parts))
    return {step: sum(parts) / world for step, parts in whole.items()}


def shares(out, world):
    """The rows of all ranks together by (epoch, step), in their order; what was given twice, after a death, must be the same."""
    whole = {}
    for batches in noted(out, "rows", world):
        own = {}
        for batch in batches:
            assert own.setdefault((batch["epoch"], batch["step"]), batch["rows"]) == batch["rows"]
        for key, rows in own.items():
            whole.setdefault(key, []).extend(rows)
    return whole
