"""Which updates the mean may be better without: the first half of the rule `auto`. Scores only raise a suspicion.

An update is suspect when the global model is worse with it than it was before (Zeno, Xie et al. 2019, arXiv:1805.10032, ranks
updates by this loss; Fang et al. 2020, arXiv:1911.11815, reject by it) and it
  - is unlike the others in length and loss: modified z-scores, from medians, above 3.5 (Iglewicz and Hoaglin 1993); or
  - points away from the direction that all updates have in common (cosine below 0).

Honest updates from nodes with two classes each do all of this now and then: leaving out whatever is suspect cost 8 points of
accuracy on clean data (docs/benchmarks/aggregation.md). So nothing is left out on suspicion. The second half of `auto` measures
the models that could be made instead, and takes the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OUTLIER = 3.5
NORMAL_MAD = 0.6745
"""Median absolute deviation of the standard normal distribution."""
LEAST_SPREAD = 1e-3
"""Spread, relative to the median, below which differences are not looked at: equal scores have none."""
FEWEST = 4
"""Of three updates none is an outlier: the other two may as well be."""


@dataclass(frozen=True)
class UpdateScore:
    """An update on the validation split: loss of global model + update, length, cosine with the common direction."""

    loss: float
    norm: float
    cosine: float


def suspects(scores: Sequence[UpdateScore], loss_before: float | None) -> tuple[frozenset[int], ...]:
    """Sets of updates (by index) to try to do without, the surer first; never half of them or more.

    `loss_before` is the global model's loss before the round, None where it was not measured.
    """
    if len(scores) < FEWEST:
        return ()
    loss = np.array([s.loss for s in scores])
    worse = loss > (-np.inf if loss_before is None else loss_before)
    far = worse & (_outlying([s.norm for s in scores]) > OUTLIER)
    sure = far & (_outlying(np.log(np.maximum(loss, np.finfo(float).tiny))) > OUTLIER)
    away = worse & (np.array([s.cosine for s in scores]) < 0)
    found: list[frozenset[int]] = []
    for flagged in (sure, sure | far, sure | far | away):
        chosen = _worst(flagged, loss)
        if chosen and chosen not in found:
            found.append(chosen)
    return tuple(found)


def _worst(flagged: npt.NDArray[np.bool_], loss: npt.NDArray[np.float64]) -> frozenset[int]:
    """The flagged ones with the highest loss, fewer than half of all."""
    most = (len(loss) - 1) // 2
    by_loss = sorted((int(i) for i in np.flatnonzero(flagged)), key=lambda i: (-loss[i], i))
    return frozenset(by_loss[:most])


def _outlying(values: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Modified z-scores, 0.6745 (x - median) / MAD."""
    x = np.asarray(values, np.float64)
    middle = float(np.median(x))
    spread = max(float(np.median(np.abs(x - middle))), LEAST_SPREAD * abs(middle), np.finfo(float).tiny)
    return np.asarray(NORMAL_MAD * (x - middle) / spread, np.float64)
