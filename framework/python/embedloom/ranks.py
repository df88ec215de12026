"""What the ranks of a training do together, under torch.distributed: who they are, and one state of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch.distributed as dist

from .errors import Code, ConfigError, Mistake
from .session import merge_states


def is_initialised() -> bool:
    """Whether this process is one of torch.distributed."""
    return bool(dist.is_available() and dist.is_initialized())


def rank_in(group: Any) -> dict[str, int]:
    """rank and world_size in a group of torch.distributed (None: of all); nothing where that is not initialised."""
    return {"rank": dist.get_rank(group), "world_size": dist.get_world_size(group)} if is_initialised() else {}


def refused(found: str, expected: str, hint: str = "") -> ConfigError:
    """The error, with the line that the program would print."""
    text = f"found {found}, expected {expected}" + (f"; {hint}" if hint else "")
    return ConfigError((Mistake(Code.config, text, found=found, expected=expected, hint=hint),))


def gather_state(state: Mapping[str, Any], group: Any = None) -> dict[str, Any]:
    """One state of the states of all ranks after the same batch, on every rank: `loader.state_dict()`, or a batch's `state`.

    One gather of torch.distributed, for all ranks of `group` to call; without torch.distributed the state as it is. Raises
    ConfigError, on every rank, where the states do not belong together.
    """
    if not is_initialised() or dist.get_world_size(group) == 1:
        return dict(state)
    states: list[Any] = [None] * dist.get_world_size(group)
    dist.all_gather_object(states, dict(state), group)
    epochs = [each["epoch"] for each in states]
    if len(set(epochs)) > 1:
        raise refused(f"states of epochs {epochs}, by rank", "states of one epoch", "take them after the same batch on all ranks")
    if all(each["embedloom"] is None for each in states):
        return dict(states[0])
    if any(each["embedloom"] is None for each in states):
        raise refused("ranks that have begun and ranks that have not", "states after the same batch")
    return {"epoch": epochs[0], **merge_states(states)}
