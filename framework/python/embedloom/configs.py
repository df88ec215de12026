"""Configs as Python users have them: a path, YAML text, or a dict; and overrides."""

from __future__ import annotations

import dataclasses
import json
import operator
import os
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import Any, Union

from . import _core
from .errors import misuse
from .program import HOME

Config = Union[str, "os.PathLike[str]", Mapping[str, Any]]
Overrides = Union[Mapping[str, Any], Iterable[str], None]


# Sizes and shares are no texts: a config has them without quotes.
_AMOUNT = re.compile(r"[0-9][0-9.]* ?([KMGT]iB|B|%)")


def to_yaml(value: Any) -> str:
    """The value in one line of YAML."""
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"keys of a config are texts, not {key!r}")
        return "{" + ", ".join(f"{json.dumps(key)}: {to_yaml(below)}" for key, below in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(to_yaml, value)) + "]"
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return value
    if value is None or isinstance(value, (str, bool, int, float)):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if hasattr(value, "item"):  # a number of numpy
        return to_yaml(value.item())
    raise TypeError(f"a config holds texts, numbers, lists and maps, not {type(value).__name__}: {value!r}")


def sets_of(overrides: Overrides) -> list[str]:
    """Overrides as the program has them: key.path=value."""
    if overrides is None:
        return []
    if isinstance(overrides, str):
        raise TypeError("overrides are a dict of key paths, as {'batch.size': 8}, or a list of texts 'batch.size=8'")
    if isinstance(overrides, Mapping):
        return [f"{key}={to_yaml(value)}" for key, value in overrides.items()]
    return [str(text) for text in overrides]


def count_of(value: Any, name: str, *, least: int = 0, most: int = 2**63 - 1) -> int:
    """The argument `name`, which must be an integer that the extension takes."""
    if not hasattr(value, "__index__") or not least <= value.__index__() <= most:
        raise misuse(name, f"{type(value).__name__} {value!r}" if isinstance(value, str) else repr(value), f"an integer from {least} to {most}")
    return int(value.__index__())


def ids_of(values: Iterable[int]) -> list[int]:
    """Token ids as the extension takes them; it knows the vocabulary's end."""
    ids = list(map(operator.index, values))
    for wrong in (id for id in ids if not 0 <= id < 2**32):
        raise misuse("ids", str(wrong), "ids of tokens, from 0 on")
    return ids


def utf8(text: str, name: str, errors: str = "strict") -> str:
    """The text, which must have no half characters. With "surrogateescape" it may have those by which Python writes the bytes of a
    file's name that are no UTF-8."""
    try:
        text.encode(errors=errors)
    except UnicodeEncodeError as error:
        found = f"{ascii(text[error.start])} at character {error.start}: {ascii(text[max(0, error.start - 20) : error.start + 20])}"
        raise misuse(name, found, "characters that UTF-8 has") from None
    return text


def folders_of(folders: Iterable[str | os.PathLike[str]]) -> list[pathlib.Path]:
    if isinstance(folders, (str, bytes, os.PathLike)):
        raise misuse("plugin_folders", repr(folders), "a list of folders")
    return [pathlib.Path(utf8(os.fsdecode(folder), "plugin_folders", "surrogateescape")) for folder in folders]


def opening_of(
    config: Config,
    overrides: Overrides = None,
    plugin_folders: Iterable[str | os.PathLike[str]] = (),
) -> _core.Opening:
    """What the extension opens. Relative paths of a text or a dict start in the working directory."""
    opening = _core.Opening()
    opening.home = HOME
    opening.sets = [utf8(text, "overrides") for text in sets_of(overrides)]
    opening.plugin_folders = folders_of(plugin_folders)
    opening.folder = pathlib.Path.cwd()
    if isinstance(config, Mapping):
        opening.config, opening.text, opening.is_made = "the config", utf8(to_yaml({"schema": 1, **config}), "config"), True
    elif isinstance(config, str) and "\n" in config:
        opening.config, opening.text = "the config", utf8(config, "config")
    else:
        opening.config = utf8(os.fsdecode(config), "config")
    return opening


@dataclasses.dataclass(frozen=True)
class Frozen:
    """What was to be opened, as it was then: what the file says later, and in which folder who opens it works, change nothing. Goes through
    pickle. Environment variables in it are read anew."""

    config: str  # the file, or what the text is called
    text: str | None
    is_made: bool
    folder: str
    sets: tuple[str, ...]
    plugin_folders: tuple[str, ...]
    fingerprint: str = ""  # of the run that sessions are parts of; empty: any

    @staticmethod
    def of(opening: _core.Opening) -> Frozen:
        text, folder = opening.text, opening.folder
        if text is None:
            path = pathlib.Path(opening.config).absolute()
            try:
                text, folder = path.read_bytes().decode("utf-8"), path.parent
            except (OSError, ValueError):
                pass  # opening it says what is wrong
        folders = tuple(str(pathlib.Path(path).absolute()) for path in opening.plugin_folders)
        return Frozen(opening.config, text, opening.is_made, str(folder), tuple(opening.sets), folders)

    def opening(self, *more_sets: str) -> _core.Opening:
        opening = opening_of(self.config, [*self.sets, *more_sets], self.plugin_folders)
        opening.text, opening.is_made, opening.folder = self.text, self.is_made, pathlib.Path(self.folder)
        opening.fingerprint = self.fingerprint
        return opening
