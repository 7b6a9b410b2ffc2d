"""When a job starts: at the hour inside its deadline that is expected to be cleanest, decided anew every hour while it waits.

The emissions of a job of constant power are its energy times the mean intensity over the hours it runs. That mean, as a function
of the start, is piecewise linear, so its least value lies at now, at the latest start, or where the start or the end of the job
falls on the turn of an hour: those moments are compared, and no others (Wiesner et al. 2021, "Let's Wait Awhile",
arXiv:2110.13234, compare turns of half hours).

A forecast is wrong, and so is an expected run time. Against the first, the decision is made again every hour with what is known
then: a job starts once nothing better is expected to be left. Against the second, a share of the run time is kept in
reserve before the deadline. `docs/experiments/shifting.md` has what this saves and how often it misses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

HOUR_SECONDS = 3600
PPM = 1_000_000

NO_SLACK = "no_slack"
NOT_KNOWN = "not_known"
NOTHING_BETTER = "nothing_better"
CLEANER_LATER = "cleaner_later"
SENTENCES = {
    NO_SLACK: "The deadline leaves no time to wait.",
    NOT_KNOWN: "What the grid will emit is not known until the job would end.",
    NOTHING_BETTER: "No later start before the deadline is expected to be cleaner.",
    CLEANER_LATER: "A later start before the deadline is expected to be cleaner.",
}


@dataclass(frozen=True)
class Start:
    """`at` (Unix s) is when to start, `latest` the last start that keeps the reserve; `mg_per_kwh` the mean intensity expected
    over the job then, `mg_per_kwh_now` if it started now (both 0 where not known); `reason` is a key of `SENTENCES`;
    `again_at` is when to decide again: `at` itself, or the next turn of the hour before it.
    """

    at: float
    latest: float
    mg_per_kwh: float
    mg_per_kwh_now: float
    reason: str
    again_at: float

    @property
    def sentence(self) -> str:
        """The reason as a person reads it."""
        return SENTENCES[self.reason]

    @property
    def saving_ppm(self) -> int:
        """Which share of the emissions waiting is expected to save, in millionths."""
        return round(PPM * (1 - self.mg_per_kwh / self.mg_per_kwh_now)) if self.mg_per_kwh_now > 0 else 0


def best_start(
    expected: Sequence[float],
    *,
    now: float,
    seconds: float,
    deadline: float,
    reserve_ppm: int = 500_000,
    least_gain_ppm: int = 0,
) -> Start:
    """When a job that is expected to run `seconds` should start, so as to end before `deadline` (Unix s).

    `expected[k]` is the intensity (mgCO2e per kWh) expected in the k-th hour after that of `now`. `reserve_ppm` is how much longer
    than expected a job may run and still be in time, in millionths of `seconds`. Waiting must be expected to save more than
    `least_gain_ppm` of the emissions. `at` is `now` or later, and never later than `latest` unless that has passed.
    """
    if not seconds > 0 or reserve_ppm < 0 or least_gain_ppm < 0:
        raise ValueError(
            f"A job of {seconds} s, reserve {reserve_ppm} and least gain {least_gain_ppm} ppm cannot be."
        )
    latest = deadline - seconds * (PPM + reserve_ppm) / PPM
    hour_start = now // HOUR_SECONDS * HOUR_SECONDS
    known_until = hour_start + len(expected) * HOUR_SECONDS
    if now + seconds > known_until:
        return Start(now, latest, 0, 0, NO_SLACK if latest <= now else NOT_KNOWN, now)
    sums = [0.0]
    for value in expected:
        sums.append(sums[-1] + value)

    def mean(start: float) -> float:
        return (_area(sums, start + seconds - hour_start) - _area(sums, start - hour_start)) / seconds

    at_once = mean(now)
    last = min(latest, known_until - seconds)
    if last <= now:
        return Start(now, latest, at_once, at_once, NO_SLACK if latest <= now else NOTHING_BETTER, now)
    best, at = at_once * (PPM - least_gain_ppm) / PPM, now
    for start in _turns(now, last, seconds):
        value = mean(start)
        if value < best * (1 - 1e-9):  # an equal hour is no reason to wait, and sums are rounded
            best, at = value, start
    if at == now:
        return Start(now, latest, at_once, at_once, NOTHING_BETTER, now)
    return Start(at, latest, best, at_once, CLEANER_LATER, min(at, hour_start + HOUR_SECONDS))


def reserve_for(ratios: Sequence[float], misses_ppm: int) -> int:
    """The least reserve (ppm of the expected run time) that at most `misses_ppm` of jobs overran, given how much longer than
    expected earlier jobs ran (`ratios` = run time / expected). Without any: as much as the run time itself. Where there are too
    few to speak of so rare a case, the longest counts (the conformal quantile, Vovk et al. 2005).
    """
    if not ratios:
        return PPM
    ordered = sorted(ratios)
    rank = math.ceil((len(ordered) + 1) * (PPM - misses_ppm) / PPM)
    return max(0, math.ceil(PPM * (ordered[min(rank, len(ordered)) - 1] - 1)))


def _area(sums: Sequence[float], seconds: float) -> float:
    """Intensity times seconds from the first hour's start on."""
    hour = min(int(seconds // HOUR_SECONDS), len(sums) - 2)
    rest = seconds - hour * HOUR_SECONDS
    return sums[hour] * HOUR_SECONDS + (sums[hour + 1] - sums[hour]) * rest


def _turns(now: float, last: float, seconds: float) -> list[float]:
    """Starts after `now` and not after `last` where the job starts or ends at the turn of an hour, and `last`; in order."""
    found = {last}
    for offset in (0.0, -seconds % HOUR_SECONDS):
        start = (now - offset) // HOUR_SECONDS * HOUR_SECONDS + HOUR_SECONDS + offset
        while start < last:
            found.add(start)
            start += HOUR_SECONDS
    return sorted(start for start in found if start > now)
