"""The safetensors format (https://huggingface.co/docs/safetensors), read as views of the file's bytes and written in one copy.

A file is the header's length (8 bytes, little-endian), the header (JSON: name -> dtype, shape, data_offsets), then the arrays'
bytes, which the offsets tile without gap or overlap.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]

LENGTH_BYTES = 8
MOST_HEADER_BYTES = 1 << 20
ALIGNMENT = 8
MOST_DIMENSIONS = 32
METADATA = "__metadata__"
TYPES = {
    "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"), "I32": np.dtype("<i4"), "I16": np.dtype("<i2"), "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"), "U32": np.dtype("<u4"), "U16": np.dtype("<u2"), "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in TYPES.items()}


class NotTensors(ValueError):
    """Bytes that are no file of this format; the text says why."""


def written(arrays: Mapping[str, Array]) -> bytes:
    """A file of these arrays: widest types first, then by name; equal arrays give equal bytes. NotTensors for other types."""
    header: dict[str, Any] = {}
    pieces: list[Any] = []
    end = 0
    # Not ascontiguousarray: it makes an array of one out of a scalar, such as an optimizer's step count.
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    for name in sorted(ordered, key=lambda name: (-ordered[name].itemsize, name)):
        array = ordered[name]
        kind = _NAMES.get(array.dtype)
        if kind is None:
            raise NotTensors(f"arrays of type {array.dtype} are not kept")
        start, end = end, end + array.nbytes
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [start, end]}
        pieces.append(array.reshape(-1).view(np.uint8))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNMENT)
    return b"".join([len(text).to_bytes(LENGTH_BYTES, "little"), text, *pieces])


def read(data: bytes) -> dict[str, Array]:
    """The arrays of a file by name, as read-only views of its bytes; NotTensors unless the header fits them exactly."""
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    first = LENGTH_BYTES + length
    if len(data) < LENGTH_BYTES or length > MOST_HEADER_BYTES or first > len(data):
        raise NotTensors("the header is not there")
    try:
        header = json.loads(data[LENGTH_BYTES:first])
    except (ValueError, RecursionError) as error:
        raise NotTensors("the header is not JSON") from error
    if not isinstance(header, dict):
        raise NotTensors("the header is not an object")
    header.pop(METADATA, None)
    arrays = {}
    reached = 0
    for name, (dtype, shape, start, end) in sorted(
        ((name, _entry(name, entry)) for name, entry in header.items()), key=lambda item: item[1][2:]
    ):
        if start != reached or end - start != math.prod(shape) * dtype.itemsize or end > len(data) - first:
            raise NotTensors(f"the array {name!r} does not lie where it should")
        try:
            arrays[name] = np.frombuffer(data, dtype, math.prod(shape), first + start).reshape(shape)
        except ValueError as error:  # sizes beside a 0 whose product no array can have
            raise NotTensors(f"the array {name!r} has an impossible shape") from error
        reached = end
    if reached != len(data) - first:
        raise NotTensors("there are bytes that belong to no array")
    return arrays


def _entry(name: str, entry: Any) -> tuple[np.dtype[Any], tuple[int, ...], int, int]:
    match entry:
        case {"dtype": str(kind), "shape": [*shape], "data_offsets": [start, end]} if (
            len(entry) == 3
            and kind in TYPES
            and len(shape) <= MOST_DIMENSIONS
            and all(map(_is_size, (*shape, start, end)))
        ):
            return TYPES[kind], tuple(shape), start, end
    raise NotTensors(f"the array {str(name)[:40]!r} is not described as it should be")


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 40
