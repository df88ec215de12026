"""Embedloom for Hugging Face's Trainer: a Loader as its train_dataset, and a checkpoint that goes on without reading anything twice."""

from __future__ import annotations

import json
import os
import pathlib
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import torch
import transformers
from accelerate.utils import recursively_apply
from transformers.trainer_utils import get_last_checkpoint

from .accelerate import gather_rows
from .errors import Code, MissingInputError, Mistake
from .ranks import refused
from .session import Session, no_state
from .torch import Loader, TensorBatch, gather_state
from .torch import read_state as loader_state

__all__ = ["LoaderMixin", "LoaderState", "Trainer", "masked_loss"]

STATE_NAME = "embedloom.json"


def refuse_empty_share(session: Session) -> None:
    """Most models take no batch without rows, and the loss of one is no number."""
    rows = session.last_rows()
    if rows is not None and rows < session.world_size:
        raise refused(f"a last batch of {rows} row{'s' * (rows != 1)} for {session.world_size} ranks", "one for each of them at least",
                      "batch.tail: drop, or wrap")


def rows_of_epoch(loader: Loader) -> int | None:
    """Of all ranks, where that is known without making them."""
    with loader.open() as session:
        session.begin_epoch(loader.epoch)
        return session.rows(range(session.windows()), loader.epoch)


class Epochs:
    """What Trainer iterates: the loader's epochs; where no length is known, all of them as one, which `max_steps` ends.

    With max_steps what is known must not depend on the number of ranks: the updates of an epoch whose length is known end with it, those of
    one without end go on, and a checkpoint would not fit another number of ranks.
    """

    def __init__(self, loader: Loader, *, by_steps: bool) -> None:
        self.loader = loader
        self.rows = 0  # of this rank that were trained on, without repeats
        self._resumed = False
        with loader.open() as session:
            session.begin_epoch(loader.epoch)
            refuse_empty_share(session)
            self.length, ranks = session.length(), session.world_size
        if by_steps and ranks > 1:
            with loader.open(rank=0, world_size=1) as alone:
                alone.begin_epoch(loader.epoch)
                self.length = alone.length()

    def __len__(self) -> int:
        """Batches that are left of this epoch: all of them, but where it goes on from a state."""
        if self.length is None:
            raise TypeError("the number of batches of this config is known only at the end of an epoch: say max_steps")
        return self.length - self.loader.position

    def load(self, state: dict[str, Any]) -> None:
        self.loader.load_state_dict(state)
        self._resumed = True

    def set_epoch(self, epoch: int) -> None:
        """Trainer's count of epochs, which a checkpoint of the same run shares."""
        if self.length is None:
            return
        if self._resumed:
            due = self.loader.epoch + (self.loader.position >= self.length)
            if epoch != due:
                raise refused(f"a checkpoint of epoch {due}, where Trainer counts epoch {epoch}", "the same",
                              "gradient_accumulation_steps is to be what it was")
        self._resumed = False
        self.loader.set_epoch(epoch)

    def __iter__(self) -> Iterator[TensorBatch]:
        is_over = False
        while not is_over:
            for batch in self.loader:
                self.rows += batch.valid_rows
                yield batch
            is_over = self.length is not None


class LoaderState(transformers.TrainerCallback):
    """Writes the loader's state of all ranks beside trainer_state.json, and reads it where `checkpoint` is set."""

    def __init__(self, epochs: Epochs) -> None:
        self.epochs = epochs
        self.checkpoint: str | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.epochs.rows = 0
        if self.checkpoint is None:
            self.epochs.loader.set_epoch(0)
        else:
            self.epochs.load(read_state(pathlib.Path(self.checkpoint) / STATE_NAME))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self.epochs.length:  # in the epoch that was resumed Trainer counts from its beginning
            state.epoch = self.epochs.loader.epoch + self.epochs.loader.position / self.epochs.length

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        whole = gather_state(self.epochs.loader.state_dict())
        if args.should_save:
            write_state(pathlib.Path(args.output_dir) / f"checkpoint-{state.global_step}" / STATE_NAME, whole)


def write_state(path: pathlib.Path, state: dict[str, Any]) -> None:
    """Whole or not at all."""
    part = path.with_suffix(".new")
    part.write_text(json.dumps(state) + "\n")
    os.replace(part, path)


def read_state(path: pathlib.Path) -> dict[str, Any]:
    """What write_state wrote. Raises MissingInputError, and BadDataError where it is cut or changed."""
    if not path.exists():
        text = f"{path}: no such file: the checkpoint is without a loader's state, or was cut off while it was written; take an earlier one"
        raise MissingInputError((Mistake(Code.no_input, text, file=str(path)),))
    try:
        state = json.loads(path.read_text())
    except ValueError:
        raise no_state(str(path), "a file that is cut or changed") from None
    epoch, at = loader_state(state, str(path))
    return {"epoch": epoch, "embedloom": at}


class Evaluated:
    """What Trainer evaluates: the loader's epoch 0, and which rows of the batch at hand count. Trainer keeps labels and inputs of all
    batches, so these are copies."""

    def __init__(self, loader: Loader) -> None:
        loader.copy = True
        self.loader = loader
        self.rows = 0  # of this rank so far, without repeats
        self.loss_is_due = False  # the next thing that is gathered is the batch's loss
        self._at_hand = TensorBatch()

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[TensorBatch]:
        self.loader.set_epoch(0)
        self.rows = 0
        for batch in self.loader:
            self.rows += batch.valid_rows
            self._at_hand = batch
            is_empty = any(tensor.shape[0] == 0 for tensor in batch.values())
            yield stand_in(batch) if is_empty else batch

    def own_rows(self, tensors: Any) -> Any:
        """Of what is to be gathered the rows that count; of the loss one for each."""
        count = self._at_hand.valid_rows
        if self.loss_is_due:
            self.loss_is_due = False
            return tensors[:1].repeat(count)
        given = max(1, *(tensor.shape[0] for tensor in self._at_hand.values()))
        return recursively_apply(lambda tensor: tensor[:count] if tensor.shape[:1] == (given,) else tensor, tensors)


def stand_in(batch: TensorBatch) -> TensorBatch:
    """One row of zeros for a share without rows, which many models do not take; the other ranks wait for what comes of it."""
    return batch._with({name: tensor.new_zeros((1, *tensor.shape[1:])) for name, tensor in batch.items()})


def refuse_unsaved(processor: Any) -> None:
    """Trainer saves it with each checkpoint, and would find out at the first one."""
    if processor is not None and not hasattr(processor, "save_pretrained"):
        raise TypeError(f"processing_class is what Hugging Face saves beside a model (it has save_pretrained), not a {type(processor).__name__}: leave it out, "
                        "or give the transformers tokenizer of the same vocabulary")


class LoaderMixin:
    """Before transformers.Trainer, or a class made of it: `class Mine(LoaderMixin, SFTTrainer)`. `train_dataset` is a Loader.

    Each rank's batches are its shares of the config's batches: `per_device_train_batch_size` and samplers say nothing. They are
    copies, as Trainer holds those of one step. A checkpoint holds embedloom.json, and goes on from it with any number of ranks.
    Loaders to evaluate with (eval_dataset, one or a dict of them) and to predict with give copies of their epoch 0 each time: of all
    ranks the rows that are no repeats, in their order. Who only does that needs no train_dataset.
    """

    args: Any
    train_dataset: Any
    eval_dataset: Any
    processing_class: Any
    accelerator: Any
    gather_function: Any

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        refuse_unsaved(self.processing_class)
        self._loader_state: LoaderState | None = None
        self._evaluated: Evaluated | None = None
        if self.train_dataset is None:
            return
        if not isinstance(self.train_dataset, Loader):
            raise TypeError(f"train_dataset is an embedloom.torch.Loader, not a {type(self.train_dataset).__name__}")
        if named.get("data_collator") is not None:
            warnings.warn("data_collator: a Loader's batches are whole and never go through one", stacklevel=2)
        self.train_dataset.copy = True
        self.args.ignore_data_skip = True  # Trainer would read all batches again up to the checkpoint's
        self._epochs = Epochs(self.train_dataset, by_steps=self.args.max_steps > 0)
        self._loader_state = LoaderState(self._epochs)
        self.add_callback(self._loader_state)  # type: ignore[attr-defined]

    def get_train_dataloader(self) -> Any:
        return super().get_train_dataloader() if self._loader_state is None else self._epochs  # type: ignore[misc]

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        """Of a dataset, of the one of that name where eval_dataset is a dict, or of eval_dataset."""
        loader = self.eval_dataset if eval_dataset is None else eval_dataset
        if isinstance(loader, str) and isinstance(self.eval_dataset, Mapping):
            loader = self.eval_dataset[loader]
        return Evaluated(loader) if isinstance(loader, Loader) else super().get_eval_dataloader(eval_dataset)  # type: ignore[misc]

    def get_test_dataloader(self, test_dataset: Any) -> Any:
        """Of what predict() is given."""
        return Evaluated(test_dataset) if isinstance(test_dataset, Loader) else super().get_test_dataloader(test_dataset)  # type: ignore[misc]

    def evaluation_loop(self, dataloader: Any, *arguments: Any, **named: Any) -> Any:
        """Over a Loader exactly its rows in their order, also where ranks have different numbers of them."""
        if not isinstance(dataloader, Evaluated):
            return super().evaluation_loop(dataloader, *arguments, **named)  # type: ignore[misc]
        kept, self.gather_function = self.gather_function, lambda tensors: gather_rows(self.accelerator, dataloader.own_rows(tensors), pad=-100)
        outer, self._evaluated = self._evaluated, dataloader
        try:
            output = super().evaluation_loop(dataloader, *arguments, **named)  # type: ignore[misc]
        finally:
            self.gather_function, self._evaluated = kept, outer
        return output._replace(num_samples=self._rows_of_all(dataloader))

    def prediction_step(self, *arguments: Any, **named: Any) -> Any:
        step = super().prediction_step(*arguments, **named)  # type: ignore[misc]
        if self._evaluated is not None:
            self._evaluated.loss_is_due = step[0] is not None
        return step

    def _rows_of_all(self, seen: Epochs | Evaluated) -> int:
        """For all ranks to call."""
        return int(self.accelerator.gather(torch.tensor([seen.rows], device=self.args.device)).sum())

    def num_examples(self, dataloader: Any) -> int:
        """Rows of an epoch, of all ranks; where they are not known beforehand what Trainer takes them for."""
        rows = rows_of_epoch(dataloader.loader) if isinstance(dataloader, (Epochs, Evaluated)) else None
        return super().num_examples(dataloader) if rows is None else rows  # type: ignore[misc]

    def log(self, logs: dict[str, float], *arguments: Any, **named: Any) -> None:
        """At the end of a training, on all ranks, the rows that there were: Trainer multiplies what `args` call the batch size."""
        if self._loader_state is not None and logs.get("train_samples_per_second") and logs["train_runtime"]:
            logs["train_samples_per_second"] = round(self._rows_of_all(self._epochs) / logs["train_runtime"], 3)
        super().log(logs, *arguments, **named)  # type: ignore[misc]

    def train(self, resume_from_checkpoint: Any = None, *arguments: Any, **named: Any) -> Any:
        if self._loader_state is None:
            return super().train(resume_from_checkpoint, *arguments, **named)  # type: ignore[misc]
        if resume_from_checkpoint is True:
            resume_from_checkpoint = get_last_checkpoint(self.args.output_dir) or True  # without one Trainer says so
        self._loader_state.checkpoint = resume_from_checkpoint or None
        return super().train(resume_from_checkpoint, *arguments, **named)  # type: ignore[misc]


class Trainer(LoaderMixin, transformers.Trainer):
    """transformers.Trainer over a Loader."""


def masked_loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
    """For `compute_loss_func`: the mean over the labels of a whole step, all ranks and accumulated batches together.

    Models that take num_items_in_batch themselves need none. Others, BERT's masked language model among them, give the mean of
    each batch, and the mean of these means weighs the labels of a small batch too much.
    """
    logits = outputs["logits"]
    loss = torch.nn.functional.cross_entropy(logits.flatten(0, -2), labels.flatten(), ignore_index=-100, reduction="sum")
    return loss / ((labels != -100).sum() if num_items_in_batch is None else num_items_in_batch)
