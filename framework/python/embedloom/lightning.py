"""Embedloom for Lightning: a data module whose state is that of the batch that is trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lightning

from .torch import Loader, TensorBatch

__all__ = ["DataModule"]


class Plain:
    """A loader without a state, of which Lightning would keep that of a batch that it has fetched and not yet used; its epoch 0 each time."""

    def __init__(self, loader: Loader) -> None:
        self.loader = loader

    def __iter__(self) -> Iterator[TensorBatch]:
        self.loader.set_epoch(0)
        return iter(self.loader)

    def __len__(self) -> int:
        return len(self.loader)


class Epochs(Plain):
    """The epochs that Lightning counts."""

    def __init__(self, loader: Loader) -> None:
        super().__init__(loader)
        self.sampler = self  # what is told the epoch
        self.batch_sampler = None

    def __iter__(self) -> Iterator[TensorBatch]:
        """The epoch that is due. Where the length is unknown Lightning fetches the first batch before it says the epoch, and takes an iteration
        without one for an epoch: behind the last batch of an epoch, where a checkpoint may have been taken, the next one is due."""
        is_empty = True
        for batch in self.loader:
            is_empty = False
            yield batch
        if is_empty:
            yield from self.loader

    def set_epoch(self, epoch: int) -> None:
        if self.loader.session is not None and epoch < self.loader.epoch:
            return  # one that was complete but for its validation, and gives no batch any more
        self.loader.set_epoch(epoch)


class DataModule(lightning.LightningDataModule):
    """For `trainer.fit(module, datamodule=DataModule(Loader(...)))`: checkpoints hold the loader's state, and `ckpt_path=` goes on from it
    with any number of ranks. The ranks are Lightning's, whether it or torchrun starts them. `val` gives its epoch 0 each time."""

    def __init__(self, train: Loader, val: Loader | None = None) -> None:
        super().__init__()
        self.train = train
        self.val = val
        self._state: dict[str, Any] | None = None
        if val is not None:
            self.val_dataloader = self._val_batches  # where the class has one Lightning wants it, and a validation_step too

    def train_dataloader(self) -> Any:
        self._state = self.train.state_dict()  # until a batch is trained on, though one may be fetched by then
        return Epochs(self.train)

    def _val_batches(self) -> Any:
        return None if self.val is None else Plain(self.val)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        if self.trainer is not None and self.trainer.training:
            self._state = batch.state
        return batch

    def state_dict(self) -> dict[str, Any]:
        return self.train.state_dict() if self._state is None else self._state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.train.load_state_dict(state_dict)
        self._state = None
