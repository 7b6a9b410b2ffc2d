"""What a grid will emit in the coming hours, from the hours before: yesterday repeats, moved by how today differs so far."""

from __future__ import annotations

from collections.abc import Callable

DAY = 24
DECAY = 0.9
"""How much of today's difference is left after each hour: the best of 0.8 to 0.98 on Spain's and California's 2023, where it
lowers the mean error of 24 hours by a tenth, and of the first hour by two thirds, against yesterday alone."""

LOOK_BACK_HOURS = 7 * DAY


def expected(known: Callable[[int], float | None], hour: int, hours: int) -> list[float] | None:
    """Figures for `hour` and the following ones, `hours` in all; None where nothing is known of the week before.

    `known` gives what was published of an hour, and is asked only about hours before `hour`: a forecast made at the start of
    `hour` from nothing later. Where a day has a gap, the same hour of an earlier day stands in.
    """
    newest = next((h for h in range(hour - 1, hour - 1 - DAY, -1) if known(h) is not None), None)
    if newest is None:
        return None
    difference = _less(known(newest), _same_hour(known, newest, hour, start=1))
    figures = []
    for at in range(hour, hour + hours):
        usual = _same_hour(known, at, hour)
        if usual is None:
            usual = known(newest)
        figures.append(max(0.0, (usual or 0.0) + DECAY ** (at - newest) * difference))
    return figures


def _same_hour(known: Callable[[int], float | None], at: int, hour: int, start: int = 0) -> float | None:
    """The newest figure of `at`'s hour of the day that was known at the start of `hour`, from `start` days before on."""
    first = at - DAY * max(start, -(-(at - hour + 1) // DAY))
    earlier = range(first, first - LOOK_BACK_HOURS, -DAY)
    return next((figure for h in earlier if (figure := known(h)) is not None), None)


def _less(one: float | None, other: float | None) -> float:
    return 0.0 if one is None or other is None else one - other
