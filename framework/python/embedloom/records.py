"""Records that are in memory already: what open(records=) takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, Union

from . import _core


class ArrowStream(Protocol):
    """A table of pyarrow, polars, duckdb, pandas or anything else with the Arrow C stream."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


class Dataset(Protocol):
    """A `datasets.Dataset` of Hugging Face, which has no Arrow C stream of its own."""

    def with_format(self, *args: Any, **kwargs: Any) -> Any: ...


Records = Union[ArrowStream, Dataset, _core.Records]


def lend(records: Records) -> _core.Records:
    """The chunks of the table, which are held until what was opened with them is closed. Nothing is copied, but of a dataset with
    an order of its own (`select`, `shuffle`, ...), which its `with_format` gathers."""
    if isinstance(records, _core.Records):
        return records
    if hasattr(records, "__arrow_c_stream__"):
        return _core.take_records(records)
    if isinstance(records, Mapping) or not all(hasattr(records, name) for name in ("with_format", "__getitem__", "__len__")):
        raise TypeError(
            "records are a table with __arrow_c_stream__ (of pyarrow, polars, duckdb, pandas, ...) or a datasets.Dataset with its rows at hand "
            f"(one split, not streaming), not {type(records).__name__}"
        )
    if getattr(records, "format", {}).get("type") == "custom":
        raise TypeError("records are a datasets.Dataset with a transform (set_transform, with_transform), which would not be applied: use its map() instead")
    return _core.take_records(records.with_format("arrow")[:])
