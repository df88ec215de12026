"""Batches as Arrow tables: a line a row, unpadded, with where it came from."""

from __future__ import annotations

import os
from typing import Any, Literal

import numpy
import pyarrow

from .arrays import Array
from .session import Batch, Origin

__all__ = ["Vectors", "table_of"]

Vectors = Literal["lists", "tensors"]

_PROVENANCE = pyarrow.schema([("file", pyarrow.string()), ("byte", pyarrow.int64()), ("record", pyarrow.int64()), ("epoch", pyarrow.int64())])


def table_of(batch: Batch, vectors: Vectors = "lists") -> pyarrow.Table:
    """A table with a line for each row of the batch, in memory of its own.

    Columns: `file`, `byte`, `record`, `epoch`; then each array of the batch without its pads: numbers for [B], lists for [B,S], for
    [B,S,D] lists of lists of D, or with vectors="tensors" Ray's tensors of [S,D]. Arrow has no bfloat16: those become float32, which
    holds them exactly.
    """
    columns = _provenance(batch.provenance)
    keep = _kept(batch)
    lengths = numpy.asarray(batch.row_lengths, dtype=numpy.int64)
    for name, array in batch.items():
        columns[name] = _column(_numbers(array), keep, lengths, vectors)
    return pyarrow.table(columns)


def _provenance(origins: list[Origin]) -> dict[str, Any]:
    lines = [(os.fsencode(origin.file).decode("utf-8", "backslashreplace"), origin.byte, origin.record, origin.epoch) for origin in origins]
    values = list(zip(*lines, strict=True)) or [()] * len(_PROVENANCE)
    return {field.name: pyarrow.array(column, field.type) for field, column in zip(_PROVENANCE, values, strict=True)}


def _kept(batch: Batch) -> Any:
    """[B,S], true where a token is no pad."""
    lengths = numpy.asarray(batch.row_lengths, dtype=numpy.int64)[:, None]
    places = numpy.arange(batch.length)[None, :]
    return places >= batch.length - lengths if batch._lease.pads_left else places < lengths


def _numbers(array: Array) -> Any:
    """The array as numpy has it; bfloat16 is the upper half of a float32."""
    if array.dtype != "bfloat16":
        return numpy.asarray(memoryview(array))
    bits = numpy.asarray(memoryview(array.bits())).astype(numpy.uint32)
    return (bits << 16).view(numpy.float32)


def _column(values: Any, keep: Any, lengths: Any, vectors: Vectors) -> Any:
    if values.ndim == 1:
        return pyarrow.array(values.copy())
    tokens = values[keep]  # [tokens of all rows, ...], a copy
    if values.ndim > 2 and vectors == "tensors":
        from ray.data.extensions import ArrowVariableShapedTensorArray

        return ArrowVariableShapedTensorArray.from_numpy(_rows(tokens, lengths))
    flat = pyarrow.array(tokens.reshape(-1))
    for size in reversed(values.shape[2:]):
        flat = pyarrow.FixedSizeListArray.from_arrays(flat, size)
    ends = numpy.concatenate([[0], numpy.cumsum(lengths)])
    return pyarrow.ListArray.from_arrays(pyarrow.array(ends, pyarrow.int32()), flat)


def _rows(tokens: Any, lengths: Any) -> Any:
    """An array of arrays, one a row."""
    rows = numpy.empty(len(lengths), dtype=object)
    rows[:] = numpy.split(tokens, numpy.cumsum(lengths)[:-1])
    return rows
