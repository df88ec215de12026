"""A tiny BERT under Lightning for two epochs: lightning_fit.py sized|unsized|bare [--die-at STEP] [--devices N]; goes on from a checkpoint that is there."""

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
    """Keeps every fifth step, and dies."""

    def on_train_batch_end(self, trainer, module, outputs, batch, number):
        if trainer.global_step == 5:
            trainer.save_checkpoint(common.OUT / "five.ckpt")
        if trainer.global_step == options.die_at:
            trainer.strategy.barrier()
            os._exit(9)


parser = argparse.ArgumentParser()
parser.add_argument("how", choices=["sized", "unsized", "bare"])
parser.add_argument("--die-at", type=int, default=0)
parser.add_argument("--devices", type=int, default=1)
options = parser.parse_args()
loader = embedloom.torch.Loader(common.UNSIZED if options.how == "unsized" else common.SETTINGS)
validation = embedloom.torch.Loader({**common.SETTINGS, "run": {"seed": 1}}, steps=2)
data = {"train_dataloaders": loader} if options.how == "bare" else {"datamodule": DataModule(loader, validation)}
trainer = lightning.Trainer(
    accelerator="cpu", devices=options.devices, strategy="ddp" if options.devices > 1 else "auto", max_epochs=2, logger=False,
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0, callbacks=[Dying()],
    check_val_every_n_epoch=1)
five = common.OUT / "five.ckpt"
trainer.fit(Masked(), ckpt_path=str(five) if five.exists() else None, weights_only=False, **data)
common.note("end", steps=trainer.global_step, epochs=trainer.current_epoch)
