"""Updates as they lie in safetensors files: read without copying, and spooled to disk for rules that need all at once."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from fl_nodes.training.tensors import TensorsInvalid

Float32s = npt.NDArray[np.float32]

LENGTH_BYTES = 8
MOST_HEADER_BYTES = 1 << 20
VALUE_BYTES = 4


def arrays_of(data: bytes, shapes: Sequence[tuple[int, ...]]) -> list[Float32s]:
    """The arrays `w000`, `w001`, ... of a file as read-only views of `data`.

    Raises TensorsInvalid unless there are exactly as many as `shapes`, float32, of these shapes. Values are not looked at.
    """
    header, first = _header(data)
    named = [name for name in header if name.startswith("w")]
    if len(named) != len(shapes):
        raise TensorsInvalid(f"has {len(named)} arrays instead of {len(shapes)}")
    return [_view(data, first, i, header.get(f"w{i:03d}"), tuple(shape)) for i, shape in enumerate(shapes)]


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The description of the arrays, and where their bytes start."""
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    first = LENGTH_BYTES + length
    if length > MOST_HEADER_BYTES or first > len(data):
        raise TensorsInvalid("is not a readable safetensors file")
    try:
        header = json.loads(data[LENGTH_BYTES:first])
    except (ValueError, RecursionError) as error:
        raise TensorsInvalid("is not a readable safetensors file") from error
    if not isinstance(header, dict):
        raise TensorsInvalid("is not a readable safetensors file")
    return header, first


def _view(data: bytes, first: int, index: int, entry: Any, shape: tuple[int, ...]) -> Float32s:
    if not isinstance(entry, dict):
        raise TensorsInvalid(f"lacks the array w{index:03d}")
    if entry.get("dtype") != "F32":
        raise TensorsInvalid(f"array {index} is {entry.get('dtype')!s:.20} instead of float32")
    if entry.get("shape") != list(shape):
        raise TensorsInvalid(f"array {index} has not the shape {list(shape)}")
    values = int(np.prod(shape))
    match entry.get("data_offsets"):
        case [int(start), int(stop)] if 0 <= start <= stop <= len(data) - first:
            if stop - start == VALUE_BYTES * values:
                return np.frombuffer(data, np.dtype("<f4"), values, first + start).reshape(shape)
    raise TensorsInvalid(f"array {index} does not lie where the file says")


class Spool:
    """The round's updates in one unnamed file, a row each: a `Stack` of which only a block is in memory.

    Read with `preadv` rather than mapped, so that the process's memory is what it asks for.
    """

    def __init__(self, folder: Path | None, size: int) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, prefix="updates-", buffering=0)  # noqa: SIM115
        self._size = size
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def count(self) -> int:
        """How many updates there are."""
        return self._count

    @property
    def size(self) -> int:
        """How many parameters each has."""
        return self._size

    def add(self, update: Sequence[Float32s]) -> None:
        """Append an update. Raises TensorsInvalid where a value is not finite."""
        for array in update:
            if not np.isfinite(array).all():
                raise TensorsInvalid("is not finite")
        for array in update:
            left = memoryview(np.ascontiguousarray(array, np.float32).reshape(-1)).cast("B")
            while left:
                left = left[self._file.write(left) :]
        self._count += 1

    def block(self, start: int, stop: int) -> Float32s:
        """Columns `start` to `stop` of every update."""
        rows = np.empty((self._count, stop - start), np.float32)
        for i, row in enumerate(rows):
            left, place = memoryview(row).cast("B"), VALUE_BYTES * (i * self._size + start)
            while left:
                got = os.preadv(self._file.fileno(), [left], place)
                if not got:
                    raise EOFError("an update's spooled values end early")
                left, place = left[got:], place + got
        return rows
