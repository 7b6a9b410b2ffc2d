"""Turn raw rows into the inputs of a model trained on EcoDML. Needs NumPy only.

    recipe = json.load(open("preprocessing.json", encoding="utf-8"))
    x = preprocess(recipe, list(csv.DictReader(open("new.csv", encoding="utf-8-sig"))))
    names = [recipe["classes"][i] for i in model.predict(x).argmax(axis=1)]

Rows are mappings from column name to cell, or sequences of cells in the order of the original file (its
target column
included, its value ignored). For images and other arrays, rows are arrays of the recipe's `input_shape`,
with the pixel values
they have in the original file; `image_mode` says whether images are grey (`L`) or colour (`RGB`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

FORMAT = "ecodml-preprocessing/1"


def preprocess(recipe: Mapping[str, Any], rows: Sequence[Any]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Inputs of shape `[len(rows), *input_shape]`, float32. Raises ValueError for a cell that cannot be
    used.
    """
    if recipe.get("format") != FORMAT:
        raise ValueError(f"the recipe is not of the format {FORMAT}")
    shape = tuple(recipe["input_shape"])
    if "array" in recipe:
        return _array(recipe["array"], shape, rows)
    x = np.zeros((len(rows), *shape), np.float32)
    at = 0
    for column in recipe["columns"]:
        cells = [_cell(row, column) for row in rows]
        if column["kind"] == "category":
            slots = {value: slot for slot, value in enumerate(column["values"])}
            for i, cell in enumerate(cells):
                slot = None if _is_missing(cell, recipe) else slots.get(str(cell).strip())
                if slot is not None:
                    x[i, at + slot] = 1.0
            at += column["width"]
        else:
            values = np.array([_number(cell, column, recipe) for cell in cells], np.float64)
            x[:, at] = scaled(values, column["mean"], column["std"], column["clip"])
            at += 1
    return x


def scaled(values: Any, mean: Any, std: Any, clip: float | None) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(values - mean) / std, cut off at -clip and clip."""
    # What overflows is infinite, and cut off like everything beyond clip.
    with np.errstate(over="ignore"):
        x = (np.asarray(values, np.float64) - np.asarray(mean)) / np.asarray(std)
    return np.asarray(x if clip is None else np.clip(x, -clip, clip), np.float32)


def _array(recipe: Mapping[str, Any], shape: tuple[int, ...], rows: Sequence[Any]) -> np.ndarray[Any, Any]:
    raw = [row["x"] if isinstance(row, Mapping) else row for row in rows]
    values = np.array(raw, np.float64).reshape(len(raw), *shape)
    if not np.isfinite(values).all():
        raise ValueError("a value is not a finite number")
    return scaled(values, recipe["mean"], recipe["std"], recipe["clip"])


def _cell(row: Any, column: Mapping[str, Any]) -> Any:
    if isinstance(row, Mapping):
        if column["name"] not in row:
            raise ValueError(f"the column {column['name']!r} is not there")
        return row[column["name"]]
    if not 0 <= column["position"] < len(row):
        raise ValueError(f"the column {column['name']!r} is not there")
    return row[column["position"]]


def _is_missing(cell: Any, recipe: Mapping[str, Any]) -> bool:
    return cell is None or str(cell).strip().lower() in recipe["missing"]


def _number(cell: Any, column: Mapping[str, Any], recipe: Mapping[str, Any]) -> float:
    if _is_missing(cell, recipe):
        return float(column["fill"])
    text = str(cell).replace(recipe["decimal"], ".") if isinstance(cell, str) else cell
    try:
        number = float(text)
    except (TypeError, ValueError):
        raise ValueError(f"{cell!r} in the column {column['name']!r} is not a number") from None
    if not np.isfinite(number):
        raise ValueError(f"{cell!r} in the column {column['name']!r} is not a finite number")
    return number
