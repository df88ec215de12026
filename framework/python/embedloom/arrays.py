"""Arrays of a batch as numpy arrays over the same memory."""

from __future__ import annotations

from typing import Any

from ._core import Array

__all__ = ["Array", "array_of", "numpy_of"]


def numpy_of(array: Array) -> Any:
    """A numpy array over the array's memory, which lives as long as it is used. bfloat16 needs the package ml_dtypes."""
    import numpy

    if array.dtype != "bfloat16":
        return numpy.asarray(memoryview(array))
    try:
        import ml_dtypes
    except ImportError as error:
        message = f"numpy has no bfloat16 of its own: install ml_dtypes, or take '{array.name}' by DLPack (torch.from_dlpack)"
        raise TypeError(message) from error
    return numpy.asarray(memoryview(array.bits())).view(ml_dtypes.bfloat16)


def array_of(array: Array, dtype: Any = None, copy: bool | None = None) -> Any:
    """What numpy calls as __array__."""
    import numpy

    view = numpy_of(array)
    if dtype is not None and numpy.dtype(dtype) != view.dtype:
        if copy is False:
            raise ValueError(f"'{array.name}' is {array.dtype}: another type takes a copy")
        return view.astype(dtype)
    return view.copy() if copy else view
