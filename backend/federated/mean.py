"""The weighted mean of updates that arrive one after the other (federated averaging, McMahan et al. 2017, arXiv:1602.05629).

    mean = sum_k w_k u_k / sum_k w_k

Breakdown point 0: a single update can move it anywhere. Cost O(n d) time, O(d) memory whatever the number n of updates.

Up to `GROUP` updates are added up in float32, and each such part into a float64 total. Numpy's mixed additions cost three
times those in float32; this way they are made for one update in eight, and the error stays that of a sum of eight float32
numbers (relative to the mean magnitude at most 8 * 2^-24 = 5e-7), however many updates there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.errors import Invalid

GROUP = 8
CHUNK_VALUES = 1 << 16
"""Values handled at a time: three buffers of 256 KiB stay in a core's cache."""


class NotFinite(Invalid):
    """One of the updates added so far holds a value that is not a finite number."""

    def __init__(self) -> None:
        super().__init__("aggregate.not_finite", "An update holds values that are not finite.")


class WeightedMean:
    """Adds up updates with the given shapes; `total` is the sum of the weights still to come."""

    def __init__(self, shapes: Sequence[tuple[int, ...]], total: float) -> None:
        if not total > 0:
            raise Invalid("aggregate.weights", "Updates need weights that are not negative and not all zero.")
        self._shapes = [tuple(s) for s in shapes]
        self._total = total
        self._part = [np.zeros(int(np.prod(s)), np.float32) for s in self._shapes]
        self._sum: list[npt.NDArray[np.float64]] | None = None
        self._held = 0
        self._spare = np.empty(CHUNK_VALUES, np.float32)

    def add(self, update: Sequence[npt.NDArray[Any]], weight: float) -> None:
        """Add an update: float32 arrays of the shapes. NotFinite may be raised here or only by `result`."""
        if weight < 0:
            raise Invalid("aggregate.weights", "Updates need weights that are not negative and not all zero.")
        share = np.float32(weight / self._total)
        for array, part in zip(update, self._part, strict=True):
            flat = array.reshape(-1)
            for start in range(0, len(part), CHUNK_VALUES):
                some = part[start : start + CHUNK_VALUES]
                if self._held == 0:
                    np.multiply(flat[start : start + CHUNK_VALUES], share, out=some)
                else:
                    spare = self._spare[: len(some)]
                    np.multiply(flat[start : start + CHUNK_VALUES], share, out=spare)
                    np.add(some, spare, out=some)
        self._held += 1
        if self._held == GROUP:
            self._fold()

    def result(self) -> list[npt.NDArray[np.float64]]:
        """The mean, in the shapes given. Raises NotFinite."""
        if self._held or self._sum is None:
            self._fold()
        found, self._sum = self._sum or [], None
        return [array.reshape(shape) for array, shape in zip(found, self._shapes, strict=True)]

    def _fold(self) -> None:
        """Add the float32 part to the total. What is not finite shows in the sum, since weights are finite."""
        first = self._sum is None
        if self._sum is None:
            self._sum = [np.empty(len(part), np.float64) for part in self._part]
        for part, total in zip(self._part, self._sum, strict=True):
            for start in range(0, len(part), CHUNK_VALUES):
                some = part[start : start + CHUNK_VALUES]
                if not np.isfinite(some).all():
                    raise NotFinite
                if first:
                    total[start : start + CHUNK_VALUES] = some
                else:
                    into = total[start : start + CHUNK_VALUES]
                    np.add(into, some, out=into)
        self._held = 0
