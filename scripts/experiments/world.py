"""Weather and grids of the honest track, as arrays by site and hour (UTC) of a year.

Weather is that of the typical meteorological years in pvlib's wheel: a typical year joins months of different years, so it is
weather that could have been, not that of any year. It stands beside grids measured in 2022 and 2023, which are elsewhere: a
stand-in for sites that have both. Sun is made by pvlib (PVWatts, tilt = latitude), wind by windpowerlib.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.energy.simulation.account import World
from scripts.experiments.grid_hours import grid_hours
from scripts.experiments.study import DataMissing

Floats = NDArray[np.float64]
HOURS = 8760
GREENSBORO, SAND_POINT, MIAMI = "723170TYA.CSV", "703165TY.csv", "12839.tm2"
TURBINE = "E48/800"
"""windpowerlib's power curve whose shape a site's turbine has; its size is the site's."""
HUB_M, ROUGHNESS_M, ANEMOMETER_M = 30.0, 0.05, 10.0
GAMMA_PER_K = -0.004


@dataclass(frozen=True)
class Site:
    """A place: its weather, its grid's zone, and the mean watts over the year that its sun and wind are built to yield."""

    name: str
    weather: str
    zone: str
    sun_w: float
    wind_w: float


SITES = (
    Site("solar", GREENSBORO, "US-CAL-CISO", 50, 0),
    Site("wind", SAND_POINT, "ES", 0, 45),
    Site("hybrid", MIAMI, "US-CAL-CISO", 40, 20),
    Site("grid", GREENSBORO, "ES", 0, 0),
)
"""Sun and wind are built so that a year's yield is what the node draws when it idles all year: `sun_w + wind_w` is its idle
power. (The source's are built for ten times its load.)
"""


def world(data: Path, year: int, sites: Sequence[Site] = SITES, sized: float = 1.0) -> World:
    """The sites' year. `sized` multiplies their sun and wind."""
    supply = np.array([_yield(site)[0] for site in sites]) * sized
    return World(supply, np.array([intensity(data, site.zone, year) for site in sites]))


def forecast(data: Path, year: int, seen: World, sites: Sequence[Site] = SITES, sized: float = 1.0) -> World:
    """What is known of each hour before it begins, from the hours before it and nothing else. Sun by smart persistence (the last
    hour's share of a clear sky's yield, in the morning yesterday's mean share), wind by persistence; grids by the last hour plus
    the change that yesterday saw at this time.
    """
    clear = np.array([_yield(site)[1] for site in sites]) * sized
    windy = np.array([_yield(site)[2] for site in sites]) * sized
    sunny = seen.site_w - windy
    ahead = np.empty_like(sunny)
    for place in range(len(sites)):
        ahead[place] = _smart(sunny[place], clear[place]) + np.roll(windy[place], 1)
    grid = seen.g_per_kwh
    before = np.array([_day_before(data, site.zone, year) for site in sites])
    past = np.concatenate([before, grid], axis=1)
    last, day_ago, hour_before_that = past[:, 23:-1], past[:, :-24], np.roll(past, 1, axis=1)[:, :-24]
    hour_before_that[:, 0] = day_ago[:, 0]
    return World(ahead, np.maximum(0.0, last + day_ago - hour_before_that))


def climatology(seen: World) -> World:
    """What is known of each hour without any forecast: each site's and grid's average."""
    return World(
        np.repeat(seen.site_w.mean(axis=1)[:, None], seen.site_w.shape[1], axis=1),
        np.repeat(seen.g_per_kwh.mean(axis=1)[:, None], seen.g_per_kwh.shape[1], axis=1),
    )


@cache
def intensity(data: Path, zone: str, year: int) -> Floats:
    """gCO2e per kWh by hour (life-cycle), of shape (8760,)."""
    return grid_hours(data, zone, [year]).g_per_kwh[:HOURS]


def _day_before(data: Path, zone: str, year: int) -> Floats:
    """The last 24 hours before a year; where there is no file of them, the year's first hour for all."""
    try:
        return intensity(data, zone, year - 1)[-24:]
    except DataMissing:
        return np.repeat(intensity(data, zone, year)[:1], 24)


def _smart(sunny: Floats, clear: Floats) -> Floats:
    """Smart persistence of the clear-sky share."""
    bright = clear > 0.02 * clear.max() if clear.max() > 0 else clear > 0
    share = np.divide(sunny, clear, out=np.zeros_like(sunny), where=bright).clip(0, 1.2)
    ahead, last, today = np.zeros_like(sunny), 0.6, [0.6]
    for hour in range(len(sunny)):
        ahead[hour] = last * clear[hour]
        if bright[hour]:
            last = float(share[hour])
            today.append(last)
        elif len(today) > 1:
            last, today = float(np.mean(today[1:])), [0.6]
    return ahead


@cache
def _yield(site: Site) -> tuple[Floats, Floats, Floats]:
    """Watts by hour of all that the site yields, of its sun under a clear sky, and of its wind; each of shape (8760,)."""
    with warnings.catch_warnings():
        # pvlib and windpowerlib use what pandas is about to drop.
        warnings.simplefilter("ignore", DeprecationWarning)
        weather, place = _weather(site.weather)
        sun, clear = _sun(weather, place) if site.sun_w else (np.zeros(HOURS), np.zeros(HOURS))
        wind = _wind(weather) if site.wind_w else np.zeros(HOURS)
    of_sun = site.sun_w / sun.mean() if site.sun_w else 0.0
    of_wind = site.wind_w / wind.mean() if site.wind_w else 0.0
    return sun * of_sun + wind * of_wind, clear * of_sun, wind * of_wind


@cache
def _weather(name: str) -> tuple[Any, Any]:
    """A typical year with its index turned to the hours of one year in UTC, each at its middle, and the place."""
    import pandas as pd
    import pvlib

    path = Path(pvlib.__file__).parent / "data" / name
    if name.endswith(".tm2"):
        raw, about = pvlib.iotools.read_tmy2(path)
        table = pd.DataFrame(
            {
                "ghi": raw["GHI"].to_numpy(float), "dni": raw["DNI"].to_numpy(float),
                "dhi": raw["DHI"].to_numpy(float), "temp_air": raw["DryBulb"].to_numpy(float) / 10,
                "wind_speed": raw["Wspd"].to_numpy(float) / 10,
            }
        )  # fmt: skip
    else:
        raw, about = pvlib.iotools.read_tmy3(path, map_variables=True)
        table = raw[["ghi", "dni", "dhi", "temp_air", "wind_speed"]].reset_index(drop=True)
    place = pvlib.location.Location(about["latitude"], about["longitude"], "UTC", about["altitude"])
    offset = int(about["TZ"])
    table = table.reindex((np.arange(HOURS) + offset) % HOURS).reset_index(drop=True)
    table.index = pd.date_range("2023-01-01 00:30", periods=HOURS, freq="h", tz="UTC")
    return table, place


def _sun(weather: Any, place: Any) -> tuple[Floats, Floats]:
    """A plant of one watt: its yield, and that under a clear sky."""
    import pvlib

    position = place.get_solarposition(weather.index)
    clear = place.get_clearsky(weather.index, model="simplified_solis", solar_position=position)

    def made(irradiance: Any) -> Floats:
        plane = pvlib.irradiance.get_total_irradiance(
            min(60.0, abs(place.latitude)), 180, position["apparent_zenith"], position["azimuth"],
            irradiance["dni"], irradiance["ghi"], irradiance["dhi"],
        )["poa_global"].fillna(0.0).clip(lower=0.0)  # fmt: skip
        cell = pvlib.temperature.sapm_cell(
            plane, weather["temp_air"], weather["wind_speed"],
            **pvlib.temperature.TEMPERATURE_MODEL_PARAMETERS["sapm"]["open_rack_glass_glass"],
        )  # fmt: skip
        dc = pvlib.pvsystem.pvwatts_dc(plane, cell, 1.0, GAMMA_PER_K)
        return np.asarray(dc.fillna(0.0).clip(lower=0.0), dtype=float)

    return made(weather), made(clear)


def _wind(weather: Any) -> Floats:
    """A turbine of one watt."""
    from windpowerlib import WindTurbine, power_output, wind_speed

    curve = WindTurbine(hub_height=HUB_M, turbine_type=TURBINE).power_curve
    at_hub = wind_speed.logarithmic_profile(weather["wind_speed"], ANEMOMETER_M, HUB_M, ROUGHNESS_M)
    made = power_output.power_curve(at_hub, curve["wind_speed"], curve["value"])
    return np.asarray(made.fillna(0.0), dtype=float) / float(curve["value"].max())
