"""The nodes of the federated study: in zones with hourly intensity, unlike in hardware, not always there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.adapters.intensity.yearly_factors import YearlyFactors
from backend.energy.federated_selection import paced
from backend.energy.learned_ahead import HORIZON_HOURS
from scripts.experiments.grid_hours import GridHours
from scripts.experiments.shifting_forecasts import Past, ridge_left_out, ridge_monthly

Array = npt.NDArray[np.float64]
MICROGRAMS_PER_GRAM, MILLIGRAMS_PER_GRAM = 1e6, 1000
JOULES_PER_KWH = 3.6e6
USUAL_SECONDS, USUAL_WATTS = 120.0, 150.0
"""A node's training time for a round and its power meanwhile, in the median."""
SPREAD_SECONDS, SPREAD_WATTS = 0.4, 0.4
"""Sigma of their log-normal distributions: one node in six takes half as much energy as the median, one in six nearly twice."""
IDLE_SHARE = 0.3
"""Power of a node that has finished and waits for the round's slowest, as a share of its power in training."""
LONGEST_WINDOW, SHORTEST_WINDOW = 24, 12
"""Hours of each day in which a node is to be had."""
OPERATOR_JOULES = 10_000.0
"""Aggregation and evaluation of a round, on the grid of the first zone, whoever trains."""


@dataclass(frozen=True)
class Zone:
    """A zone whose intensity is that of `like`, `hours_later` on the clock, with the mean of `country`'s published year; or
    that of `like` itself.
    """

    like: str
    country: str = ""
    hours_later: int = 0

    @property
    def name(self) -> str:
        """The zone or the country."""
        return self.country or self.like


REAL = (Zone("ES"), Zone("US-CAL-CISO"))
EIGHT = (
    *REAL,
    Zone("ES", "FR", -1),
    Zone("ES", "DE", -1),
    Zone("ES", "GB"),
    Zone("ES", "BR", 4),
    Zone("US-CAL-CISO", "IN", -13),
    Zone("US-CAL-CISO", "JP", -17),
)
"""The sun stands as high in zone A `hours_later` than where its series comes from; UTC differences, in winter."""


class Grids:
    """Intensity (gCO2e per kWh) of zones by hour, and what was expected of it, in a judged year and in the year before."""

    def __init__(self, hours: dict[str, GridHours], judged: int) -> None:
        self.until = next(iter(hours.values())).starts[judged]
        self.length = min(len(of.g_per_kwh) for of in hours.values())
        self._really = {zone: of.g_per_kwh for zone, of in hours.items()}
        self._expected = {zone: self._forecast(of) for zone, of in hours.items()}
        self._factors = YearlyFactors()

    def really(self, zones: Sequence[Zone], start: int, hours: int) -> Array:
        """(zones, hours) from hour `start` of the series on."""
        return np.stack([self._scale(z) * self._really[z.like][self._part(z, start, hours)] for z in zones])

    def expected(self, zones: Sequence[Zone], start: int, hours: int) -> Array:
        """(zones, hours, 48): what was expected at the start of each hour from what had been published by then."""
        return np.stack([self._scale(z) * self._expected[z.like][self._part(z, start, hours)] for z in zones])

    def foreseen(self, zones: Sequence[Zone], start: int, hours: int) -> Array:
        """The same for somebody who knows the future."""
        really = self.really(zones, start, hours + HORIZON_HOURS)
        windows = np.lib.stride_tricks.sliding_window_view(really, HORIZON_HOURS, axis=1)
        return np.asarray(windows[:, :hours], np.float64)

    def _forecast(self, of: GridHours) -> Array:
        found = ridge_monthly(Past(of.g_per_kwh, of.first, self.until))
        found[: self.until] = ridge_left_out(of.g_per_kwh[: self.until], of.first)
        return found

    def _part(self, zone: Zone, start: int, hours: int) -> slice:
        return slice(start - zone.hours_later, start - zone.hours_later + hours)

    def _scale(self, zone: Zone) -> float:
        figure = self._factors.at(zone.country, 0.0) if zone.country else None
        if figure is None:
            return 1.0
        return figure.mg_per_kwh / MILLIGRAMS_PER_GRAM / float(self._really[zone.like][: self.until].mean())


@dataclass(frozen=True)
class Nodes:
    """By node: index of its zone, seconds and watts of a round's training, first hour and length of its daily window (UTC)."""

    zone: npt.NDArray[Any]
    seconds: Array
    watts: Array
    window_from: npt.NDArray[Any]
    window_hours: npt.NDArray[Any]

    def available(self, hours: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """(hours, nodes): who is there."""
        found: npt.NDArray[np.bool_] = (hours[:, None] - self.window_from) % 24 < self.window_hours
        return found

    def expected_joules(self, together: bool) -> Array:
        """(lengths of a round, nodes): a round's energy if it takes no longer than a quarter, half, three quarters or all of the
        nodes would; or only the last.
        """
        lengths = np.quantile(self.seconds, [0.25, 0.5, 0.75, 1.0] if together else [1.0])
        return paced(self.watts, self.seconds, IDLE_SHARE, lengths.tolist())

    def joules(self, crew: npt.NDArray[Any]) -> Array:
        """What a round takes on each of its nodes: training, and waiting for the slowest of them."""
        seconds = self.seconds[crew]
        found: Array = self.watts[crew] * (seconds + IDLE_SHARE * (seconds.max() - seconds))
        return found


def draw_nodes(random: np.random.Generator, count: int, zones: int) -> Nodes:
    """Nodes spread evenly at random over the zones."""
    return Nodes(
        random.integers(0, zones, count),
        USUAL_SECONDS * np.exp(random.normal(0, SPREAD_SECONDS, count)),
        USUAL_WATTS * np.exp(random.normal(0, SPREAD_WATTS, count)),
        random.integers(0, 24, count),
        random.integers(SHORTEST_WINDOW, LONGEST_WINDOW + 1, count),
    )
