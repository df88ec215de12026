"""Who takes a Loader's batches: those that would put batches into batches, or deal a rank's share out once more, are refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from torch.utils.data import _utils

from .errors import UsageError

__all__ = ["refuse_misuse"]


def _callers() -> Iterator[Any]:
    """The objects whose methods have led here, nearest first."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if "self" in frame.f_code.co_varnames:
            yield frame.f_locals.get("self")
        frame = frame.f_back


def refuse_misuse() -> None:
    """Raises UsageError where the caller is a torch DataLoader that makes batches of what it reads, or one of accelerate's loaders that
    read on one rank for all. Both give batches without a word, wrong ones; neither asks the Loader anything but to be iterated."""
    accelerate = sys.modules.get("accelerate.data_loader")
    dealers = tuple(getattr(accelerate, name, ()) for name in ("DataLoaderDispatcher", "IterableDatasetShard"))
    fetchers = getattr(_utils.fetch, "_BaseDatasetFetcher", ())  # torch's own; one without it is let pass
    for caller in _callers():
        if isinstance(caller, fetchers) and caller.auto_collation:
            raise UsageError(
                "DataLoader would put whole batches of the Loader into batches of its own: write DataLoader(loader, batch_size=None), "
                "and with Hugging Face's Trainer use the one of embedloom.trainer"
            )
        if isinstance(caller, dealers):
            raise UsageError(
                f"accelerate's {type(caller).__name__} would deal the batches out to ranks once more, though each rank's are its share already: "
                "write embedloom.accelerate.prepare(loader, accelerator) in place of accelerator.prepare(DataLoader(loader)), "
                "and with Hugging Face's Trainer use the one of embedloom.trainer"
            )
