"""What the trainings of the tests share: a config, a tiny BERT, and a ledger of the rows that each rank was given."""

import atexit
import hashlib
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import torch  # noqa: E402

import support  # noqa: E402

import embedloom.torch  # noqa: E402


@atexit.register
def leave():
    """Gloo's threads that outlive the interpreter can end it with SIGABRT (PyTorch pull request 179291), and trainers leave the group to that."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


torch.set_num_threads(1)
OUT = pathlib.Path(os.environ.get("TRAINING_OUT", "."))
RANK = int(os.environ.get("RANK", os.environ.get("LOCAL_RANK", 0)))

# 503 records: 15 batches of 32 and one of 23.
SETTINGS = support.config(source={"use": "jsonl", "files": [support.FAQ], "text": "q"}, segment={"max_length": 24}, objective={"use": "mlm"},
                          batch={"size": 32, "emit": ["input_ids", "attention_mask", "labels"]}, run={"shuffle": True, "seed": 11})
# Of this one nobody knows the length of an epoch beforehand: a record may make no row.
UNSIZED = {**SETTINGS, "run": {**SETTINGS["run"], "on_error": {"policy": "skip", "at_most": "1 %"}}}


def bert():
    """One layer, 32 wide, no dropout; the same on all ranks."""
    import transformers  # by those alone that train: it takes seconds

    torch.manual_seed(3)
    return transformers.BertForMaskedLM(transformers.BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, max_position_embeddings=24,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))


def rows_of(batch):
    """A digest for each row, its pads left out."""
    ids, labels = (torch.as_tensor(batch[name]) for name in ("input_ids", "labels"))
    return [hashlib.sha256(row[row != 0].numpy().tobytes() + label[row != 0].numpy().tobytes()).hexdigest()[:16] for row, label in zip(ids, labels)]


def stream(settings, epochs):
    """The rows that one process is given, by (epoch, step)."""
    loader = embedloom.torch.Loader(settings)
    return {(epoch, batch.step): rows_of(batch) for epoch in range(epochs) for batch in loader}


def note(kind, /, **what):
    """A line of this rank's ledger, on disk before the process may die."""
    with open(OUT / f"{kind}-{RANK}.jsonl", "a") as file:
        file.write(json.dumps(what) + "\n")


def note_batch(batch):
    note("rows", epoch=batch.state["epoch"], step=batch.step, rows=rows_of(batch), records=[origin.record for origin in batch.provenance])
