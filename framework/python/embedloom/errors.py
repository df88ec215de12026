"""The exceptions of the package: one class for each reason, all of them with what the program prints as attributes."""

from __future__ import annotations

import dataclasses
import enum
import errno
from typing import Any

from . import _core


class Code(enum.IntEnum):
    """Why something failed; the number is the exit code of the program."""

    usage = 64
    bad_data = 65
    no_input = 66
    peer_gone = 69
    internal = 70
    resources = 71
    cannot_create = 73
    io = 74
    stalled = 75
    permission = 77
    config = 78
    interrupted = 130
    terminated = 143


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One thing that is wrong, and where. What is not known is "" or None."""

    code: Code
    text: str  # the line that the program prints
    stage: str = ""  # path in the config: "segment"
    plugin: str = ""  # "tokenizer/wordpiece 1.0.0"
    file: str = ""  # the config, a data file, a table
    byte: int | None = None  # in the file, from 0
    line: int | None = None  # from 1
    column: int | None = None  # from 1
    key_path: str = ""  # "segment.max_length"
    found: str = ""
    expected: str = ""
    hint: str = ""
    cause: str = ""

    def __str__(self) -> str:
        return self.text


class Error(Exception):
    """What Embedloom raises. `errors` has every mistake; the other attributes are those of the first."""

    errors: tuple[Mistake, ...]
    code: Code
    stage: str
    plugin: str
    file: str
    byte: int | None
    line: int | None
    column: int | None
    key_path: str
    found: str
    expected: str
    hint: str
    cause: str

    def __init__(self, mistakes: str | tuple[Mistake, ...]) -> None:
        """A text instead of mistakes is what is left of an error that came from another process."""
        if isinstance(mistakes, str):
            mistakes = (Mistake(_codes.get(type(self), Code.internal), mistakes),)
        super().__init__(mistakes)
        self.errors = mistakes
        for field in dataclasses.fields(Mistake):
            if field.name != "text":
                setattr(self, field.name, getattr(mistakes[0], field.name))

    def __str__(self) -> str:
        if len(self.errors) == 1:
            return str(self.errors[0])
        return f"{len(self.errors)} mistakes\n" + "\n".join(map(str, self.errors))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.errors,)


class UsageError(Error, RuntimeError):
    """Embedloom is called in a way that cannot be."""


class ConfigError(Error, ValueError):
    """A config or a plugin that is refused."""


class BadDataError(Error, ValueError):
    """A record, a vocabulary, a table or a state that is not right."""


class MissingInputError(Error, FileNotFoundError):
    """A file that is not there: `filename`, where no key of a config says which it is (then `found` has it)."""

    def __init__(self, mistakes: str | tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.errno = errno.ENOENT
        if self.file and not self.key_path:  # else `file` is the config, which is there
            self.filename = self.file


class PeerGoneError(Error, ConnectionError):
    """Another rank died."""


class InternalError(Error, RuntimeError):
    """A bug of Embedloom or of a plugin."""


class ResourcesError(Error, MemoryError):
    """No more memory, threads or descriptors."""


class CannotCreateError(Error, OSError):
    """An output that cannot be made, or a full disk."""


class MachineError(Error, OSError):
    """The machine failed while reading or writing."""


class StalledError(Error, TimeoutError):
    """Nothing happens any more."""


class NoPermissionError(Error, PermissionError):
    """A file that may not be read or written."""


class CancelledError(Error):
    """The session was cancelled."""


def misuse(name: str, found: str, expected: str) -> UsageError:
    """The error of an argument that cannot be, with a line as the program prints it."""
    return UsageError((Mistake(Code.usage, f"{name}: found {found}, expected {expected}", key_path=name, found=found, expected=expected),))


_classes: dict[Code, type[Error]] = {
    Code.usage: UsageError,
    Code.bad_data: BadDataError,
    Code.no_input: MissingInputError,
    Code.peer_gone: PeerGoneError,
    Code.internal: InternalError,
    Code.resources: ResourcesError,
    Code.cannot_create: CannotCreateError,
    Code.io: MachineError,
    Code.stalled: StalledError,
    Code.permission: NoPermissionError,
    Code.config: ConfigError,
    Code.interrupted: CancelledError,
    Code.terminated: CancelledError,
}
_codes = {kind: code for code, kind in reversed(_classes.items())}


def _make(mistakes: list[dict[str, Any]]) -> Error:
    found = tuple(Mistake(**{**mistake, "code": Code(mistake["code"])}) for mistake in mistakes)
    return _classes[found[0].code](found)


_core.set_error_maker(_make)
