"""The weighted mean of updates, one at a time: memory holds one accumulator and one update, however many nodes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fl_nodes.training.tensors import Weights


class WeightedMean:
    """Federated averaging's mean (McMahan et al. 2017, arXiv:1602.05629): sum of n_k / n times update k.

    Accumulates in float64, so that the order of arrival does not show in the float32 result.
    """

    def __init__(self) -> None:
        self._sums: list[npt.NDArray[np.float64]] = []
        self._weight = 0

    def add(self, update: Weights, weight: int) -> None:
        """Take in an update that counts for `weight` examples; ValueError where shapes or weight do not fit."""
        if weight <= 0:
            raise ValueError(f"an update's weight is at least 1, not {weight}")
        if not self._sums:
            self._sums = [np.zeros(array.shape, np.float64) for array in update]
        if [a.shape for a in update] != [s.shape for s in self._sums]:
            raise ValueError("updates differ in their shapes")
        for total, array in zip(self._sums, update, strict=True):
            total += np.float64(weight) * array
        self._weight += weight

    def result(self) -> Weights:
        """The mean, float32; ValueError before the first update."""
        if not self._weight:
            raise ValueError("there is no update to average")
        return [(total / self._weight).astype(np.float32) for total in self._sums]
