"""Checking input arrays, and turning label arrays of any customary form into classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.datasets.csv_columns import LARGEST_NUMBER
from backend.datasets.labels import number_classes, rare_class_warnings, text_classes
from backend.datasets.limits import Limits
from backend.datasets.pixels import row_blocks
from backend.datasets.refusal import DatasetInvalid, quoted
from backend.datasets.table import Array

LAST_CHARACTER = 0x10FFFF
FIRST_SURROGATE, LAST_SURROGATE = 0xD800, 0xDFFF


def check_inputs(name: str, x: Array) -> None:
    """Refuse inputs that are missing, infinite or too large to be computed with, saying where the first one
    is.
    """
    if x.dtype.kind != "f":
        return
    start = 0
    for block in row_blocks(x):
        with np.errstate(over="ignore"):
            # Written so that NaN, which compares false, counts as wrong.
            wrong = ~(np.abs(block.astype(np.float64)) <= LARGEST_NUMBER)
        if wrong.any():
            at = [int(i) for i in np.unravel_index(int(np.argmax(wrong)), block.shape)]
            value = block[tuple(at)]
            at[0] += start
            raise DatasetInvalid(
                "dataset.not_finite",
                f"{quoted(name)}{at} is {value}, not a finite number below {LARGEST_NUMBER:g}.",
            )
        start += len(block)


def labels_of(
    name: str, labels: Array, limits: Limits
) -> tuple[NDArray[np.int32], tuple[str, ...], list[str]]:
    """Class index per row, class names, warnings; from whole numbers, texts, a single column or one-hot
    rows.
    """
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = _from_one_hot(name, labels)
    labels = labels.reshape(-1)
    if labels.dtype.kind == "S":
        labels = _decoded(name, labels)
    if labels.dtype.kind == "U":
        _check_characters(name, labels)
        y, classes = text_classes(np.char.strip(labels), name, limits)
    else:
        numbers = labels.astype(np.uint8) if labels.dtype.kind == "b" else labels
        check_inputs(name, numbers)
        y, classes = number_classes(numbers, name, limits)
    return y, classes, rare_class_warnings(y, classes, name)


def _from_one_hot(name: str, labels: Array) -> Array:
    numeric = labels.dtype.kind in "biuf"
    good = numeric and bool(((labels == 0) | (labels == 1)).all()) and bool((labels.sum(axis=1) == 1).all())
    if not good:
        raise DatasetInvalid(
            "dataset.array_shape",
            f"The labels {quoted(name)} have the shape {list(labels.shape)} and are not one-hot: one label "
            "per row is needed.",
        )
    return np.asarray(np.argmax(labels, axis=1))


def _decoded(name: str, labels: Array) -> Array:
    try:
        return np.char.decode(labels, "utf-8")
    except UnicodeDecodeError as error:
        raise DatasetInvalid(
            "dataset.not_utf8", f"The labels {quoted(name)} hold text that is not UTF-8."
        ) from error


def _check_characters(name: str, labels: Array) -> None:
    """Refuse code points that are no characters before Python makes strings of them: it would trust them."""
    points = np.ascontiguousarray(labels).view(np.uint32)
    if ((points > LAST_CHARACTER) | ((points >= FIRST_SURROGATE) & (points <= LAST_SURROGATE))).any():
        raise DatasetInvalid(
            "dataset.array_broken", f"The labels {quoted(name)} hold characters that do not exist."
        )
