"""IDX files, the original form of MNIST: an images file and a labels file, each perhaps gzipped, together in
a zip.
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from backend.datasets.archive import Archive
from backend.datasets.arrays import check_inputs, labels_of
from backend.datasets.limits import Limits
from backend.datasets.pixels import is_image_array
from backend.datasets.refusal import DatasetInvalid, listed, quoted
from backend.datasets.source import is_idx
from backend.datasets.table import Array, Table

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW = 31
TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
BLOCK = 1024 * 1024


@dataclass(frozen=True)
class _Part:
    """One IDX file in the archive, not yet read."""

    member: zipfile.ZipInfo
    dtype: str
    shape: tuple[int, ...]

    @property
    def start(self) -> int:
        return 4 + 4 * len(self.shape)

    @property
    def size(self) -> int:
        return self.start + math.prod(self.shape) * np.dtype(self.dtype).itemsize


def pair_idx(images: BinaryIO, labels: BinaryIO) -> BinaryIO:
    """The zip to upload for two IDX files (gzipped or not), rewound; the same files always make the same
    bytes.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, source in (("images-idx", images), ("labels-idx", labels)):
            source.seek(0)
            start = source.read(2)
            source.seek(0)
            suffix = ".gz" if start == GZIP_MAGIC else ""
            with archive.open(zipfile.ZipInfo(name + suffix, FIXED_TIME), "w") as member:
                while block := source.read(BLOCK):
                    member.write(block)
    packed.seek(0)
    return packed


def holds_idx(archive: Archive) -> bool:
    """Whether some member of the archive is an IDX file, gzipped or not."""
    return any(is_idx(_start(archive, m)) for m in archive.members if _may_be_idx(m))


def load_idx(archive: Archive, limits: Limits) -> Table:
    """The table in a zip of IDX files: images and labels are paired in the order of their names."""
    parts = [_part(archive, m) for m in sorted(archive.members, key=lambda m: m.filename) if _may_be_idx(m)]
    images = [part for part in parts if len(part.shape) > 1]
    labels = [part for part in parts if len(part.shape) == 1]
    if not images or len(images) != len(labels):
        raise DatasetInvalid(
            "dataset.idx_pair",
            f"The archive holds {len(images)} IDX files of images and {len(labels)} of labels "
            f"({listed([p.member.filename for p in parts])}): one of labels is needed for each one of "
            "images.",
        )
    for image, label in zip(images, labels, strict=True):
        if image.shape[0] != label.shape[0]:
            raise DatasetInvalid(
                "dataset.length_mismatch",
                f"{quoted(image.member.filename)} has {image.shape[0]} images and "
                f"{quoted(label.member.filename)} has {label.shape[0]} labels: there must be one label for "
                "each.",
            )
        if image.shape[1:] != images[0].shape[1:]:
            raise DatasetInvalid(
                "dataset.array_shape", f"{quoted(image.member.filename)} holds images of another size."
            )
    _check_size(images, limits)
    arrays = []
    for part in images:
        arrays.append(_read(archive, part))
        check_inputs(part.member.filename, arrays[-1])
    x = np.concatenate(arrays)
    y, classes, warnings = labels_of(
        "labels", np.concatenate([_read(archive, part) for part in labels]), limits
    )
    return Table(
        format="idx", features=(), array=x, pixels=is_image_array(x), y=y, classes=classes, target="labels",
        warnings=tuple(warnings),
    )  # fmt: skip


def _check_size(images: list[_Part], limits: Limits) -> None:
    rows = sum(part.shape[0] for part in images)
    values = sum(math.prod(part.shape) for part in images)
    size = sum(part.size for part in images)
    if values == 0:
        raise DatasetInvalid(
            "dataset.array_shape", f"The images {quoted(images[0].member.filename)} are empty."
        )
    if rows > limits.max_rows:
        raise DatasetInvalid(
            "dataset.too_many_rows", f"{rows} images are more than the {limits.max_rows} that are possible."
        )
    if values > limits.max_values:
        raise DatasetInvalid(
            "dataset.too_many_values",
            f"{values} pixels in all are more than the {limits.max_values} that are possible.",
        )
    if size > limits.max_uncompressed_bytes:
        raise DatasetInvalid(
            "dataset.bomb",
            f"The images would unpack to {size} bytes, more than the {limits.max_uncompressed_bytes} that "
            "are possible.",
        )


def _may_be_idx(member: zipfile.ZipInfo) -> bool:
    path = member.filename.lower()
    base = path.rsplit("/", 1)[-1]
    hidden = base.startswith(".") or path.startswith("__macosx/")
    return not hidden and ("idx" in base or "ubyte" in base or base.endswith(".gz") or "." not in base)


def _start(archive: Archive, member: zipfile.ZipInfo) -> bytes:
    """The first bytes of an IDX file: magic number and dimensions."""
    with archive.open(member) as stream:
        start = stream.read(4096)
    if not start.startswith(GZIP_MAGIC):
        return start[:20]
    try:
        return zlib.decompressobj(GZIP_WINDOW).decompress(start, 20)
    except zlib.error as error:
        raise _damaged(member, "its gzip data cannot be read") from error


def _part(archive: Archive, member: zipfile.ZipInfo) -> _Part:
    start = _start(archive, member)
    if not is_idx(start) or len(start) < 4 + 4 * start[3]:
        raise _damaged(member, "it is not an IDX file")
    shape = np.frombuffer(start, ">u4", start[3], 4)
    return _Part(member, TYPES[start[2]], tuple(int(n) for n in shape))


def _read(archive: Archive, part: _Part) -> Array:
    """The array, exactly as long as its header says; a gzip stream is never inflated beyond that."""
    data = archive.read(part.member)
    if data.startswith(GZIP_MAGIC):
        inflater = zlib.decompressobj(GZIP_WINDOW)
        try:
            data = inflater.decompress(data, part.size + 1)
        except zlib.error as error:
            raise _damaged(part.member, "its gzip data cannot be read") from error
        if len(data) == part.size and not inflater.eof:
            raise _damaged(part.member, "its gzip data is cut short")
    if len(data) != part.size:
        raise _damaged(
            part.member, f"its header promises {part.size} bytes and it has {_counted(len(data), part.size)}"
        )
    array = np.frombuffer(data, part.dtype, offset=part.start).reshape(part.shape)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _counted(found: int, expected: int) -> str:
    return "more" if found > expected else str(found)


def _damaged(member: zipfile.ZipInfo, why: str) -> DatasetInvalid:
    return DatasetInvalid("dataset.idx_broken", f"The member {quoted(member.filename)} is damaged: {why}.")
