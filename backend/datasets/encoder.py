"""The recorded way from raw rows to model inputs: fitted on training rows, applied to any, exported with the
model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.datasets import portable
from backend.datasets.csv_dialect import MISSING
from backend.datasets.pixels import row_blocks
from backend.datasets.refusal import DatasetInvalid, listed, quoted
from backend.datasets.table import Array, Categories, Feature, Numbers, Table

FORMAT = portable.FORMAT
CLIP = 10.0
"""Standardised values end here: a column that is almost constant must not blow up a gradient with its one
outlier.
"""
SMALLEST_RELATIVE_DEVIATION = 1e-9
SMALLEST_DEVIATION = 1e-30
BYTE_SCALE = 255.0


@dataclass(frozen=True)
class Encoder:
    """Holds the recipe, plain JSON data that `portable.preprocess` understands too; see `fit` for what is in
    it.
    """

    recipe: Mapping[str, Any]

    @classmethod
    def fit(cls, table: Table, rows: Array) -> Encoder:
        """Means, deviations, fills and vocabularies of the training rows alone.

        Widths come from the whole table, so that the inputs have `table.input_shape` whichever rows are
        given.
        """
        recipe: dict[str, Any] = {
            "format": FORMAT,
            "source": table.format,
            "input_shape": list(table.input_shape),
            "target": table.target,
            "classes": list(table.classes),
        }
        if table.array is not None:
            recipe["array"] = _array_recipe(table.array, np.asarray(rows), pixels=table.pixels)
            recipe["image_mode"] = table.image_mode
        else:
            recipe["columns"] = _column_recipes(table, np.asarray(rows))
            recipe["has_header"] = table.has_header
            recipe["dropped"] = list(table.dropped)
            recipe["delimiter"] = table.delimiter
            recipe["decimal"] = table.decimal
            recipe["missing"] = sorted(MISSING)
        return cls(recipe)

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the model's outputs."""
        return tuple(self.recipe["classes"])

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one encoded example."""
        return tuple(self.recipe["input_shape"])

    def transform(self, table: Table) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """Inputs `[n, *input_shape]` and class indices `[n]` of all rows. Raises DatasetInvalid for a table
        of other columns.
        """
        y = self._classes_of(table)
        x = np.zeros((table.rows, *self.input_shape), np.float32)
        if table.array is not None:
            if "array" not in self.recipe or tuple(table.array.shape[1:]) != self.input_shape:
                raise _other_columns(f"the shape {list(table.array.shape[1:])}")
            _encode_array(self.recipe["array"], table.array, x)
            return x, y
        features = {feature.name: feature for feature in table.features}
        at = 0
        for column in self.recipe.get("columns", ()):
            feature = features.get(column["name"])
            if feature is None or isinstance(feature, Categories) != (column["kind"] == "category"):
                raise _other_columns(f"no {column['kind']} column {quoted(column['name'])}")
            at = _encode_column(column, feature, x, at)
        if at != x.shape[1]:
            raise _other_columns("columns, not an array")
        return x, y

    def apply_row(self, row: Mapping[str, Any]) -> NDArray[np.float32]:
        """The inputs for one raw row (column name to text, number or None; `{"x": values}` for arrays).

        Raises DatasetInvalid `row.invalid` for a column that is not there or a cell that is not a number.
        """
        try:
            inputs: NDArray[np.float32] = portable.preprocess(self.recipe, [row])[0]
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise DatasetInvalid("row.invalid", f"The row cannot be used: {error}.") from error
        return inputs

    def to_json(self) -> str:
        """The recipe as JSON text, to be kept beside the model."""
        return json.dumps(self.recipe, indent=1, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Encoder:
        """The inverse of `to_json`. Raises DatasetInvalid `preprocessing.unreadable`."""
        try:
            recipe = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DatasetInvalid(
                "preprocessing.unreadable", "The preprocessing record is not JSON."
            ) from error
        if (
            not isinstance(recipe, dict)
            or recipe.get("format") != FORMAT
            or not ({"columns", "array"} & set(recipe))
        ):
            raise DatasetInvalid(
                "preprocessing.unreadable", f"The preprocessing record is not of the format {FORMAT}."
            )
        return cls(recipe)

    def _classes_of(self, table: Table) -> NDArray[np.int32]:
        index = {name: i for i, name in enumerate(self.recipe["classes"])}
        unknown = [name for name in table.classes if name not in index]
        if unknown:
            raise DatasetInvalid(
                "encoder.classes_differ",
                f"The table has classes the encoder does not know: {listed(unknown)}.",
            )
        return np.asarray([index[name] for name in table.classes], np.int32)[table.y]


def portable_source() -> str:
    """Source text of a module, standard library and NumPy only, that applies an exported recipe to raw
    rows.
    """
    return Path(portable.__file__).read_text(encoding="utf-8")


def _array_recipe(array: Array, rows: Array, *, pixels: bool) -> dict[str, Any]:
    if pixels:
        largest = max(float(block.max()) for block in row_blocks(array[np.sort(rows)]))
        scale = BYTE_SCALE if array.dtype == np.uint8 and largest > 1 else _divisor(largest)
        return {"mean": [0.0], "std": [scale], "clip": None}
    training = array[np.sort(rows)]
    if array.ndim > 2:
        mean, std = _moments(training.reshape(-1))
        return {"mean": [mean], "std": [std], "clip": CLIP}
    moments = [_moments(training[:, i]) for i in range(training.shape[1])]
    return {"mean": [m for m, _ in moments], "std": [s for _, s in moments], "clip": CLIP}


def _column_recipes(table: Table, rows: Array) -> list[dict[str, Any]]:
    scale = 1.0
    if table.pixels:
        scale = _divisor(max(float(f.values[rows].max()) for f in table.features if isinstance(f, Numbers)))
    recipes: list[dict[str, Any]] = []
    for feature in table.features:
        place = {"name": feature.name, "position": feature.position}
        if isinstance(feature, Categories):
            counts = np.bincount(feature.codes[rows] + 1, minlength=len(feature.values) + 1)[1:]
            ranked = sorted(np.flatnonzero(counts), key=lambda code: (-counts[code], code))[: feature.width]
            values = [feature.values[code] for code in ranked]
            recipes.append({**place, "kind": "category", "values": values, "width": feature.width})
        elif table.pixels:
            recipes.append({**place, "kind": "pixel", "mean": 0.0, "std": scale, "fill": 0.0, "clip": None})
        else:
            mean, std = _moments(feature.values[rows])
            recipes.append({**place, "kind": "number", "mean": mean, "std": std, "fill": mean, "clip": CLIP})
    return recipes


def _divisor(largest: float) -> float:
    """What pixels are divided by: their greatest value, unless that is as good as nothing."""
    return largest if largest > SMALLEST_DEVIATION else 1.0


def _moments(values: Array) -> tuple[float, float]:
    """Mean and deviation of what is not missing; a column that does not vary gets the deviation 1."""
    present = values[~np.isnan(values)].astype(np.float64)
    if len(present) == 0:
        return 0.0, 1.0
    mean = float(present.mean())
    std = float(present.std())
    varies = std > max(SMALLEST_DEVIATION, SMALLEST_RELATIVE_DEVIATION * abs(mean))
    return mean, std if varies else 1.0


def _encode_array(recipe: Mapping[str, Any], array: Array, x: NDArray[np.float32]) -> None:
    start = 0
    for block in row_blocks(array):
        x[start : start + len(block)] = portable.scaled(block, recipe["mean"], recipe["std"], recipe["clip"])
        start += len(block)


def _encode_column(recipe: Mapping[str, Any], feature: Feature, x: NDArray[np.float32], at: int) -> int:
    """Fill the inputs from `at` on; return where the next column begins."""
    if isinstance(feature, Numbers):
        values = feature.values.astype(np.float64)
        values[np.isnan(values)] = recipe["fill"]
        x[:, at] = portable.scaled(values, recipe["mean"], recipe["std"], recipe["clip"])
        return at + 1
    slots = {value: slot for slot, value in enumerate(recipe["values"])}
    # The last entry answers code -1: a missing value, like an unknown one, is none of the known ones.
    slot_of = np.asarray([slots.get(value, -1) for value in feature.values] + [-1])
    slot = slot_of[feature.codes]
    known = np.flatnonzero(slot >= 0)
    x[known, at + slot[known]] = 1.0
    return at + int(recipe["width"])


def _other_columns(what: str) -> DatasetInvalid:
    return DatasetInvalid(
        "encoder.columns_differ", f"The table is not like the one the encoder was fitted on: it has {what}."
    )
