"""The two questions put to an uploaded file: what is in it, and give me the rows."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from backend.datasets.archive import open_archive
from backend.datasets.csv_file import load_csv
from backend.datasets.idx import holds_idx, load_idx
from backend.datasets.images import load_images
from backend.datasets.limits import Limits
from backend.datasets.npz import load_npz
from backend.datasets.pixels import row_blocks
from backend.datasets.refusal import DatasetInvalid, quoted
from backend.datasets.source import container_of, sha256_of, size_of
from backend.datasets.table import Array, Categories, Column, Inspection, Numbers, Table

DEFAULT_LIMITS = Limits()


def inspect(
    source: BinaryIO, name: str, *, target: str | None = None, limits: Limits = DEFAULT_LIMITS
) -> Inspection:
    """What a file holds, or DatasetInvalid. `target` names the CSV column or NPZ array of classes, or
    numbers the column.
    """
    table = load(source, name, target=target, limits=limits)
    return Inspection(
        format=table.format,
        rows=table.rows,
        columns=_columns(table),
        has_header=table.has_header,
        target=table.target,
        classes=list(table.classes),
        class_counts=table.class_counts,
        input_shape=table.input_shape,
        bytes=size_of(source, name, limits),
        sha256=sha256_of(source),
        warnings=list(table.warnings),
    )


def load(source: BinaryIO, name: str, *, target: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Table:
    """The file's rows, or DatasetInvalid. The format is told by content; `name` is used in sentences."""
    size_of(source, name, limits)
    if container_of(source, name) == "text":
        return load_csv(source, name, target, limits)
    archive = open_archive(source, name, limits)
    if any(member.filename.endswith(".npy") for member in archive.members):
        return load_npz(archive, target, limits)
    table = load_idx(archive, limits) if holds_idx(archive) else load_images(archive, limits)
    if target not in (None, table.target):
        raise DatasetInvalid(
            "dataset.no_such_target",
            f"{quoted(name)} has no columns to choose the target {quoted(str(target))} from: its classes are given by "
            f"its {table.target}.",
        )
    return table


def _columns(table: Table) -> list[Column]:
    if table.array is not None:
        return _array_columns(table.array, pixels=table.pixels)
    columns = []
    for feature in table.features:
        if isinstance(feature, Categories):
            missing = int((feature.codes < 0).sum())
            columns.append(Column(feature.name, "category", missing, len(feature.values)))
        else:
            columns.append(_number_column(feature, pixels=table.pixels))
    return columns


def _number_column(feature: Numbers, *, pixels: bool) -> Column:
    present = feature.values[~np.isnan(feature.values)]
    return Column(
        feature.name, "pixel" if pixels else "number", len(feature.values) - len(present), _distinct(present)
    )


def _array_columns(array: Array, *, pixels: bool) -> list[Column]:
    """One column for each measurement; the pixels of images, being alike, are one column together."""
    if pixels or array.ndim > 2:
        levels = np.unique(np.concatenate([np.unique(block) for block in row_blocks(array)]))
        return [Column("x", "pixel" if pixels else "number", 0, len(levels))]
    return [Column(f"x{i}", "number", 0, _distinct(array[:, i])) for i in range(array.shape[1])]


def _distinct(values: Array) -> int:
    ordered = np.sort(values)
    return int((ordered[1:] != ordered[:-1]).sum()) + 1 if len(ordered) else 0
