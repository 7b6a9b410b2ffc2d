"""Jobs that arrive every hour of a year and may wait: when a policy starts them, what they emit, and whether they end in time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.energy.learned_ahead import HORIZON_HOURS

Array = npt.NDArray[np.float64]
PPM = 1_000_000
BLOCK_DAYS = 7
RESAMPLES = 1000


@dataclass(frozen=True)
class Job:
    """Expected hours of run time, and hours from arrival to deadline."""

    hours: int
    deadline: int


@dataclass(frozen=True)
class RunTimes:
    """How run times differ from what was expected: a log-normal factor of `sigma`, and for a share `struck` of jobs (a node
    lost, rounds run again) between 20 % and `longest` more on top.
    """

    sigma: float = 0.1
    struck: float = 0.01
    longest: float = 1.6

    def ratios(self, random: np.random.Generator, count: int) -> Array:
        """Run time / expected."""
        factor = np.exp(random.normal(0, self.sigma, count))
        more = random.uniform(1.2, self.longest, count)
        return np.where(random.random(count) < self.struck, factor * more, factor)


def starts(
    forecast: Array, arrivals: npt.NDArray[Any], job: Job, reserve_ppm: int, again: bool = True
) -> Array:
    """Hours (with fractions) at which jobs start: `backend.energy.shifting.best_start`, for many jobs at a time, asked again
    every hour (or only on arrival). Row t of `forecast` is what was expected at the start of hour t.
    """
    latest = max(0.0, job.deadline - job.hours * (PPM + reserve_ppm) / PPM)
    sums = np.concatenate([np.zeros((len(forecast), 1)), np.cumsum(forecast, axis=1)], axis=1)
    found = np.full(len(arrivals), np.nan)
    for waited in range(int(latest) + 1):
        open_ = np.flatnonzero(np.isnan(found))
        now = arrivals[open_] + waited
        offset = _best_offset(sums[now], job.hours, latest - waited)
        settled = offset < 1 if again else np.ones(len(open_), bool)
        found[open_[settled]] = (now + offset)[settled]
    return found


def _best_offset(sums: Array, hours: int, left: float) -> Array:
    """Hours from now to the cleanest start, among the turns of hours and the last moment `left`; the earliest of equals."""
    left = min(left, HORIZON_HOURS - hours)
    offsets = np.unique([*range(int(left) + 1), left])
    whole, rest = offsets.astype(int), offsets % 1

    def area(at: npt.NDArray[Any]) -> Array:
        here = sums[:, at]
        after = sums[:, np.minimum(at + 1, sums.shape[1] - 1)]
        found: Array = here + (after - here) * rest
        return found

    totals = area(whole + hours) - area(whole)
    best = totals.min(axis=1, keepdims=True)
    found: Array = offsets[np.argmax(totals <= best * (1 + 1e-9), axis=1)]
    return found


def emitted(values: Array, start: Array, ran: Array) -> Array:
    """Intensity x hours from `start` on, at constant power."""
    sums = np.concatenate([[0.0], np.cumsum(values)])

    def until(moment: Array) -> Array:
        hour = moment.astype(int)
        found: Array = sums[hour] + (moment - hour) * values[hour]
        return found

    return until(start + ran) - until(start)


def least_emitted(values: Array, arrivals: npt.NDArray[Any], ran: Array, deadline: int) -> Array:
    """What an oracle emits that knows the intensity and the run time, and ends before the deadline (or starts at once)."""
    least = emitted(values, arrivals.astype(float), ran)
    for waited in range(deadline):
        for offset in (np.full(len(ran), float(waited)), waited + 1 - ran % 1):
            later = emitted(values, arrivals + offset, ran)
            least = np.where(offset + ran <= deadline, np.minimum(least, later), least)
    return least


@dataclass(frozen=True)
class Saved:
    """What a policy did to jobs: the share of emissions saved against starting at once, and of what the oracle saves, each with
    a 95 % interval (blocks of seven days drawn again); the share of jobs that missed their deadline, the oracle's saving, and
    the mean hours waited.
    """

    saving: float
    saving_interval: tuple[float, float]
    of_oracle: float
    of_oracle_interval: tuple[float, float]
    missed: float
    oracle: float
    waited: float


class Judge:
    """Holds starts of the same jobs against starting at once and against the oracle, over `draws` draws of run times that no
    start depended on.
    """

    def __init__(
        self,
        values: Array,
        arrivals: npt.NDArray[Any],
        job: Job,
        run_times: RunTimes,
        seed: int,
        draws: int,
    ) -> None:
        random = np.random.default_rng(seed)
        self._values, self._arrivals, self._job = values, arrivals, job
        self._ran = [job.hours * run_times.ratios(random, len(arrivals)) for _ in range(draws)]
        self._block = (arrivals - arrivals[0]) // (24 * BLOCK_DAYS)
        weeks = int(self._block[-1]) + 1
        self._drawn = np.random.default_rng(seed).integers(0, weeks, (RESAMPLES, weeks))

    @cached_property
    def _references(self) -> tuple[Array, Array]:
        """By job, summed over the draws: emitted when started at once, and by the oracle."""
        values, arrivals = self._values, self._arrivals
        at_once = [emitted(values, arrivals.astype(float), ran) for ran in self._ran]
        least = [least_emitted(values, arrivals, ran, self._job.deadline) for ran in self._ran]
        return np.sum(at_once, axis=0), np.sum(least, axis=0)

    def missed(self, start: Array) -> float:
        """The share of jobs that end after their deadline."""
        ends = start - self._arrivals
        return float(np.mean([np.mean(ends + ran > self._job.deadline) for ran in self._ran]))

    def of(self, start: Array) -> Saved:
        """Judge starts."""
        at_once, least = self._references
        got: Array = np.sum([emitted(self._values, start, ran) for ran in self._ran], axis=0)
        parts = (at_once, got, least)
        sums = np.stack([np.bincount(self._block, weights=part) for part in parts])
        saving, of_oracle = _shares(sums.sum(axis=1))
        savings, of_oracles = _shares(sums[:, self._drawn].sum(axis=2))
        return Saved(
            float(saving),
            _middle(savings),
            float(of_oracle),
            _middle(of_oracles),
            self.missed(start),
            float(1 - least.sum() / at_once.sum()),
            float(np.mean(start - self._arrivals)),
        )


def _shares(sums: Array) -> tuple[Any, Any]:
    at_once, got, least = sums
    return 1 - got / at_once, (at_once - got) / (at_once - least)


def _middle(values: Any) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
