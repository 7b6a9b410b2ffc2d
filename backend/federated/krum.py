"""Multi-Krum: the mean of those updates that lie closest to their neighbours (Blanchard et al. 2017, arXiv:1703.02757).

    score_i = sum of the n - f - 2 smallest ||u_i - u_j||^2, j != i;  the m = n - f - 2 updates of smallest score are averaged

Tolerates f < (n - 2) / 2, that is n >= 2f + 3 (proposition 4.2). m = n - f - 2 is the largest for which each update that is
kept is provably near an honest one (El Mhamdi et al. 2018, arXiv:1802.07927). Cost O(n^2 d) time, O(n^2) memory beside one
block of columns. The kept ones are averaged by their weights.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from backend.errors import Invalid
from backend.federated.stack import Stack, blocks

SCORE_DIGITS = 9
"""Scores that differ by less than one part in 10^9 count as equal."""
Distances = npt.NDArray[np.float64]


def squared_distances(stack: Stack) -> Distances:
    """||u_i - u_j||^2 for all pairs, shape (n, n).

    Each block is shifted by its mean row before products are taken in float64: distances do not change, and near copies do
    not drown in the size of what they share.
    """
    products = np.zeros((stack.count, stack.count), np.float64)
    for _, _, rows in blocks(stack):
        shifted = np.subtract(rows, rows.mean(axis=0, dtype=np.float64), dtype=np.float64)
        products += shifted @ shifted.T
    squares = np.diag(products)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * products, 0.0)
    np.fill_diagonal(distances, 0.0)
    return distances


def most_tolerated(count: int) -> int:
    """The largest f with `count` >= 2f + 3, at least 0."""
    return max(0, (count - 3) // 2)


def kept(distances: Distances, tolerated: int) -> list[int]:
    """Which updates multi-Krum averages, ascending: with f = 0 all of two, who have no neighbours to be told from.

    Invalid `aggregate.tolerated` unless n >= 2f + 3.
    """
    count = len(distances)
    if count < 3 and tolerated == 0:
        return list(range(count))
    neighbours = count - tolerated - 2
    if tolerated < 0 or count < 2 * tolerated + 3:
        raise Invalid(
            "aggregate.tolerated",
            f"Multi-Krum needs {2 * tolerated + 3} updates to tolerate {tolerated} dishonest ones; there are {count}.",
        )
    others = np.sort(distances + np.diag(np.full(count, np.inf)), axis=1)
    # Two updates that are each other's nearest have equal scores but for rounding: their distance to all decides, not their order.
    with np.errstate(divide="ignore"):
        scores = np.round(np.log(others[:, :neighbours].sum(axis=1)), SCORE_DIGITS)
    by_score = np.lexsort((distances.sum(axis=1), scores))
    return sorted(int(i) for i in by_score[:neighbours])
