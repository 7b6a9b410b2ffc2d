"""A CSV file as a table: which column is the target, which columns can be learned from."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from backend.datasets.csv_columns import read_columns
from backend.datasets.csv_dialect import TARGET_NAMES, Dialect, sniff
from backend.datasets.csv_text import check_text, lines_of
from backend.datasets.labels import coded_classes, number_classes, rare_class_warnings
from backend.datasets.limits import Limits
from backend.datasets.pixels import share_one_scale
from backend.datasets.refusal import DatasetInvalid, listed, quoted
from backend.datasets.table import CATEGORY_SLOTS, Array, Categories, Feature, Numbers, Table

ROWS_TO_CALL_IT_AN_ID = 10
"""With fewer rows, texts that are all different may well be chance."""
ID_NAME = re.compile(
    r"(.*[_ -])?(id|uuid|guid)|index|row(_?(id|num|number))?|unnamed: 0|column_1", re.IGNORECASE
)


def load_csv(source: BinaryIO, name: str, target: str | None, limits: Limits) -> Table:
    """The table in a CSV file. Raises DatasetInvalid naming the line or column at fault."""
    line_end = check_text(source, name, limits)
    dialect = sniff(lines_of(source, line_end), name)
    if len(dialect.names) > limits.max_columns:
        raise DatasetInvalid(
            "dataset.too_many_columns",
            f"The file has {len(dialect.names)} columns, more than the {limits.max_columns} that are "
            "possible.",
        )
    chosen = _target_position(dialect, target)
    if len(dialect.names) < 2:
        raise DatasetInvalid(
            "dataset.no_features",
            f"The only column of {quoted(name)} is the target: separate columns by a comma, semicolon, tab "
            "or bar.",
        )
    texts: frozenset[int] = frozenset()
    columns: list[Feature] | None = None
    while columns is None:
        columns, texts = read_columns(lines_of(source, line_end), dialect, limits, texts)
    return _table(columns, chosen, dialect, limits)


def _target_position(dialect: Dialect, target: str | None) -> int:
    """By name, else by number counted from 1 or, if negative, from the end; without a wish, a telling name
    or the last.
    """
    names = dialect.names
    if target is None:
        known = (
            {name.lower(): i for i, name in reversed(list(enumerate(names)))} if dialect.has_header else {}
        )
        return next((known[wanted] for wanted in TARGET_NAMES if wanted in known), len(names) - 1)
    exact = [i for i, name in enumerate(names) if name == target.strip()]
    alike = [i for i, name in enumerate(names) if name.lower() == target.strip().lower()]
    if exact or len(alike) == 1:
        return (exact or alike)[0]
    number = int(target) if re.fullmatch(r"\s*-?[0-9]{1,9}\s*", target) else 0
    if 1 <= abs(number) <= len(names):
        return number - 1 if number > 0 else len(names) + number
    raise DatasetInvalid(
        "dataset.no_such_target",
        f"There is no column {quoted(target)} to be the target; the columns are {listed(names)}.",
    )


def _table(columns: list[Feature], chosen: int, dialect: Dialect, limits: Limits) -> Table:
    label = columns.pop(chosen)
    warnings: list[str] = []
    present = ~_missing(label)
    kept = int(present.sum())
    if kept == 0:
        raise DatasetInvalid(
            "dataset.no_target_values", f"The target column {quoted(label.name)} has no values at all."
        )
    if kept < len(present):
        warnings.append(
            f"{len(present) - kept} rows without a value of the target {quoted(label.name)} were left out."
        )
        label = _only(label, present)
        columns = [_only(column, present) for column in columns]
    if isinstance(label, Numbers):
        y, classes = number_classes(label.values, label.name, limits)
    else:
        y, classes = coded_classes(label.codes, label.values, label.name, limits)
    warnings += rare_class_warnings(y, classes, label.name)
    features, dropped = _features(columns, kept, warnings)
    if not features:
        raise DatasetInvalid(
            "dataset.no_features",
            f"Beside the target {quoted(label.name)} there is no column that can be learned from.",
        )
    numeric = [f.values for f in features if isinstance(f, Numbers)]
    return Table(
        format="csv",
        features=tuple(features),
        array=None,
        pixels=len(numeric) == len(features) and share_one_scale(numeric),
        y=y,
        classes=classes,
        target=label.name,
        has_header=dialect.has_header,
        dropped=tuple(dropped),
        delimiter=dialect.delimiter,
        decimal=dialect.decimal,
        warnings=tuple(warnings),
    )


def _features(columns: list[Feature], rows: int, warnings: list[str]) -> tuple[list[Feature], list[str]]:
    """The columns that are worth learning from, and the names of those that only tell rows apart."""
    features: list[Feature] = []
    dropped: list[str] = []
    for column in columns:
        missing = int(_missing(column).sum())
        if missing == rows:
            raise DatasetInvalid(
                "dataset.empty_column",
                f"The column {quoted(column.name)} (number {column.position + 1}) has no values at all.",
            )
        if _tells_rows_apart(column, rows - missing):
            dropped.append(column.name)
            continue
        if isinstance(column, Categories) and len(column.values) > CATEGORY_SLOTS:
            warnings.append(
                f"The column {quoted(column.name)} has {len(column.values)} different texts: only the "
                f"{CATEGORY_SLOTS} most frequent are told apart."
            )
        features.append(column)
    if dropped:
        warnings.append(f"Left out because every row has its own value: {listed(dropped)}.")
    return features, dropped


def _tells_rows_apart(column: Feature, present: int) -> bool:
    if present < ROWS_TO_CALL_IT_AN_ID:
        return False
    if isinstance(column, Categories):
        return len(column.values) == present
    if not ID_NAME.fullmatch(column.name) or not np.issubdtype(column.values.dtype, np.integer):
        return False
    return len(np.unique(column.values)) == present


def _missing(column: Feature) -> NDArray[np.bool_]:
    return column.codes < 0 if isinstance(column, Categories) else np.isnan(column.values)


def _only(column: Feature, rows: Array) -> Feature:
    if isinstance(column, Numbers):
        return replace(column, values=column.values[rows])
    used, codes = np.unique(column.codes[rows], return_inverse=True)
    if used[0] < 0:
        used, codes = used[1:], codes - 1
    return replace(column, codes=codes.astype(np.int32), values=tuple(column.values[int(i)] for i in used))
