"""A zone's hourly past as `energy.learned_ahead` learns from it: anew for each month, from nothing of that month or later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import numpy as np

from backend.domain.intensity import SECONDS_PER_HOUR, hour_of
from backend.energy.learned_ahead import HISTORY_HOURS, LEAST_HOURS, LearnedAhead, learned

LONGEST_PAST_HOURS = 2 * 8766
MOST_MISSING = 0.05
"""Of the hours that it learns from or looks back on; gaps are bridged straight."""

Array = np.ndarray[tuple[int], np.dtype[np.float64]]


class LearnedSeries:
    """One zone. Fitting takes a second or two, once for each month asked about."""

    def __init__(self) -> None:
        self._fitted: dict[int, LearnedAhead | None] = {}
        self._lock = threading.Lock()

    def expected(
        self, rows: Mapping[int, int], known: Callable[[int], float | None], start: int, hours: int
    ) -> list[float] | None:
        """Figures for `start` and the following hours, `hours` or as many as it speaks of; None for too little past.

        `rows` is all that is published, of which only hours before `start`'s month are learned from; `known` gives hours before
        `start`, stand-ins too.
        """
        past = _whole([known(hour) for hour in range(start - HISTORY_HOURS, start)])
        model = self._model(rows, start) if past is not None else None
        if model is None or past is None:
            return None
        return [float(figure) for figure in model.expected(past, start)[:hours]]

    def _model(self, rows: Mapping[int, int], start: int) -> LearnedAhead | None:
        moment = datetime.fromtimestamp(start * SECONDS_PER_HOUR, UTC)
        month = hour_of(datetime(moment.year, moment.month, 1, tzinfo=UTC).timestamp())
        with self._lock:
            before = [hour for hour in rows if hour < month]
            if not before:
                return None
            end = max(before) + 1
            if end not in self._fitted:
                first = max(min(before), end - LONGEST_PAST_HOURS)
                values = _whole([rows.get(hour) for hour in range(first, end)])
                enough = values is not None and len(values) >= LEAST_HOURS
                self._fitted[end] = learned(values, first) if enough and values is not None else None
            return self._fitted[end]


def _whole(figures: list[int | float | None] | list[float | None] | list[int | None]) -> Array | None:
    """Without gaps; None where too many are missing."""
    there = np.array([place for place, figure in enumerate(figures) if figure is not None])
    if len(there) < (1 - MOST_MISSING) * len(figures):
        return None
    values = [float(figure) for figure in figures if figure is not None]
    return np.interp(np.arange(len(figures)), there, values)
