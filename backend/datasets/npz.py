"""NPZ files: NumPy arrays in a zip. Array headers are read and judged before any data; pickled objects never
are.
"""

from __future__ import annotations

import ast
import math
import re
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.datasets.archive import Archive
from backend.datasets.arrays import check_inputs, labels_of
from backend.datasets.limits import Limits
from backend.datasets.pixels import is_image_array
from backend.datasets.refusal import DatasetInvalid, listed, quoted
from backend.datasets.table import Array, Table

MAGIC = b"\x93NUMPY"
PREFIX_BYTES = 12
LONGEST_HEADER = 10_000
DESCR = re.compile(r"[<>|=]?[biufcSUOmMV][0-9]{0,9}(\[[a-zA-Z0-9]+\])?")
PAIRS = (
    ("x", "y"),
    ("data", "target"),
    ("images", "labels"),
    ("features", "labels"),
    ("data", "labels"),
    ("x", "labels"),
)


@dataclass(frozen=True)
class _Header:
    """An array in the archive, not yet read."""

    member: zipfile.ZipInfo
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int


def load_npz(archive: Archive, target: str | None, limits: Limits) -> Table:
    """The table in an NPZ file. Raises DatasetInvalid naming the array at fault."""
    headers = {
        m.filename.removesuffix(".npy"): _header(archive, m)
        for m in archive.members
        if m.filename.endswith(".npy")
    }
    parts = _choose(headers, target)
    for x_name, y_name in parts:
        _check_shapes(headers, x_name, y_name, limits)
    y_name = parts[0][1]
    xs = [_read(archive, headers[x]) for x, _ in parts]
    ys = [_read(archive, headers[y]) for _, y in parts]
    if any(x.shape[1:] != xs[0].shape[1:] for x in xs) or any(y.shape[1:] != ys[0].shape[1:] for y in ys):
        raise DatasetInvalid(
            "dataset.array_shape",
            f"{quoted(parts[0][0])} and {quoted(parts[1][0])} hold examples of different shapes.",
        )
    for (part_name, _), part in zip(parts, xs, strict=True):
        check_inputs(part_name, part)
    x = xs[0] if len(xs) == 1 else np.concatenate(xs)
    y_values = ys[0] if len(ys) == 1 else np.concatenate(ys)
    if x.dtype == np.bool_:
        x = x.astype(np.uint8)
    y, classes, warnings = labels_of(y_name, y_values, limits)
    return Table(
        format="npz",
        features=(),
        array=x,
        pixels=is_image_array(x),
        y=y,
        classes=classes,
        target=y_name,
        warnings=tuple(warnings),
    )


def _choose(headers: dict[str, _Header], target: str | None) -> list[tuple[str, str]]:
    """Which arrays are inputs and labels: one pair, or a training and a test pair to be joined."""
    names = list(headers)
    customary = _customary(headers)
    if target is None:
        if not customary:
            raise _no_pair(names)
        return customary
    lower = {name.lower(): name for name in names}
    if target.lower() not in lower:
        raise DatasetInvalid(
            "dataset.no_such_target",
            f"There is no array {quoted(target)} to be the target; the arrays are {listed(names)}.",
        )
    y = lower[target.lower()]
    if customary and customary[0][1] == y:
        return customary
    named = [lower[x] for x, _ in PAIRS if x in lower and lower[x] != y]
    inputs = named or _by_size([name for name in names if name != y], headers)
    if not inputs:
        raise _no_pair(names)
    return [(inputs[0], y)]


def _customary(headers: dict[str, _Header]) -> list[tuple[str, str]]:
    """The pairs that bear customary names, or the only pair there is."""
    lower = {name.lower(): name for name in headers}
    for end, other_end in (("", None), ("_train", "_test")):
        for x, y in PAIRS:
            if {x + end, y + end} <= set(lower):
                pairs = [(lower[x + end], lower[y + end])]
                if other_end and {x + other_end, y + other_end} <= set(lower):
                    pairs.append((lower[x + other_end], lower[y + other_end]))
                return pairs
    if len(headers) == 2:
        large, small = _by_size(list(headers), headers)
        return [(large, small)]
    return []


def _by_size(names: list[str], headers: dict[str, _Header]) -> list[str]:
    return sorted(names, key=lambda name: math.prod(headers[name].shape), reverse=True)


def _no_pair(names: list[str]) -> DatasetInvalid:
    return DatasetInvalid(
        "dataset.no_target",
        f"Inputs and labels cannot be told among the arrays {listed(names)}: name them x and y, or choose "
        "the target.",
    )


def _header(archive: Archive, member: zipfile.ZipInfo) -> _Header:
    name = member.filename.removesuffix(".npy")
    with archive.open(member) as stream:
        start = stream.read(PREFIX_BYTES + LONGEST_HEADER)
    try:
        shape, fortran, dtype, offset = _parsed(start)
    except (
        ValueError,
        TypeError,
        KeyError,
        SyntaxError,
        OverflowError,
        RecursionError,
        MemoryError,
    ) as error:
        raise DatasetInvalid(
            "dataset.array_broken", f"The array {quoted(name)} has a header that cannot be read."
        ) from error
    if dtype.kind == "V":
        raise DatasetInvalid(
            "dataset.array_type", f"The array {quoted(name)} holds records, not numbers or text."
        )
    if dtype.hasobject:
        raise DatasetInvalid(
            "dataset.array_objects",
            f"The array {quoted(name)} holds Python objects, which are never unpickled: save it as numbers "
            "or fixed-width text.",
        )
    expected = offset + math.prod(shape) * dtype.itemsize
    if expected != member.file_size:
        raise DatasetInvalid(
            "dataset.array_broken",
            f"The array {quoted(name)} should take {expected} bytes and takes {member.file_size}.",
        )
    return _Header(member, shape, fortran, dtype, offset)


def _parsed(start: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Shape, whether in Fortran order, type and offset of the data, from the beginning of an NPY file.

    NumPy's own reader repairs headers of Python 2, with warnings and errors of the tokenizer; this one
    reads only what is valid.
    """
    if start[:6] != MAGIC or start[6:7] not in (b"\1", b"\2", b"\3"):
        raise ValueError("not an NPY file")
    width = 2 if start[6] == 1 else 4
    offset = 8 + width + int.from_bytes(start[8 : 8 + width], "little")
    if offset > len(start):
        raise ValueError("a header that is cut short or too long")
    header = ast.literal_eval(start[8 + width : offset].decode("latin1" if start[6] < 3 else "utf-8").strip())
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise ValueError("other entries than a header has")
    shape, descr = header["shape"], header["descr"]
    if not isinstance(shape, tuple) or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError("an impossible shape")
    if isinstance(descr, list):
        # Records: refused later, by their type.
        return shape, False, np.dtype("V1"), offset
    if not isinstance(descr, str) or not DESCR.fullmatch(descr):
        raise ValueError("an unknown type")
    return shape, header["fortran_order"] is True, np.dtype(descr), offset


def _check_shapes(headers: dict[str, _Header], x_name: str, y_name: str, limits: Limits) -> None:
    x, y = headers[x_name], headers[y_name]
    if not x.dtype.itemsize or not y.dtype.itemsize:
        raise DatasetInvalid(
            "dataset.array_broken", f"{quoted(x_name)} or {quoted(y_name)} has values of no size."
        )
    if x.dtype.kind not in "biuf":
        raise DatasetInvalid(
            "dataset.array_type", f"The inputs {quoted(x_name)} are of type {x.dtype}, not numbers."
        )
    if y.dtype.kind not in "biufSU":
        raise DatasetInvalid(
            "dataset.array_type", f"The labels {quoted(y_name)} are of type {y.dtype}, not numbers or text."
        )
    if not 2 <= len(x.shape) <= 4 or 0 in x.shape:
        raise DatasetInvalid(
            "dataset.array_shape",
            f"The inputs {quoted(x_name)} have the shape {list(x.shape)}: two to four dimensions are "
            "needed, none of them 0.",
        )
    if len(y.shape) not in (1, 2) or 0 in y.shape:
        raise DatasetInvalid(
            "dataset.array_shape",
            f"The labels {quoted(y_name)} have the shape {list(y.shape)}: one label per row is needed.",
        )
    if x.shape[0] != y.shape[0]:
        raise DatasetInvalid(
            "dataset.length_mismatch",
            f"{quoted(x_name)} has {x.shape[0]} rows and {quoted(y_name)} has {y.shape[0]}: there must be "
            "one label for each.",
        )
    if x.shape[0] > limits.max_rows:
        raise DatasetInvalid(
            "dataset.too_many_rows",
            f"{quoted(x_name)} has {x.shape[0]} rows, more than the {limits.max_rows} that are possible.",
        )
    if len(x.shape) == 2 and x.shape[1] > limits.max_columns:
        raise DatasetInvalid(
            "dataset.too_many_columns",
            f"{quoted(x_name)} has {x.shape[1]} columns, more than the {limits.max_columns} that are "
            "possible.",
        )
    if math.prod(x.shape) > limits.max_values:
        raise DatasetInvalid(
            "dataset.too_many_values",
            f"{quoted(x_name)} has {math.prod(x.shape)} values, more than the {limits.max_values} that are "
            "possible.",
        )


def _read(archive: Archive, header: _Header) -> Array:
    data = archive.read(header.member)
    flat: NDArray[Any] = np.frombuffer(data, header.dtype, offset=header.start)
    array = flat.reshape(header.shape, order="F" if header.fortran else "C")
    return array.astype(array.dtype.newbyteorder("="), copy=False)
