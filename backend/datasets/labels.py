"""From target values to classes: which values may be classes at all, their names and their order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.datasets.limits import Limits
from backend.datasets.refusal import DatasetInvalid, listed, quoted
from backend.datasets.table import Array

FRACTIONAL_CLASSES = 20
"""A target with more distinct values than this, some of them fractions, is a measurement and not a class."""
LONGEST_NAME = 200
ROWS_TO_SPLIT = 3
"""A class with fewer rows cannot be in the training, validation and test part at once."""


def number_classes(values: Array, target: str, limits: Limits) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Class index per row and class names in numeric order, for finite numbers."""
    distinct, codes = np.unique(values, return_inverse=True)
    whole = bool(np.all(distinct == np.floor(distinct)))
    if not whole and len(distinct) > FRACTIONAL_CLASSES:
        raise DatasetInvalid(
            "dataset.target_not_classes",
            f"The target {quoted(target)} has {len(distinct)} different values with fractions: it is a "
            "measurement, not a class, so choose another target.",
        )
    # A zero below zero is the same class as the other, and named like it.
    names = tuple(str(int(v)) if whole else repr(float(v) + 0.0) for v in distinct)
    return _checked(codes, names, target, limits)


def text_classes(
    values: list[str] | Array, target: str, limits: Limits
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Class index per row and class names in alphabetical order, for texts."""
    distinct, codes = np.unique(np.asarray(values), return_inverse=True)
    return _checked(codes, tuple(str(v) for v in distinct), target, limits)


def coded_classes(
    codes: Array, names: tuple[str, ...], target: str, limits: Limits
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """The same for values that are already indices into `names`; names that do not occur are left out."""
    used, compact = np.unique(codes, return_inverse=True)
    return _checked(compact, tuple(names[int(i)] for i in used), target, limits)


def rare_class_warnings(y: Array, classes: tuple[str, ...], target: str) -> list[str]:
    """Refuse a target whose classes are too rare to judge a model by; name those that are merely rare.

    One stray label among ten thousand rows must not cost a customer the job, so classes of one or two rows
    are kept for
    training and warned about. They are refused when they leave fewer than two classes to test, or are most
    of the classes.
    """
    counts = np.bincount(y, minlength=len(classes))
    rare = [name for name, n in zip(classes, counts, strict=True) if n < ROWS_TO_SPLIT]
    if not rare:
        return []
    if len(classes) - len(rare) < 2 or len(rare) > len(classes) / 2:
        raise DatasetInvalid(
            "dataset.rare_classes",
            f"{len(rare)} of the {len(classes)} classes of {quoted(target)} have fewer than {ROWS_TO_SPLIT} "
            f"rows ({listed(rare)}), too few to train on and to test: perhaps it is not the right target.",
        )
    return [f"Fewer than {ROWS_TO_SPLIT} rows of {listed(rare)}: these classes cannot be tested."]


def _checked(
    codes: Array, names: tuple[str, ...], target: str, limits: Limits
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    if len(names) < 2:
        only = f" ({quoted(names[0])})" if names else ""
        raise DatasetInvalid(
            "dataset.one_class",
            f"The target {quoted(target)} has only one value{only} in its {len(codes)} rows: there is "
            "nothing to tell apart.",
        )
    if len(names) > limits.max_classes:
        raise DatasetInvalid(
            "dataset.too_many_classes",
            f"The target {quoted(target)} has {len(names)} different values, more than the "
            f"{limits.max_classes} classes that are possible.",
        )
    bad = [name for name in names if not 0 < len(name) <= LONGEST_NAME]
    if bad:
        raise DatasetInvalid(
            "dataset.class_name",
            f"The target {quoted(target)} has the value {quoted(bad[0])}, which is no usable class name: it "
            f"must be text of 1 to {LONGEST_NAME} characters.",
        )
    return codes.reshape(-1).astype(np.int32), names
