"""Embedloom: raw text to transformer training batches, finished input embeddings included."""

from ._core import version as __version__
from .arrays import Array
from .errors import (
    BadDataError,
    CancelledError,
    CannotCreateError,
    Code,
    ConfigError,
    Error,
    InternalError,
    MachineError,
    MissingInputError,
    Mistake,
    NoPermissionError,
    PeerGoneError,
    ResourcesError,
    StalledError,
    UsageError,
)
from .session import Batch, Explanation, Origin, Session, Summary, merge_states, open
from .encoder import Encoding, Tokenizer, tokenizer

__all__ = [
    "Array",
    "BadDataError",
    "Batch",
    "CancelledError",
    "CannotCreateError",
    "Code",
    "ConfigError",
    "Encoding",
    "Error",
    "Explanation",
    "InternalError",
    "MachineError",
    "MissingInputError",
    "Mistake",
    "NoPermissionError",
    "Origin",
    "PeerGoneError",
    "ResourcesError",
    "Session",
    "StalledError",
    "Summary",
    "Tokenizer",
    "UsageError",
    "__version__",
    "merge_states",
    "open",
    "tokenizer",
]
