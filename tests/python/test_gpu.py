"""What only a GPU can show: its driver's pinned memory, copies that are under way while batches come, NCCL. Skipped where there is none."""

import pytest
import torch
from torch.utils.data import DataLoader

import support
import embedloom.torch

pytestmark = pytest.mark.skipif(not torch.accelerator.is_available(), reason="no GPU: test_accelerator.py shows what can be shown without one")
DEVICE = torch.accelerator.current_accelerator()
COUNT = torch.accelerator.device_count()
SETTINGS = support.pairs(run={"shuffle": True})


@pytest.mark.parametrize("how", [{"pin_memory": True}, {"copy": True}, {}], ids=str)
def test_copies_that_are_under_way_hold_what_was_given(how):
    """No one waits for a copy, the device is kept busy, and the session fills its memory again meanwhile."""
    loader, there = embedloom.torch.Loader(SETTINGS, **how), []
    busy = torch.randn(*[4096 if DEVICE.type == "cuda" else 64] * 2, device=DEVICE)
    for _ in range(3):
        for batch in loader:
            assert all(tensor.is_pinned() == ("pin_memory" in how) for tensor in batch.values())
            busy = (busy @ busy).clamp(-1, 1)  # copies wait their turn behind it
            there.append(batch.to(DEVICE, non_blocking=True))
            del batch
    torch.accelerator.synchronize()
    again = embedloom.torch.Loader(SETTINGS)
    for moved, wanted in zip(there, (batch for _ in range(3) for batch in again), strict=True):
        assert all(moved[name].device.type == DEVICE.type and torch.equal(moved[name].cpu(), tensor) for name, tensor in wanted.items())


@pytest.mark.parametrize("workers", [0, 1])
def test_a_data_loader_pins(workers):
    loader = DataLoader(embedloom.torch.Loader(SETTINGS), batch_size=None, pin_memory=True, num_workers=workers,
                        multiprocessing_context="spawn" if workers else None)
    for batch, wanted in zip(loader, embedloom.torch.Loader(SETTINGS), strict=True):
        assert all(tensor.is_pinned() and torch.equal(tensor, wanted[name]) for name, tensor in batch.items())
        assert (batch.state, batch.valid_tokens, batch.provenance) == (wanted.state, wanted.valid_tokens, wanted.provenance)


def test_the_module_there_equals_the_assembled_embeddings():
    module = embedloom.torch.embedding_module(SETTINGS).to(DEVICE)
    for batch in embedloom.torch.Loader(SETTINGS, steps=4, pin_memory=True):
        moved = batch.to(DEVICE, non_blocking=True)
        with torch.inference_mode():
            found = module(moved["input_ids"], moved["token_type_ids"])
        assert (found - moved["embeddings"]).abs().max() <= 1e-5


def test_the_training_example_on_all_gpus(tmp_path):
    """Stopped and gone on with; its losses are those of the CPU within what a GPU's arithmetic makes."""
    cpu = support.train_example(tmp_path / "cpu", 1, 6, environment=support.NO_GPU)
    support.train_example(tmp_path / "gpu", COUNT, 4)
    assert support.train_example(tmp_path / "gpu", COUNT, 6) == pytest.approx(cpu, abs=1e-2)
    # What the GPUs have saved goes on on the CPU.
    assert support.train_example(tmp_path / "gpu", 1, 7, environment=support.NO_GPU)[7] < cpu[1]


@pytest.mark.skipif(COUNT < 2, reason="ranks with a GPU each want two")
@pytest.mark.parametrize("how", ["set", "bound"])
def test_ranks_talk_through_a_gpu_each(how, tmp_path):
    support.torchrun("on_device.py", how, world=2, out=tmp_path)
    (one,), (other,) = support.noted(tmp_path, "whole", 2)
    assert one == other and '"rank":null' in one["state"]["embedloom"]
