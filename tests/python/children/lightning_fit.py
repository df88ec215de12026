"""A tiny BERT under Lightning for two epochs: lightning_fit.py sized|unsized|bare [--die-at STEP] [--devices N]
[--keep-at STEP] [--after batch|validation|epoch] [--accumulate N]; goes on from a checkpoint that is there."""

import argparse
import os
import warnings

import common
import lightning
import torch

import embedloom.torch
from embedloom.lightning import DataModule

warnings.filterwarnings("ignore")


class Masked(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.bert = common.bert()

    def training_step(self, batch, number):
        common.note_batch(batch)
        logits = self.bert(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch["labels"].flatten(), reduction="sum") / 100
        loss = loss * self.trainer.world_size
        common.note("loss", step=self.global_step + 1, loss=loss.item())
        return loss

    def validation_step(self, batch, number):
        common.note("validation", records=[origin.record for origin in batch.provenance])

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=3e-3)


class Dying(lightning.Callback):
    """Keeps one step, at a place where Lightning's own callback may, and dies."""

    has_kept = False

    def keep(self, trainer, after):
        if trainer.global_step == options.keep_at and options.after == after and not self.has_kept:
            self.has_kept = True  # further batches belong to the next step
            trainer.save_checkpoint(kept)

    def on_validation_end(self, trainer, module):
        self.keep(trainer, "validation")

    def on_train_epoch_end(self, trainer, module):
        self.keep(trainer, "epoch")

    def on_train_batch_end(self, trainer, module, outputs, batch, number):
        self.keep(trainer, "batch")
        if trainer.global_step == options.die_at:
            trainer.strategy.barrier()
            os._exit(9)


parser = argparse.ArgumentParser()
parser.add_argument("how", choices=["sized", "unsized", "bare"])
parser.add_argument("--die-at", type=int, default=0)
parser.add_argument("--devices", type=int, default=1)
parser.add_argument("--keep-at", type=int, default=5)
parser.add_argument("--after", choices=["batch", "validation", "epoch"], default="batch")
parser.add_argument("--accumulate", type=int, default=1)
options = parser.parse_args()
loader = embedloom.torch.Loader(common.UNSIZED if options.how == "unsized" else common.SETTINGS)
validation = embedloom.torch.Loader({**common.SETTINGS, "run": {"seed": 1}}, steps=2)
data = {"train_dataloaders": loader} if options.how == "bare" else {"datamodule": DataModule(loader, validation)}
trainer = lightning.Trainer(
    accelerator="cpu", devices=options.devices, strategy="ddp" if options.devices > 1 else "auto", max_epochs=2, logger=False,
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0, callbacks=[Dying()],
    check_val_every_n_epoch=1, accumulate_grad_batches=options.accumulate)
kept = common.OUT / "kept.ckpt"
trainer.fit(Masked(), ckpt_path=str(kept) if kept.exists() else None, weights_only=False, **data)
common.note("end", steps=trainer.global_step, epochs=trainer.current_epoch)
