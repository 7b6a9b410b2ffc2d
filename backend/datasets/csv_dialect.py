"""How a CSV file is written: its delimiter, its decimal mark, and whether its first row is a header."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.datasets.refusal import DatasetInvalid, quoted

DELIMITERS = ",;\t|"
OTHER = {d: re.compile("[" + re.escape(DELIMITERS.replace(d, "")) + "]") for d in DELIMITERS}
SAMPLE_LINES = 400
SAMPLE_CHARACTERS = 1_000_000
DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+\s*")
DECIMAL_POINT = re.compile(r"\s*[-+]?\d*\.\d+(e[-+]?\d+)?\s*", re.IGNORECASE)
MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
TARGET_NAMES = (
    "target", "label", "labels", "class", "classes", "y", "species", "diagnosis", "outcome", "category",
)  # fmt: skip


@dataclass(frozen=True)
class Dialect:
    """What is needed to read the rows. `names` are the columns' names, made up (`column_1`) where there is
    no header.
    """

    delimiter: str
    decimal: str
    has_header: bool
    names: tuple[str, ...]


def is_missing(cell: str) -> bool:
    """Whether a cell stands for no value."""
    return cell.strip().lower() in MISSING


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell is a number (NaN, which means missing, is not)."""
    if "_" in cell or is_missing(cell):
        return False
    try:
        float(cell.replace(decimal, "."))
    except ValueError:
        return False
    return True


def sniff(lines: Iterable[str], name: str) -> Dialect:
    """Decide from the first lines. Raises DatasetInvalid for a header without rows or with a name twice."""
    sample = _sample(lines)
    delimiter = _delimiter(sample)
    rows = _rows(sample, delimiter)
    if not any(line.strip() for line in sample):
        raise DatasetInvalid("dataset.empty", f"The file {quoted(name)} has no rows.")
    if not rows:
        raise DatasetInvalid("dataset.csv_malformed", f"The first row of {quoted(name)} is malformed.")
    decimal = _decimal(rows, delimiter)
    has_header = _has_header(rows, decimal)
    if not has_header:
        return Dialect(delimiter, decimal, False, tuple(f"column_{i + 1}" for i in range(len(rows[0]))))
    if len(rows) < 2:
        raise DatasetInvalid("dataset.only_header", f"The file {quoted(name)} has a header and no rows.")
    names = tuple(cell.strip() or f"column_{i + 1}" for i, cell in enumerate(rows[0]))
    twice = [column for column, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetInvalid(
            "dataset.duplicate_column",
            f"The header of {quoted(name)} has the column name {quoted(twice[0])} more than once.",
        )
    return Dialect(delimiter, decimal, True, names)


def _sample(lines: Iterable[str]) -> list[str]:
    sample: list[str] = []
    characters = 0
    for line in lines:
        sample.append(line)
        characters += len(line)
        if len(sample) >= SAMPLE_LINES or (characters >= SAMPLE_CHARACTERS and len(sample) > 1):
            break
    return sample


def _rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Rows of a sample; the reader proper, not this one, says what is malformed."""
    rows: list[list[str]] = []
    try:
        rows.extend(row for row in csv.reader(lines, delimiter=delimiter) if row)
    except csv.Error:
        return rows
    return rows


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter whose rows agree best on their number of fields, leaves no other delimiter over, makes
    most fields.
    """

    def merit(delimiter: str) -> tuple[float, float, int]:
        rows = _rows(lines, delimiter)
        width, agreeing = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width < 2:
            # One field per row is what a wrong delimiter makes; all rows agree on it.
            return (0.0, 0.0, 0)
        cells = [cell for row in rows for cell in row]
        clean = sum(
            DECIMAL_COMMA.fullmatch(cell) is not None or not OTHER[delimiter].search(cell) for cell in cells
        )
        return (agreeing / len(rows), clean / len(cells), width)

    return max(DELIMITERS, key=merit)


def _decimal(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    if delimiter == ",":
        return "."
    cells = [cell for row in rows[1:] for cell in row]
    if any(DECIMAL_POINT.fullmatch(cell) for cell in cells):
        return "."
    return "," if any(DECIMAL_COMMA.fullmatch(cell) for cell in cells) else "."


def _has_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """A header names its columns: it is text over numbers or, where all is text, values that never come
    again.
    """
    first = [cell.strip() for cell in rows[0]]
    columns = [
        [row[i] for row in rows[1:] if i < len(row) and not is_missing(row[i])] for i in range(len(first))
    ]
    named = [not is_number(cell, decimal) and not is_missing(cell) for cell in first]
    if not any(named):
        return False
    over_numbers = [bool(cells) and all(is_number(cell, decimal) for cell in cells) for cells in columns]
    if any(name and numbers for name, numbers in zip(named, over_numbers, strict=True)):
        return True
    if any(is_number(cell, decimal) for cell in first):
        return False
    if any(
        cell.lower() in TARGET_NAMES and cell not in map(str.strip, columns[i])
        for i, cell in enumerate(first)
    ):
        return True
    if len(rows) == 1:
        return True
    repeating = [i for i, cells in enumerate(columns) if len(set(cells)) < len(cells)]
    unseen = all(first[i] not in {cell.strip() for cell in columns[i]} for i in range(len(first)))
    return bool(repeating) and unseen
