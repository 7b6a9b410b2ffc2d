"""Datasets as files in memory, and how to ask for a refusal."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.datasets import DatasetInvalid, Inspection, Limits, Table, inspect, load

DEFAULTS = Limits()


def inspected(
    data: bytes | str, name: str = "data.csv", limits: Limits = DEFAULTS, **options: Any
) -> Inspection:
    """What `inspect` says of a file with this content."""
    return inspect(io.BytesIO(_bytes(data)), name, limits=limits, **options)


def loaded(data: bytes | str, name: str = "data.csv", **options: Any) -> Table:
    """The table in a file with this content."""
    return load(io.BytesIO(_bytes(data)), name, **options)


def refused(
    data: bytes | str, name: str = "data.csv", limits: Limits = DEFAULTS, **options: Any
) -> DatasetInvalid:
    """The refusal of a file with this content, which must be one sentence."""
    with pytest.raises(DatasetInvalid) as caught:
        inspect(io.BytesIO(_bytes(data)), name, limits=limits, **options)
    message = caught.value.message
    assert message.endswith(".")
    assert "\n" not in message
    return caught.value


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def npz(**arrays: Any) -> bytes:
    """An NPZ of these arrays."""
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    return packed.getvalue()


def idx(array: np.ndarray[Any, Any], *, gzipped: bool = False) -> bytes:
    """An IDX file of unsigned bytes."""
    data = (
        struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()
    )
    return gzip.compress(data, mtime=0) if gzipped else data


def picture(colour: int | tuple[int, int, int], size: tuple[int, int] = (4, 3), kind: str = "PNG") -> bytes:
    """An image file of one colour; an integer makes it grey."""
    written = io.BytesIO()
    Image.new("L" if isinstance(colour, int) else "RGB", size, colour).save(written, kind)
    return written.getvalue()


def folders(root: str = "", each: int = 3, **kind: Any) -> dict[str, bytes]:
    """Members for a zip of two class folders, `cat` and `dog`."""
    return {
        f"{root}{name}/{i}.png": picture(shade + i, **kind)
        for name, shade in (("cat", 10), ("dog", 200))
        for i in range(each)
    }


def rows(*lines: str, end: str = "\n") -> str:
    """Lines of a CSV file."""
    return end.join(lines) + end


def _bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data
