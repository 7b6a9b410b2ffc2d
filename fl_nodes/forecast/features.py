"""What a forecast may know: the 24 hours up to now, and of the next hour only what is known beforehand. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fl_nodes.forecast.references import clear_sky_index, persistence, smart_sun, smart_wind

Floats = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]

BACK_HOURS = 24
TOLD = (0, 1, 18, 19, 20, 21, 22, 23)
GHI_SCALE = 1000.0
DAYS = 365.25
LIT = 5.0
"""W/m2 of clear sky from which on an hour counts for judging sun: at night every forecast is right."""

SUN, WIND = "sun", "wind"


@dataclass(frozen=True)
class Hours:
    """One place's hours, one after the other: irradiance and clear-sky irradiance in W/m2, the wind turbine's power as a share
    of its rated one, hours of the year (0 is 1 January, 0 h UTC), degrees Celsius."""

    ghi: Floats
    clear: Floats
    wind: Floats
    hour_of_year: npt.NDArray[np.int64]
    temp_air: Floats

    def __len__(self) -> int:
        return len(self.ghi)


@dataclass(frozen=True)
class Examples:
    """Row i forecasts hour `hours[i]` + 1. `windows` (rows, 24, features) are the hours up to `hours[i]`, oldest first;
    `next_known` (rows, known) is what is known of the next hour; `reference` and `last` its smart and plain persistence,
    `target` what came, all three in shares of `scale`; `lit` marks the rows that are judged."""

    hours: npt.NDArray[np.int64]
    windows: Floats
    next_known: Floats
    reference: Floats
    last: Floats
    target: Floats
    lit: Marks
    scale: float
    most: float

    @property
    def flat(self) -> Floats:
        """(rows, columns): the last six hours, the two a day before the next one, and what is known of that, for models
        without a sense of order; the hours between only add noise to these."""
        return np.hstack([self.windows[:, TOLD].reshape(len(self.windows), -1), self.next_known])

    def rows(self, chosen: Marks) -> Examples:
        """Some of the rows."""
        return Examples(
            *(part[chosen] for part in (self.hours, self.windows, self.next_known, self.reference)),
            *(part[chosen] for part in (self.last, self.target, self.lit)),
            scale=self.scale,
            most=self.most,
        )


def examples(of: Hours, what: str, training: Marks) -> Examples:
    """All rows of a series for `what` (`SUN` or `WIND`), the last of which has no target yet (NaN).

    `training` marks hours that references may be fitted on.
    """
    sun = what == SUN
    series, scale = (of.ghi, GHI_SCALE) if sun else (of.wind, 1.0)
    smart = smart_sun(of.ghi, of.clear) if sun else smart_wind(of.wind, training)
    at = np.arange(BACK_HOURS - 1, len(of))
    columns = _columns(of)
    windows = np.lib.stride_tricks.sliding_window_view(columns, BACK_HOURS, axis=0).transpose(0, 2, 1)
    following = np.append(of.clear[1:], of.clear[-24])
    target = np.append(series[1:], np.nan)
    known = np.column_stack([following / GHI_SCALE, smart / scale, _cycles(of.hour_of_year + 1)])
    lit = following > LIT if sun else np.ones(len(of), dtype=bool)
    return Examples(
        hours=at,
        windows=windows,
        next_known=known[at],
        reference=(smart / scale)[at],
        last=(persistence(series) / scale)[at],
        target=(target / scale)[at],
        lit=lit[at],
        scale=scale,
        most=1.5 if sun else 1.0,
    )


def _columns(of: Hours) -> Floats:
    return np.column_stack(
        [
            of.ghi / GHI_SCALE,
            of.clear / GHI_SCALE,
            clear_sky_index(of.ghi, of.clear),
            of.wind,
            of.temp_air / 30.0,
            _cycles(of.hour_of_year),
        ]
    )


def _cycles(hour_of_year: npt.NDArray[np.int64]) -> Floats:
    day, year = 2 * np.pi * hour_of_year / 24, 2 * np.pi * hour_of_year / (24 * DAYS)
    return np.column_stack([np.sin(day), np.cos(day), np.sin(year), np.cos(year)])
