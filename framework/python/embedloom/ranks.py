"""What the ranks of a training do together, under torch.distributed: begin alike or not at all, and make one state of all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch
import torch.distributed as dist

from .errors import Code, ConfigError, Mistake, PeerGoneError
from .session import Session, merge_states

# What stands in a fingerprint: the digest of each of these.
PARTS = {"config": "config values or plugin versions", "models": "vocabularies or tables", "data": "data files (their sizes, order or sampled content)"}


class Card(NamedTuple):
    """What a rank says of itself before its first batch."""

    failure: str = ""  # why it cannot begin
    rank: int = -1
    world_size: int = -1
    fingerprint: str = ""
    place: str = ""  # where it begins
    stages: tuple[str, ...] = ()  # its plugins, for people


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


def begin_together(begin: Callable[[], Session], group: Any) -> Session:
    """What `begin` opens, where all ranks of the group begin the same run at the same place; else an error on every rank.

    The one time that loaders of different ranks talk: an all-gather of short texts.
    """
    session, failure = None, None
    try:
        session = begin()
        card = card_of(session)
    except Exception as error:  # is told to those who wait for this rank
        failure, card = error, Card(failure=f"{type(error).__name__}: {error}")
    try:
        cards = said_by_all(card, group)
        if failure is not None:
            raise failure
        compare([Card(*each) for each in cards])
    except BaseException:
        if session is not None:
            session.close()
        raise
    assert session is not None
    return session


def said_by_all(mine: Any, group: Any) -> list[Any]:
    """What each rank of the group says. NCCL says it through the GPU that the group is bound to, else through the process's current one."""
    said: list[Any] = [None] * dist.get_world_size(group)
    bound = getattr(dist.group.WORLD if group is None else group, "bound_device_id", None)
    # all_gather_object looks at the current device alone, which is GPU 0 on every rank unless somebody has set it.
    with nullcontext() if bound is None else getattr(torch, bound.type).device(bound):
        dist.all_gather_object(said, mine, group)
    return said


def card_of(session: Session) -> Card:
    """The session has begun: its data is open."""
    state, summary = json.loads(session.state_dict()["embedloom"]), session.summary
    place = f"epoch {state['epoch']}, step {state['step']}, of {session.length() or 'unknown'} steps"
    stages = [line for line in summary.lines if not line.startswith(("threads", "rank"))]
    return Card("", session.rank, session.world_size, summary.fingerprint or "", place, tuple(stages))


def compare(cards: list[Card]) -> None:
    """Raises where a rank cannot begin, or differs from the first."""
    for number, card in enumerate(cards):
        if card.failure:
            raise PeerGoneError((Mistake(Code.peer_gone, f"rank {number} cannot begin: {card.failure}", found=card.failure),))
    ranks = [(card.rank, card.world_size) for card in cards]
    if sorted(ranks) != [(rank, len(cards)) for rank in range(len(cards))]:
        raise refused(f"processes that are ranks {ranks} (rank, world size)", f"each rank of {len(cards)} once", "say rank= and world_size=, or group=")
    first = cards[0]
    for card in cards[1:]:
        who = f"rank {card.rank} and rank {first.rank} that disagree: "
        if what := differences(first, card):
            raise refused(who + what, "the same config, plugins and data on every rank")
        if card.place != first.place:
            raise refused(f"{who}one begins at {card.place}, the other at {first.place}", "the same place", "load the same state on every rank")


def differences(first: Card, other: Card) -> str:
    """What differs, and which lines of the summary show it."""
    ours, theirs = (dict(part.split(":") for part in card.fingerprint.split(".")) for card in (first, other))
    what = ", ".join(meaning for part, meaning in PARTS.items() if ours.get(part) != theirs.get(part))
    shown = [f"'{b}' and '{a}'" for a, b in zip(first.stages, other.stages) if a != b]
    return what + (" (" + "; ".join(shown) + ")" if what and shown else "")


def gather_state(state: Mapping[str, Any], group: Any = None) -> dict[str, Any]:
    """One state of the states of all ranks after the same batch, on every rank: `loader.state_dict()`, or a batch's `state`.

    One gather of torch.distributed, for all ranks of `group` to call; without torch.distributed the state as it is. Raises
    ConfigError, on every rank, where the states do not belong together.
    """
    if not is_initialised() or dist.get_world_size(group) == 1:
        return dict(state)
    states = said_by_all(dict(state), group)
    epochs = [each["epoch"] for each in states]
    if len(set(epochs)) > 1:
        raise refused(f"states of epochs {epochs}, by rank", "states of one epoch", "take them after the same batch on all ranks")
    if all(each["embedloom"] is None for each in states):
        return dict(states[0])
    if any(each["embedloom"] is None for each in states):
        raise refused("ranks that have begun and ranks that have not", "states after the same batch")
    return {"epoch": epochs[0], **merge_states(states)}
