"""A site's weather as the hours that forecasts learn from and look back on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fl_nodes.forecast.features import Hours
from fl_nodes.forecast.site import Site
from fl_nodes.forecast.solar import clear_sky
from fl_nodes.forecast.weather import USUAL_TEMPERATURE, Weather
from fl_nodes.forecast.wind import capacity_factor

USUAL_HUB_METRES = 30.0


def hours_of(site: Site, weather: Weather) -> Hours:
    """All hours of a file, in their order."""
    return _hours(site, weather, np.arange(len(weather)), weather.starts)


def hours_until(site: Site, weather: Weather, row: int) -> Hours:
    """A year of hours of which `row` is the last but one, and then the next: of that only its clear sky is meant, for whatever the
    file says of it is still to come. A typical year is a ring; a station's file begins where it begins.
    """
    if weather.typical:
        rows = np.roll(np.arange(len(weather)), len(weather) - 2 - row)
        return _hidden(_hours(site, weather, rows, weather.starts[rows]))
    rows = np.arange(max(0, row + 1 - 8760), row + 1)
    starts = weather.starts[rows].append(pd.DatetimeIndex([weather.starts[row] + pd.Timedelta(hours=1)]))
    return _hidden(_hours(site, weather, np.append(rows, row), starts))


def _hours(site: Site, weather: Weather, rows: np.ndarray, starts: pd.DatetimeIndex) -> Hours:
    hub = site.wind.hub_height if site.wind else USUAL_HUB_METRES
    ordinal = (starts.day_of_year.to_numpy() - 1) * 24 + starts.hour.to_numpy()
    return Hours(
        ghi=weather.ghi[rows],
        clear=clear_sky(site, starts)["ghi"],
        wind=capacity_factor(weather.wind_speed[rows], hub),
        hour_of_year=ordinal.astype(np.int64),
        temp_air=np.nan_to_num(weather.temp_air[rows], nan=USUAL_TEMPERATURE),
    )


def _hidden(of: Hours) -> Hours:
    """The hours without what the last one was."""
    ghi, wind, temp = of.ghi.copy(), of.wind.copy(), of.temp_air.copy()
    ghi[-1], wind[-1], temp[-1] = ghi[-2], wind[-2], temp[-2]
    return Hours(ghi, of.clear, wind, of.hour_of_year, temp)
