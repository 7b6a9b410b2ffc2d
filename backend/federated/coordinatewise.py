"""Rules that look at each coordinate alone: the median and the trimmed mean (Yin et al. 2018, arXiv:1803.01498).

Both ignore weights, as in the paper: a weight is one more thing that a dishonest node could claim. Both are off the mean
wherever honest updates are skewed within a coordinate, as with two classes per node: there they cost 20 and 12 points of
accuracy on clean data (docs/benchmarks/aggregation.md).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from backend.errors import Invalid
from backend.federated.stack import Rows

SMALL = 32
"""Up to so many rows a network of whole-row minima and maxima sorts faster than numpy sorts each column."""


def median(rows: Rows) -> npt.NDArray[np.float32]:
    """Median of each column of `rows` (n, k); the mean of the middle two where n is even. Overwrites `rows`.

    Breakdown point 1/2: fewer than n/2 arbitrary rows keep every coordinate within the range of the honest ones.
    Cost O(n log^2 n) row operations of k values.
    """
    ordered = _sorted_rows(rows)
    n = len(ordered)
    if n % 2:
        return ordered[n // 2].copy()
    return _middle(ordered[n // 2 - 1], ordered[n // 2])


def trimmed_mean(rows: Rows, trim: int) -> npt.NDArray[np.float64]:
    """Mean of each column without its `trim` smallest and `trim` largest values. Overwrites `rows`.

    Breakdown point trim / n, and 2 trim < n. Cost O(n log^2 n) row operations of k values.
    Invalid `aggregate.tolerated` where nothing would be left.
    """
    n = len(rows)
    if not 0 <= 2 * trim < n:
        raise Invalid(
            "aggregate.tolerated",
            f"A trimmed mean of {n} updates can leave out at most {(n - 1) // 2} at each end, not {trim}.",
        )
    kept = _sorted_rows(rows)[trim : n - trim]
    total = np.zeros(rows.shape[1], np.float64)
    for row in kept:
        np.add(total, row, out=total)
    return np.divide(total, len(kept), out=total)


def _sorted_rows(rows: Rows) -> list[npt.NDArray[np.float32]]:
    """Row i of the answer holds the i-th smallest value of each column."""
    if len(rows) > SMALL:
        columns = np.ascontiguousarray(rows.T)
        columns.sort(axis=1)
        return list(np.ascontiguousarray(columns.T))
    ordered, spare = list(rows), np.empty(rows.shape[1], np.float32)
    for low, high in _network(len(ordered)):
        np.minimum(ordered[low], ordered[high], out=spare)
        np.maximum(ordered[low], ordered[high], out=ordered[high])
        ordered[low], spare = spare, ordered[low]
    return ordered


def _middle(low: npt.NDArray[np.float32], high: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Halves are taken first: the sum of two finite numbers may not be finite."""
    return np.add(np.multiply(low, 0.5, dtype=np.float32), np.multiply(high, 0.5, dtype=np.float32))


@lru_cache(maxsize=SMALL)
def _network(n: int) -> tuple[tuple[int, int], ...]:
    """Compare-and-exchange pairs that sort n rows: Batcher's merge exchange (Knuth, TAOCP 3, 5.2.2 M)."""
    pairs: list[tuple[int, int]] = []
    p = 1
    while p < n:
        k = p
        while k >= 1:
            for j in range(k % p, n - k, 2 * k):
                pairs.extend(
                    (i + j, i + j + k)
                    for i in range(min(k, n - j - k))
                    if (i + j) // (2 * p) == (i + j + k) // (2 * p)
                )
            k //= 2
        p *= 2
    return tuple(pairs)
