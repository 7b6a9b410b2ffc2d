"""The forecasts that the shifting study compares: each an array (hours, 48) whose row holds what was expected at that hour's start
from the hours before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.energy.learned_ahead import HISTORY_HOURS, HORIZON_HOURS, LearnedAhead, learned

Array = npt.NDArray[np.float64]
DAY, WEEK = 24, 168
MONTH_HOURS = 730
MOVED_DECAY = 0.9
"""As in `backend.energy.intensity_ahead`, which runs where there is too little past to learn from."""
BLOCK_HOURS, FOLDS = 12 * DAY, 4
BOOSTED_ROWS = 50_000


@dataclass(frozen=True)
class Past:
    """Intensity by hour from `first` (Unix seconds // 3600) on; nothing is fitted on what comes at index `until` or later, but by
    forecasts that say so.
    """

    values: Array
    first: int
    until: int


def perfect(past: Past) -> Array:
    """What really came."""
    at = np.arange(len(past.values))[:, None] + np.arange(HORIZON_HOURS)
    return np.where(at < len(past.values), past.values[np.minimum(at, len(past.values) - 1)], np.nan)


def yesterday(past: Past) -> Array:
    """Yesterday repeats, and repeats again."""
    found: Array = past.values[_earlier(past.values, DAY)]
    return found


def yesterday_moved(past: Past) -> Array:
    """Yesterday, moved by how the last hour differed from the same hour the day before; the difference dies away."""
    t = np.arange(len(past.values))
    difference = past.values[t - 1] - past.values[t - 1 - DAY]
    fades = MOVED_DECAY ** np.arange(1, HORIZON_HOURS + 1)
    return np.maximum(1.0, yesterday(past) + difference[:, None] * fades)


def usual_day(past: Past) -> Array:
    """The mean day of the year that was fitted on: a fixed best hour."""
    hours = np.arange(past.until)
    day = np.array([past.values[: past.until][hours % DAY == h].mean() for h in range(DAY)])
    found: Array = day[(np.arange(len(past.values))[:, None] + np.arange(HORIZON_HOURS)) % DAY]
    return found


def ridge(past: Past) -> Array:
    """`backend.energy.learned_ahead`, fitted once, before `past.until`."""
    return _told(learned(past.values[: past.until], past.first), past.values, past.first)


def ridge_monthly(past: Past) -> Array:
    """The same, fitted again each month on all that has passed by then."""
    found = ridge(past)
    for start in range(past.until + MONTH_HOURS, len(past.values), MONTH_HOURS):
        month = past.values[start - HISTORY_HOURS : start + MONTH_HOURS]
        fitted = learned(past.values[:start], past.first)
        end = min(start + MONTH_HOURS, len(past.values))
        found[start:end] = _told(fitted, month, past.first + start - HISTORY_HOURS)[HISTORY_HOURS:]
    return found


def ridge_left_out(values: Array, first: int) -> Array:
    """For tuning inside the year fitted on: each block of days from a fit that knew nothing of it."""
    found = np.full((len(values), HORIZON_HOURS), np.nan)
    fold = np.arange(len(values)) // BLOCK_HOURS % FOLDS
    for out in range(FOLDS):
        found[fold == out] = _told(learned(values, first, fold == out), values, first)[fold == out]
    return found


def boosting(past: Past) -> Array:
    """Gradient-boosted trees (scikit-learn's histogram kind), how far ahead being one of the inputs; fitted once."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    logs = np.log(np.maximum(past.values, 1.0))
    level = np.concatenate([np.full(DAY, np.nan), np.convolve(logs, np.ones(DAY) / DAY, "valid")[:-1]])
    begins, ends = 8 * DAY, past.until - HORIZON_HOURS
    random = np.random.default_rng(0)
    t = random.integers(begins, ends, BOOSTED_ROWS)
    ahead = random.integers(0, DAY, BOOSTED_ROWS)
    model = HistGradientBoostingRegressor(
        max_iter=150, max_leaf_nodes=15, learning_rate=0.08, l2_regularization=1.0, random_state=0
    )
    model.fit(_boosting_inputs(logs, level, t, ahead), logs[t + ahead] - level[t])
    found = np.full((len(past.values), HORIZON_HOURS), np.nan)
    hours = np.arange(begins, len(past.values))
    for later in range(DAY):
        expected = model.predict(_boosting_inputs(logs, level, hours, np.full(len(hours), later)))
        found[hours, later] = np.exp(expected + level[hours])
    found[:, DAY:] = found[:, : HORIZON_HOURS - DAY]
    return found


FORECASTS: dict[str, Callable[[Past], Array]] = {
    "usual day of 2022": usual_day,
    "yesterday repeats": yesterday,
    "yesterday, moved by today": yesterday_moved,
    "boosted trees": boosting,
    "ridge": ridge,
    "ridge, fitted monthly": ridge_monthly,
}


def _told(fitted: LearnedAhead, values: Array, first: int) -> Array:
    nothing = np.full((HISTORY_HOURS, HORIZON_HOURS), np.nan)
    return np.concatenate([nothing, fitted.expected_at_each(values, first)[:-1]])


def _earlier(values: Array, period: int) -> npt.NDArray[Any]:
    """For each hour and each hour ahead: the index of the last hour before it a whole number of periods earlier."""
    t, ahead = np.arange(len(values))[:, None], np.arange(HORIZON_HOURS)
    return t + ahead - period * (ahead // period + 1)


def _boosting_inputs(logs: Array, level: Array, t: npt.NDArray[Any], ahead: npt.NDArray[Any]) -> Array:
    at = t + ahead
    like = [logs[at - DAY * days] for days in range(1, 8)]
    season = 2 * np.pi * at / 8766
    past = [logs[t - back] - level[t] for back in (1, 2, 3)]
    same = [like[0] - level[t], like[1] - level[t], like[6] - level[t], np.mean(like, axis=0) - level[t]]
    trend = [logs[t - 1] - logs[t - 1 - DAY], level[t - DAY] - level[t], level[t]]
    calendar = [ahead, at % DAY, at // DAY % 7, np.sin(season), np.cos(season)]
    return np.stack([*past, *same, *trend, *calendar], axis=1)
