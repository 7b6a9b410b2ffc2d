"""A dataset in memory, whatever file it came from, and the summary of it that a customer sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kind = Literal["number", "category", "pixel"]
Format = Literal["csv", "npz", "idx", "zip"]

CATEGORY_SLOTS = 64
"""Most inputs that one category column may become; rarer values than the 64 most frequent share "none of
them".
"""


@dataclass(frozen=True)
class Numbers:
    """A numeric column; `values` is a real array in which NaN means missing."""

    name: str
    position: int
    values: Array


@dataclass(frozen=True)
class Categories:
    """A text column; `codes` index `values`, -1 means missing. Every value occurs."""

    name: str
    position: int
    codes: Array
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """Inputs of the model that this column becomes. Decided by the whole file, so that any split has the
        same shape.
        """
        return min(len(self.values), CATEGORY_SLOTS)


Feature = Numbers | Categories


@dataclass(frozen=True)
class Table:
    """Rows with integer class labels. Either `features` (CSV) or `array` (everything else) holds the inputs.

    `y` are indices into `classes`. `pixels` says that all inputs share one scale and are not to be
    standardised apart.
    `delimiter` and `decimal` mark are a CSV file's, `image_mode` (`L`, `RGB`) how image files were read.
    """

    format: Format
    features: tuple[Feature, ...]
    array: Array | None
    pixels: bool
    y: NDArray[np.int32]
    classes: tuple[str, ...]
    target: str
    has_header: bool = False
    dropped: tuple[str, ...] = ()
    delimiter: str = ","
    decimal: str = "."
    image_mode: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """Number of examples."""
        return len(self.y)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one encoded example."""
        if self.array is not None:
            return tuple(int(n) for n in self.array.shape[1:])
        return (sum(f.width if isinstance(f, Categories) else 1 for f in self.features),)

    @property
    def class_counts(self) -> list[int]:
        """Examples of each class, in the order of `classes`."""
        return [int(n) for n in np.bincount(self.y, minlength=len(self.classes))]


@dataclass(frozen=True)
class Column:
    """One input column as found in the file: counts of missing cells and of distinct values."""

    name: str
    kind: Kind
    missing: int
    distinct: int


@dataclass(frozen=True)
class Inspection:
    """What a file holds. `columns` are the inputs used (target and dropped columns left out); `sha256` is of
    the file.
    """

    format: Format
    rows: int
    columns: list[Column]
    has_header: bool
    target: str
    classes: list[str]
    class_counts: list[int]
    input_shape: tuple[int, ...]
    bytes: int
    sha256: str
    warnings: list[str]
