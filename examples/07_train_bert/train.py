"""Trains a small BERT on masked words, under torchrun with any number of processes, and goes on where it was stopped.

    torchrun --nproc-per-node 2 examples/07_train_bert/train.py --steps 150
"""
import argparse
import json
import os
import pathlib

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from transformers import BertConfig, BertForMaskedLM

import embedloom.torch

HERE = pathlib.Path(__file__).resolve().parent


def small_bert():
    """Two layers, 128 wide. Without dropout, so that a run is the same for any number of processes."""
    torch.manual_seed(7)
    return BertForMaskedLM(BertConfig(hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512,
                                      max_position_embeddings=64, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))


class MaskedLoss(torch.nn.Module):
    """The sum of the losses of the masked words: the vocabulary's 30,522 scores are worked out for these alone."""

    def __init__(self):
        super().__init__()
        self.bert = small_bert()

    def forward(self, batch):
        hidden = self.bert.bert(batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
        masked = batch["labels"] != -100
        scores = self.bert.cls(hidden[masked])
        return torch.nn.functional.cross_entropy(scores, batch["labels"][masked], reduction="sum"), masked.sum()


def total(tensor):
    """The sum over all ranks."""
    out = tensor.detach().clone().float()
    dist.all_reduce(out)
    return out


def save(path, step, parts, loader):
    """One file for all ranks: model and optimizer are the same everywhere, the loader's states merge into one."""
    state = embedloom.torch.gather_state(loader.state_dict())
    if dist.get_rank() == 0:
        checkpoint = {"step": step, "loader": state, **{name: part.state_dict() for name, part in parts.items()}}
        torch.save(checkpoint, path.with_suffix(".new"))
        path.with_suffix(".new").rename(path)
    dist.barrier()


def load(path, parts, loader):
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    for name, part in parts.items():
        part.load_state_dict(checkpoint[name])
    loader.load_state_dict(checkpoint["loader"])
    return checkpoint["step"]


def own_device():
    """The GPU of this process, or the CPU where there is no GPU."""
    if not torch.accelerator.is_available():
        return torch.device("cpu")
    number, count = int(os.environ["LOCAL_RANK"]), torch.accelerator.device_count()
    if number >= count:
        raise SystemExit(f"process {number} has no GPU of its own: start at most {count} on this machine")
    torch.accelerator.set_device_index(number)  # objects that ranks gather go by the current GPU, which is GPU 0 otherwise
    return torch.device(torch.accelerator.current_accelerator().type, number)


def train(options, device):
    model = DistributedDataParallel(MaskedLoss().to(device))
    parts = {"model": model.module, "optimizer": torch.optim.AdamW(model.parameters(), lr=1e-3)}
    loader = embedloom.torch.Loader(HERE / "train.yaml", pin_memory=device.type != "cpu")
    path = options.out / "checkpoint.pt"
    step = load(path, parts, loader) if path.exists() else 0
    while step < options.steps:  # an epoch each time
        for batch in loader:
            loss, words = model({name: tensor.to(device, non_blocking=True) for name, tensor in batch.items()})
            words = total(words)
            # DistributedDataParallel takes the mean over ranks; the loss is a mean over the words of all of them.
            (loss * dist.get_world_size() / words).backward()
            parts["optimizer"].step()
            parts["optimizer"].zero_grad()
            step += 1
            mean = (total(loss) / words).item()
            if dist.get_rank() == 0:
                with open(options.out / "losses.jsonl", "a") as file:
                    file.write(json.dumps({"step": step, "loss": mean}) + "\n")
                if step % 10 == 0:
                    print(f"step {step:4d}  loss {mean:.4f}", flush=True)
            if step % options.save_every == 0 or step == options.steps:
                save(path, step, parts, loader)
            if step == options.steps:
                break


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--save-every", type=int, default=50)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/out/train_bert"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    device = own_device()
    dist.init_process_group(dist.get_default_backend_for_device(device), device_id=None if device.type == "cpu" else device)
    try:
        train(options, device)
    finally:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
