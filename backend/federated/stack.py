"""A round's updates as the rows of one matrix, of which only a block of columns is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float32]
"""(count, columns): one update a row."""
Vector = npt.NDArray[np.float64]

BLOCK_VALUES = 1 << 20
"""Values in one block, over all rows: 4 MiB of float32, whatever the number of updates."""


class Stack(Protocol):
    """`count` updates of `size` parameters each, all finite float32."""

    @property
    def count(self) -> int:
        """How many updates there are."""
        ...

    @property
    def size(self) -> int:
        """How many parameters each has."""
        ...

    def block(self, start: int, stop: int) -> Rows:
        """Columns `start` to `stop` of every update, shape (count, stop - start). The caller may overwrite it."""
        ...


class ArrayStack:
    """A stack that is in memory as a whole: `rows` has shape (count, size)."""

    def __init__(self, rows: Sequence[npt.NDArray[np.float32]] | Rows) -> None:
        self._rows = np.atleast_2d(np.asarray(rows, np.float32))

    @property
    def count(self) -> int:
        """How many updates there are."""
        return int(self._rows.shape[0])

    @property
    def size(self) -> int:
        """How many parameters each has."""
        return int(self._rows.shape[1])

    def block(self, start: int, stop: int) -> Rows:
        """A copy of columns `start` to `stop`."""
        return self._rows[:, start:stop].copy()


def blocks(stack: Stack, values: int = BLOCK_VALUES) -> Iterator[tuple[int, int, Rows]]:
    """The whole stack, block by block: (start, stop, rows)."""
    columns = max(1, values // max(1, stack.count))
    for start in range(0, stack.size, columns):
        stop = min(start + columns, stack.size)
        yield start, stop, stack.block(start, stop)
