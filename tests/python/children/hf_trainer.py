"""A tiny BERT under Hugging Face's Trainer: hf_trainer.py UPDATES ACCUMULATE [--die-at STEP] [--unsized]; goes on from a checkpoint that is there."""

import argparse
import os

import common
import torch
import transformers
from transformers.trainer_utils import get_last_checkpoint

import embedloom.torch
from embedloom.trainer import Trainer, masked_loss


class Noting(Trainer):
    def training_step(self, model, inputs, num_items_in_batch=None):
        common.note_batch(inputs)
        loss = super().training_step(model, inputs, num_items_in_batch)
        common.note("loss", step=self.state.global_step + 1, loss=loss.item())
        return loss


class Dying(transformers.TrainerCallback):
    def __init__(self, step):
        self.step = step

    def on_step_end(self, args, state, control, **_):
        if state.global_step == self.step:
            os._exit(9)


# With several ranks on the CPU this Trainer loads to "cpu:0", a place that this torch does not know by itself.
torch.serialization.register_package(50, lambda storage: None, lambda storage, place: storage if place.startswith("cpu:") else None)
parser = argparse.ArgumentParser()
parser.add_argument("updates", type=int)
parser.add_argument("accumulate", type=int)
parser.add_argument("--die-at", type=int, default=0)
parser.add_argument("--unsized", action="store_true")
options = parser.parse_args()
how_long = {"max_steps": options.updates} if options.unsized else {"num_train_epochs": 2}
arguments = transformers.TrainingArguments(
    output_dir=str(common.OUT / "checkpoints"), gradient_accumulation_steps=options.accumulate, learning_rate=3e-3, lr_scheduler_type="constant",
    logging_steps=1, save_steps=4, report_to=[], use_cpu=True, disable_tqdm=True, **how_long)
trainer = Noting(model=common.bert(), args=arguments, train_dataset=embedloom.torch.Loader(common.UNSIZED if options.unsized else common.SETTINGS),
                 compute_loss_func=masked_loss, callbacks=[Dying(options.die_at)])
done = trainer.train(resume_from_checkpoint=get_last_checkpoint(arguments.output_dir) if os.path.isdir(arguments.output_dir) else None)
common.note("log", epochs=[entry["epoch"] for entry in trainer.state.log_history if "loss" in entry])
examples = None if options.unsized else trainer.num_examples(trainer.get_train_dataloader())
common.note("seen", rows=round(done.metrics["train_samples_per_second"] * done.metrics["train_runtime"]), examples=examples)
