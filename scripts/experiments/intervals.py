"""95 % intervals by Student's t: of a mean, and of one more run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and the bounds around it."""

    mean: float
    low: float
    high: float

    def columns(self, name: str, scale: float = 1.0) -> dict[str, float]:
        """As three columns of a table."""
        return {name: self.mean * scale, f"{name}_low": self.low * scale, f"{name}_high": self.high * scale}


def of_mean(values: Sequence[float]) -> Interval:
    """Where the mean of many more such values lies. A single value has no interval: NaN bounds."""
    return _around(values, 1 / len(values))


def of_one_run(values: Sequence[float]) -> Interval:
    """Where one more such value lies (prediction interval)."""
    return _around(values, 1 + 1 / len(values))


def saved(less: Sequence[float], more: Sequence[float]) -> Interval:
    """Which share of `more` is saved by `less`, paired: the ratio of the totals, with an interval by linearisation (Cochran 1977,
    "Sampling techniques", 6.3).
    """
    x, y = np.asarray(more, dtype=float), np.asarray(less, dtype=float)
    ratio = y.sum() / x.sum()
    spread = of_mean(((y - ratio * x) / x.mean()).tolist())
    half = (spread.high - spread.low) / 2
    return Interval(1 - ratio, 1 - ratio - half, 1 - ratio + half)


def _around(values: Sequence[float], share: float) -> Interval:
    found = np.asarray(values, dtype=float)
    mean, count = float(found.mean()), len(found)
    if count < 2:
        return Interval(mean, float("nan"), float("nan"))
    t = float(stats.t.ppf((1 + CONFIDENCE) / 2, count - 1))
    half = t * float(found.std(ddof=1)) * share**0.5
    return Interval(mean, mean - half, mean + half)
