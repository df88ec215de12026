"""What a Tokenizer takes, told apart as Hugging Face does: a text, texts, pairs of texts; any other shape raises TypeError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Optional

Row = tuple[str, Optional[str]]  # a text, and its pair

_MANY = "texts, or pairs (text, text), as a list"


def _shown(value: Any) -> str:
    """The value for a message, cut where it is long."""
    text = repr(value)
    return f"{type(value).__name__} {text[:60]}{'...' if len(text) > 60 else ''}"


def text_of(value: Any, name: str) -> str:
    """The value, which must be one text; `name` is the argument's."""
    if isinstance(value, str):
        return value
    raise TypeError(f"{name}: found {_shown(value)}, expected one text")


def _many(values: Any, name: str, expected: str) -> list[Any]:
    """What stands in a list or anything else with an order; a text and a map are iterables too, but of letters and keys."""
    if isinstance(values, (str, bytes, Mapping)) or not isinstance(values, Iterable):
        raise TypeError(f"{name}: found {_shown(values)}, expected {expected}")
    return list(values)


def _row_of(value: Any, name: str) -> Row:
    if isinstance(value, str):
        return value, None
    if isinstance(value, (tuple, list)) and len(value) == 2 and all(isinstance(text, str) for text in value):
        return value[0], value[1]
    raise TypeError(f"{name}: found {_shown(value)}, expected a text or a pair (text, text)")


def rows_of(texts: Any, pairs: Any = None) -> list[Row]:
    """A row for each text or pair. `pairs`, if not None, has one text for each of `texts`."""
    firsts = _many(texts, "texts", _MANY)
    if pairs is None:
        return [_row_of(value, f"texts[{number}]") for number, value in enumerate(firsts)]
    seconds = _many(pairs, "pairs", "a list of as many texts as there are rows")
    if len(seconds) != len(firsts):
        raise ValueError(f"{len(firsts)} texts and {len(seconds)} pairs")
    return [(text_of(first, f"texts[{row}]"), text_of(second, f"pairs[{row}]")) for row, (first, second) in enumerate(zip(firsts, seconds))]
