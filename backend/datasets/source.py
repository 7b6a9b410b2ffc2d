"""The bytes of an upload: their size, their hash, and what kind of file their first bytes say it is."""

from __future__ import annotations

import hashlib
from typing import BinaryIO, Literal

from backend.datasets.limits import Limits
from backend.datasets.refusal import DatasetInvalid, quoted

BLOCK = 1024 * 1024

Container = Literal["zip", "text"]

UNSUPPORTED = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PAR1", "a Parquet file"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
)


def size_of(source: BinaryIO, name: str, limits: Limits) -> int:
    """Bytes in the file, which is neither empty nor beyond the limit."""
    source.seek(0, 2)
    size = source.tell()
    source.seek(0)
    if size == 0:
        raise DatasetInvalid("dataset.empty", f"The file {quoted(name)} is empty.")
    if size > limits.max_bytes:
        raise DatasetInvalid(
            "dataset.too_large",
            f"The file {quoted(name)} has {size} bytes, more than the {limits.max_bytes} that are possible.",
        )
    return size


def sha256_of(source: BinaryIO) -> str:
    """SHA-256 of the whole file, hexadecimal."""
    source.seek(0)
    running = hashlib.sha256()
    while block := source.read(BLOCK):
        running.update(block)
    return running.hexdigest()


def container_of(source: BinaryIO, name: str) -> Container:
    """`zip` (also NPZ) or `text` (to be tried as CSV), by content: a file's name proves nothing."""
    source.seek(0)
    start = source.read(512)
    source.seek(0)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if is_idx(start) or (start.startswith(b"\x1f\x8b") and "idx" in name.lower()):
        raise DatasetInvalid(
            "dataset.idx_alone",
            f"{quoted(name)} is one half of an IDX dataset: put the images file and the labels file into "
            "one zip.",
        )
    if start.startswith(b"\x1f\x8b"):
        raise DatasetInvalid(
            "dataset.unknown_format", f"{quoted(name)} is a gzip file: unpack it before the upload."
        )
    if start.startswith(b"\x93NUMPY"):
        raise DatasetInvalid(
            "dataset.unknown_format",
            f"{quoted(name)} is a single NumPy array: save inputs x and labels y in one .npz file.",
        )
    for magic, what in UNSUPPORTED:
        if start.startswith(magic):
            raise DatasetInvalid(
                "dataset.unknown_format",
                f"{quoted(name)} is {what}: a dataset is a CSV, an NPZ, a zip with an IDX pair or a zip of "
                "class folders.",
            )
    return "text"


def is_idx(start: bytes) -> bool:
    """Whether a file that begins so is in IDX format: two zero bytes, an element type, a number of
    dimensions.
    """
    return (
        len(start) >= 4 and start[:2] == b"\0\0" and start[2] in (8, 9, 11, 12, 13, 14) and 1 <= start[3] <= 4
    )
