"""Where there is an accelerator: pinned memory, workers that keep off it, and ranks that have one each. The accelerator is emulated (emulated/)."""

import json
import types

import pytest
import torch

import emulated
import support
import embedloom.torch

BEGIN = """
import json, sys, warnings
import torch
from torch.utils.data import DataLoader
import embedloom, embedloom.torch, support
SETTINGS = support.pairs(run={"shuffle": True})
"""


def on_device(script, *arguments, devices=1, notes=None):
    """What a child interpreter with the emulated accelerator printed, as JSON."""
    return json.loads(support.run(BEGIN + script, *arguments, environment=emulated.environment(devices, notes)))


def contexts(notes):
    """Pairs of process and device: who has used which."""
    return sorted(tuple(map(int, path.name.split("-"))) for path in notes.iterdir())


def test_the_emulated_device_is_as_strict_as_a_gpu():
    said = on_device("""
here, there = torch.arange(6.0), torch.arange(6.0).to("emulated")
def refused(body):
    try:
        body()
    except (RuntimeError, TypeError) as error:
        return str(error)
print(json.dumps([str(torch.accelerator.current_accelerator()), (there + there).sum().item(), here.is_pinned(), here.pin_memory().is_pinned(),
    refused(lambda: here + there), refused(lambda: torch.nn.functional.embedding(here.long(), there[:, None])), refused(there.numpy)]))
""")
    assert said[:4] == ["emulated", 30.0, False, True]
    assert "same device" in said[4] and "same device" in said[5] and "Tensor.cpu()" in said[6]


def test_pinned_tensors_are_the_session_s_and_let_go_of_its_memory():
    said = on_device("""
kept = list(embedloom.torch.Loader(SETTINGS, pin_memory=True))  # 32 batches at a time, of a session that has 3
tensors = [tensor for batch in kept for tensor in batch.values()]
alive = torch.emulated.counts()
assert all(batch.pin_memory()[name] is tensor for batch in kept for name, tensor in batch.items())
with embedloom.open(SETTINGS) as session:
    same = all(torch.equal(batch[name], torch.from_dlpack(array)) for batch, wanted in zip(kept, session, strict=True) for name, array in wanted.items())
moved = kept[3].to("emulated", non_blocking=True)
came = torch.emulated.counts().async_in
back = all(torch.equal(moved[name].cpu(), kept[3][name]) for name in moved) and moved.valid_tokens == kept[3].valid_tokens
del kept, tensors[:]
print(json.dumps([same, back, alive, came, torch.emulated.counts()[:2]]))
""")
    assert said == [True, True, [128, 128, 0, 0], 4, [128, 0]]  # 4 tensors in each batch: each was pinned once, and freed


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("pins", [False, True])
def test_a_data_loader_that_pins_gives_whole_batches(workers, pins, tmp_path):
    said = on_device("""
workers, pins = map(int, sys.argv[1:])
with warnings.catch_warnings(record=True) as warned:
    loader = DataLoader(embedloom.torch.Loader(SETTINGS, pin_memory=bool(pins)), batch_size=None, pin_memory=True, num_workers=workers,
                        multiprocessing_context="spawn" if workers else None)
    whole, late = [], []
    for batch, wanted in zip(loader, embedloom.torch.Loader(SETTINGS), strict=True):
        late.append(batch._provenance is None)
        whole.append(type(batch) is embedloom.torch.TensorBatch and all(tensor.is_pinned() and torch.equal(tensor, wanted[name])
            for name, tensor in batch.items()) and (batch.step, batch.state, batch.valid_rows, batch.valid_tokens, batch.repeats, batch.provenance)
            == (wanted.step, wanted.state, wanted.valid_rows, wanted.valid_tokens, wanted.repeats, wanted.provenance))
print(json.dumps([len(whole), all(whole), all(late), torch.emulated.counts().pinned, list(map(str, warned))]))
""", workers, int(pins), notes=tmp_path)
    assert said == [32, True, workers == 0, 128, []]
    assert len(contexts(tmp_path)) == 1, "a worker has used the device"


def test_a_worker_keeps_off_the_device(tmp_path):
    said = on_device("""
loader = DataLoader(embedloom.torch.Loader(SETTINGS, pin_memory=True), batch_size=None, num_workers=1, multiprocessing_context="spawn")
wanted = embedloom.torch.Loader(SETTINGS, copy=True)
print(json.dumps(all(torch.equal(batch["embeddings"], other["embeddings"]) for batch, other in zip(list(loader), wanted, strict=True))))
""", notes=tmp_path)
    assert said is True and contexts(tmp_path) == []


def test_without_an_accelerator_nothing_is_pinned_and_that_is_said():
    said = on_device("""
with warnings.catch_warnings(record=True) as warned:
    loader = embedloom.torch.Loader(SETTINGS, steps=3, pin_memory=True)
    pinned = [tensor.is_pinned() for batch in loader for tensor in batch.values()]
print(json.dumps([pinned, [(str(each.message), each.category.__name__, each.filename) for each in warned]]))
""", devices=0)
    assert said[0] == [False] * 12
    assert said[1] == [["pin_memory=True, but PyTorch finds no accelerator that reads pinned memory: tensors are not pinned", "UserWarning", "<string>"]]


def test_what_can_be_pinned_for_is_what_pytorch_says(monkeypatch):
    def accelerator(kind, available):
        return types.SimpleNamespace(is_available=lambda: available, current_accelerator=lambda: torch.device(kind))

    for kind, available, wanted in [("cuda", True, True), ("cuda", False, False), ("xpu", True, True), ("mps", True, False)]:
        monkeypatch.setattr(torch, "accelerator", accelerator(kind, available))
        assert embedloom.torch.can_pin() is wanted
    monkeypatch.delattr(torch, "accelerator")  # PyTorch before 2.6
    for available in (True, False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
        assert embedloom.torch.can_pin() is available


@pytest.mark.parametrize("how", ["set", "bound", "neither"])
def test_ranks_talk_through_a_device_each(how, tmp_path):
    out = support.torchrun("on_device.py", how, world=2, out=tmp_path, environment=emulated.environment(2), expected=int(how == "neither"))
    if how == "neither":
        assert "Duplicate GPU detected" in out
    else:
        (one,), (other,) = support.noted(tmp_path, "whole", 2)
        assert one == other and '"rank":null' in one["state"]["embedloom"] and one["step"] == 2
