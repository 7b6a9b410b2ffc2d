"""What a grid will emit in the coming two days, learned from its own past: a ridge regression for each hour ahead.

From the logarithm of the intensity (errors are shares, and no forecast is negative), less its mean over the last day:
the last 72 hours, the mean day of the last week, the same two days of last week, the level, and the calendar (hour,
weekday, season), all in UTC. A second ridge on the residuals, one for each hour of the day, lets the past weigh differently at
dawn than at noon. `docs/experiments/shifting.md` holds it against "yesterday repeats", persistence and gradient boosting.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

HORIZON_HOURS = 48
HISTORY_HOURS = 7 * 24
"""What a forecast looks back on."""
LEAST_HOURS = 90 * 24
"""Of less than a season there is too little to learn from."""
DAY, LAGS = 24, 72
SHRINK, SHRINK_BY_HOUR = 100.0, 300.0
"""Chosen on 2022 of Spain and California, blocks of twelve days left out in turn."""
HOURS_PER_YEAR = 8766
LEAST = 1.0

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LearnedAhead:
    """A fitted forecast: how inputs are scaled, and for each hour of the day the weights (DAY, inputs, HORIZON_HOURS)."""

    mean: Array
    spread: Array
    weights: Array

    def expected(self, history: npt.ArrayLike, hour: int) -> Array:
        """Figures for `hour` (Unix seconds // 3600) and the following ones, `HORIZON_HOURS` in all, in the unit of `history`:
        the `HISTORY_HOURS` hours before `hour`, oldest first.
        """
        past = np.asarray(history, np.float64)
        if past.shape != (HISTORY_HOURS,):
            raise ValueError(f"A forecast looks back on {HISTORY_HOURS} hours, not {past.shape}.")
        found: Array = self._from(_windows(past), np.array([hour]))[0]
        return found

    def expected_at_each(self, values: npt.ArrayLike, first_hour: int) -> Array:
        """`expected` for each hour of a gapless series but its first `HISTORY_HOURS`, and the hour after its last: an array
        (hours + 1 - HISTORY_HOURS, HORIZON_HOURS), each row from what came before it.
        """
        windows = _windows(np.asarray(values, np.float64))
        return self._from(windows, first_hour + HISTORY_HOURS + np.arange(len(windows)))

    def _from(self, windows: Array, hours: npt.NDArray[Any]) -> Array:
        inputs, level = _inputs(windows, hours, self.mean, self.spread)
        expected = np.empty((len(hours), HORIZON_HOURS))
        for hour in np.unique(hours % DAY):
            like = hours % DAY == hour
            expected[like] = inputs[like] @ self.weights[hour]
        return np.asarray(np.exp(expected + level), np.float64)


def learned(values: npt.ArrayLike, first_hour: int, left_out: npt.ArrayLike | None = None) -> LearnedAhead:
    """Learn from a gapless hourly series from `first_hour` on, `LEAST_HOURS` at least. `left_out` marks (true) the hours of the
    series that nothing may be learned of, neither as what a forecast looks back on nor as what it is about.
    """
    series = np.asarray(values, np.float64)
    if len(series) < LEAST_HOURS:
        raise ValueError(f"{len(series)} hours are too few to learn from; {LEAST_HOURS} are needed.")
    count = len(series) - HISTORY_HOURS - HORIZON_HOURS + 1
    windows, hours = _windows(series)[:count], first_hour + HISTORY_HOURS + np.arange(count)
    after = np.lib.stride_tricks.sliding_window_view(series, HORIZON_HOURS)[HISTORY_HOURS:]
    if left_out is not None:
        span = HISTORY_HOURS + HORIZON_HOURS
        told = ~np.lib.stride_tricks.sliding_window_view(np.asarray(left_out, bool), span).any(axis=1)
        windows, hours, after = windows[told], hours[told], after[told]
    raw, level = _raw(windows)
    mean, spread = raw.mean(axis=0), raw.std(axis=0) + 1e-9
    inputs, _ = _inputs(windows, hours, mean, spread)
    wanted = np.log(np.maximum(after, LEAST)) - level
    weights = _ridge(inputs, wanted, SHRINK)
    rest = wanted - inputs @ weights
    for_hour = [_ridge(inputs[hours % DAY == h], rest[hours % DAY == h], SHRINK_BY_HOUR) for h in range(DAY)]
    return LearnedAhead(mean, spread, weights + np.stack(for_hour))


def _windows(values: Array) -> Array:
    """Every stretch of `HISTORY_HOURS`, in logarithms."""
    return np.lib.stride_tricks.sliding_window_view(np.log(np.maximum(values, LEAST)), HISTORY_HOURS)


def _raw(windows: Array) -> tuple[Array, Array]:
    """What is known of the past (stretches, inputs), and the level of the last day (stretches, 1)."""
    level = windows[:, -DAY:].mean(axis=1, keepdims=True)
    mean_day = windows.reshape(len(windows), -1, DAY).mean(axis=1)
    last_week = windows[:, : 2 * DAY]
    return np.concatenate(
        [windows[:, -LAGS:] - level, mean_day - level, last_week - level, level], axis=1
    ), level


def _inputs(windows: Array, hours: npt.NDArray[Any], mean: Array, spread: Array) -> tuple[Array, Array]:
    """Scaled past and calendar (stretches, inputs); level."""
    raw, level = _raw(windows)
    season = 2 * np.pi * hours / HOURS_PER_YEAR
    calendar = [
        3 * np.eye(DAY)[hours % DAY],
        2 * np.eye(7)[hours // DAY % 7],
        np.stack([f(k * season) for k in (1, 2) for f in (np.sin, np.cos)], axis=1),
        np.ones((len(hours), 1)),
    ]
    return np.concatenate([(raw - mean) / spread, *calendar], axis=1), level


def _ridge(inputs: Array, wanted: Array, shrink: float) -> Array:
    """Hoerl and Kennard 1970: (X'X + shrink I)^-1 X'Y."""
    gram = inputs.T @ inputs + shrink * np.eye(inputs.shape[1])
    return np.asarray(np.linalg.solve(gram, inputs.T @ wanted), np.float64)
