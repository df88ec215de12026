"""A tiny BERT under accelerate, two epochs, three batches to an update: accelerated.py [--die-at UPDATE]; goes on from a checkpoint that is there."""

import argparse
import os

import common
import torch
from accelerate import Accelerator

import embedloom.torch
from embedloom.accelerate import prepare

parser = argparse.ArgumentParser()
parser.add_argument("--die-at", type=int, default=0)
options = parser.parse_args()
accelerator = Accelerator(cpu=True, gradient_accumulation_steps=3)
model = common.bert()
model, optimizer = accelerator.prepare(model, torch.optim.AdamW(model.parameters(), lr=3e-3))
loader = prepare(embedloom.torch.Loader(common.SETTINGS), accelerator)
checkpoint = common.OUT / "checkpoint"
updates = 0
if checkpoint.exists():
    accelerator.load_state(str(checkpoint))
    updates = 4
while loader.loader.epoch < 2:
    for batch in loader:
        common.note_batch(batch)
        with accelerator.accumulate(model):
            logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch["labels"].flatten(), reduction="sum") / 100
            accelerator.backward(loss * accelerator.num_processes)
            optimizer.step()
            optimizer.zero_grad()
        common.note("loss", step=updates + 1, loss=loss.item() * accelerator.num_processes)
        if accelerator.sync_gradients:
            updates += 1
            if updates == 4 and options.die_at:
                accelerator.save_state(str(checkpoint))
            if updates == options.die_at:
                accelerator.wait_for_everyone()
                os._exit(9)
common.note("end", updates=updates, state=loader.state_dict())
accelerator.end_training()
