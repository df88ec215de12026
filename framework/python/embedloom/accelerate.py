"""Embedloom for accelerate: a Loader that is not dealt out a second time, with the state of the batch that the loop is at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import accelerate
import torch
from accelerate.data_loader import DataLoaderShard
from accelerate.utils import recursively_apply

from .torch import Loader, TensorBatch

__all__ = ["gather_rows", "prepare"]


class PreparedLoader:
    """What prepare() gives. Its state is that of the batch last given to the loop, though accelerate looks one ahead."""

    def __init__(self, loader: Loader, accelerator: accelerate.Accelerator) -> None:
        self.loader = loader
        # This one moves batches and tells the end of an epoch to the accumulation of gradients. Ranks have their shares already: the
        # other classes of accelerate would deal these out again, or read on one rank for all.
        self._shard = DataLoaderShard(loader, device=accelerator.device, batch_size=None)
        self._state: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[TensorBatch]:
        self._shard.iteration = self.loader.epoch  # what it sets as the loader's epoch
        try:
            for batch in self._shard:
                self._state = batch.state
                yield batch
        finally:
            self._shard.end()  # also of a loop that is left early
        self._state = None

    def __len__(self) -> int:
        return len(self.loader)

    @property
    def dataset(self) -> Any:
        """What skip_first_batches asks for first. Whoever only looks whether it is there finds that it is not."""
        raise AttributeError("a prepared Loader has no dataset, so that accelerate.skip_first_batches cannot read up to a batch: accelerator.load_state, or "
                             "load_state_dict of the loader, goes on after the batch that the state is of, and reads nothing twice")

    def set_epoch(self, epoch: int) -> None:
        if epoch != self.loader.epoch:
            self.loader.set_epoch(epoch)
            self._state = None

    def state_dict(self) -> dict[str, Any]:
        return self.loader.state_dict() if self._state is None else self._state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.loader.load_state_dict(state)
        self._state = None


def prepare(loader: Loader, accelerator: accelerate.Accelerator) -> PreparedLoader:
    """The loader for a training loop under the accelerator, instead of accelerator.prepare(): its batches are on the device, and
    `accelerator.save_state` and `load_state` keep its state with the rest."""
    prepared = PreparedLoader(loader, accelerator)
    accelerator.register_for_checkpointing(prepared)
    return prepared


def gather_rows(accelerator: accelerate.Accelerator, tensors: Any, *, pad: float = 0) -> Any:
    """The rows of all ranks, rank after rank, which is their order in the batch: of a tensor, or of each in lists, tuples and dicts of them.

    Ranks may have different numbers of rows, none too: accelerate's own gathers want the same everywhere. Dimensions behind the first
    are as long as the longest of any rank, filled up at their ends with `pad`. For all ranks to call.
    """
    if accelerator.num_processes == 1:
        return tensors

    def rows_of_all(tensor: torch.Tensor) -> torch.Tensor:
        own = tensor if tensor.ndim else tensor[None]
        shapes = accelerator.gather(torch.tensor([own.shape], device=own.device)).tolist()
        rows, *widths = (max(sizes) for sizes in zip(*shapes))
        even = own.new_full((rows, *widths), pad)
        even[tuple(slice(size) for size in own.shape)] = own
        parts = accelerator.gather(even).split(rows) if rows else [even] * len(shapes)
        return torch.cat([part[: shape[0]] for part, shape in zip(parts, shapes)])

    return recursively_apply(rows_of_all, tensors, error_on_other_type=True)
