"""Reading the rows of a CSV file into typed columns, a block at a time, so that memory follows the data and
not its text.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from backend.datasets.csv_dialect import Dialect, is_missing
from backend.datasets.limits import Limits
from backend.datasets.refusal import DatasetInvalid, quoted
from backend.datasets.table import Array, Categories, Feature, Numbers

CELLS_PER_BLOCK = 400_000
FEWEST_ROWS_PER_BLOCK, MOST_ROWS_PER_BLOCK = 64, 4096
"""Narrow tables are slow in long blocks (garbage collection of row lists), wide ones in short (calls per column)."""
LARGEST_NUMBER = 1e30
"""Beyond this, squares and sums of a column would leave float64's safe range."""


@dataclass
class _NumberCells:
    """A column that has held only numbers so far. The first number too large is kept for the refusal, if it
    comes to one.
    """

    blocks: list[Array] = field(default_factory=list)
    too_large: tuple[int, str] | None = None

    def add(self, cells: Sequence[str], lines: Sequence[int], decimal: str) -> bool:
        """Take a block; false if some cell is not a number, which makes the column text."""
        try:
            values = _numbers(cells, decimal)
        except ValueError:
            return False
        if self.too_large is None:
            large = np.flatnonzero(np.abs(values) > LARGEST_NUMBER)
            if len(large):
                self.too_large = (lines[large[0]], cells[large[0]])
        self.blocks.append(compact(values))
        return True

    def column(self, name: str, position: int) -> Numbers:
        if self.too_large is not None:
            line, cell = self.too_large
            raise DatasetInvalid(
                "dataset.number_too_large",
                f"Line {line}, column {quoted(name)}: {quoted(cell.strip())} is not a finite number below "
                f"{LARGEST_NUMBER:g}.",
            )
        return Numbers(name, position, np.concatenate(self.blocks))


@dataclass
class _TextCells:
    """A text column as codes of the distinct cells seen."""

    vocabulary: defaultdict[str, int] = field(default_factory=defaultdict)
    blocks: list[Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vocabulary.default_factory = self.vocabulary.__len__

    def add(self, cells: Sequence[str], lines: Sequence[int], decimal: str) -> bool:
        del lines, decimal
        self.blocks.append(np.fromiter(map(self.vocabulary.__getitem__, cells), np.int32, len(cells)))
        return True

    def column(self, name: str, position: int) -> Categories:
        values = sorted({cell.strip() for cell in self.vocabulary if not is_missing(cell)})
        index = {value: code for code, value in enumerate(values)}
        codes = np.fromiter(
            (index.get(cell.strip(), -1) for cell in self.vocabulary), np.int32, len(self.vocabulary)
        )
        return Categories(name, position, codes[np.concatenate(self.blocks)], tuple(values))


@dataclass(frozen=True)
class _Block:
    """Rows of a file and the line on which each begins."""

    rows: list[list[str]]
    lines: list[int]


def read_columns(
    lines: Iterable[str], dialect: Dialect, limits: Limits, texts: frozenset[int]
) -> tuple[list[Feature] | None, frozenset[int]]:
    """All columns, those at the positions `texts` as text, the others as numbers.

    A column that turns out not to be numeric after some blocks cannot be had back as text: then the columns
    are None and
    the second value says which to read as text the next time.
    """
    cells: list[_NumberCells | _TextCells] = [
        _TextCells() if i in texts else _NumberCells() for i in range(len(dialect.names))
    ]
    late: set[int] = set()
    first = True
    for block in _blocks(lines, dialect, limits):
        for i, column in enumerate(zip(*block.rows, strict=True)):
            if i in late or cells[i].add(column, block.lines, dialect.decimal):
                continue
            if first:
                cells[i] = _TextCells()
                cells[i].add(column, block.lines, dialect.decimal)
            else:
                cells[i] = _TextCells()
                late.add(i)
        first = False
    known = frozenset(i for i, column in enumerate(cells) if isinstance(column, _TextCells))
    if late:
        return None, known
    if first:
        raise DatasetInvalid("dataset.empty", "The file has no rows.")
    return [column.column(dialect.names[i], i) for i, column in enumerate(cells)], known


def compact(values: Array) -> Array:
    """The same numbers in the smallest of int8, int16, int32, float32 that holds them exactly, else as they
    are.
    """
    if np.isfinite(values).all() and (values == np.floor(values)).all():
        low, high = values.min(), values.max()
        for kind in (np.int8, np.int16, np.int32):
            if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
                return values.astype(kind)
    finite = values[np.isfinite(values)]
    if (np.abs(finite) < LARGEST_NUMBER).all() and (finite.astype(np.float32) == finite).all():
        return values.astype(np.float32)
    return values


def _blocks(lines: Iterable[str], dialect: Dialect, limits: Limits) -> Iterator[_Block]:
    width = len(dialect.names)
    size = min(max(FEWEST_ROWS_PER_BLOCK, CELLS_PER_BLOCK // width), MOST_ROWS_PER_BLOCK)
    rows: list[list[str]] = []
    starts: list[int] = []
    total = 0
    for line, row in _rows(lines, dialect):
        if len(row) != width:
            raise DatasetInvalid(
                "dataset.ragged_row",
                f"Line {line} has {len(row)} fields where {width} are expected, as in the first row.",
            )
        rows.append(row)
        starts.append(line)
        if len(rows) == size:
            total += size
            _check_size(total, width, limits)
            yield _Block(rows, starts)
            rows, starts = [], []
    if rows:
        _check_size(total + len(rows), width, limits)
        yield _Block(rows, starts)


def _rows(lines: Iterable[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Rows after the header with the line each begins on; blank lines are no rows."""
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    header_due = dialect.has_header
    begun = 1
    try:
        for row in reader:
            if row and header_due:
                header_due = False
            elif row:
                yield begun, row
            begun = reader.line_num + 1
    except csv.Error as error:
        raise DatasetInvalid(
            "dataset.csv_malformed", f"The row that begins on line {begun} is malformed: {_printable(error)}."
        ) from error


def _check_size(rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.max_rows:
        raise DatasetInvalid(
            "dataset.too_many_rows", f"The file has more than the {limits.max_rows} rows that are possible."
        )
    if rows * columns > limits.max_values:
        raise DatasetInvalid(
            "dataset.too_many_values",
            f"The file has more than the {limits.max_values} values that are possible.",
        )


def _numbers(cells: Sequence[str], decimal: str) -> Array:
    if decimal != ".":
        cells = [cell.replace(decimal, ".") for cell in cells]
    # Python reads 1_000 as a number; in a table it is a name.
    if "_" in "".join(cells):
        raise ValueError("an underscore")
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return np.fromiter(map(_number, cells), np.float64, len(cells))


def _number(cell: str) -> float:
    # Most missing cells are empty: they must not cost an exception each.
    if not cell:
        return math.nan
    try:
        return float(cell)
    except ValueError:
        if is_missing(cell):
            return math.nan
        raise


def _printable(error: csv.Error) -> str:
    """What csv says, which quotes the file's delimiter as it is."""
    return str(error).replace("\t", "\\t")
