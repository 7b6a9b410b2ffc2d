"""Irradiance under a clear sky, and what panels make of irradiance (PVWatts version 5, Dobos 2014, NREL/TP-6A20-62641; pvlib)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fl_nodes.forecast.site import Panels, Site
from fl_nodes.forecast.weather import Floats, Weather

HALF_HOUR = pd.Timedelta(minutes=30)
TEMPERATURE_COEFFICIENT = -0.004
"""Per degree, of PVWatts' standard module."""
TURBIDITY = 3.0
"""Linke turbidity of clear air in the middle latitudes: the same everywhere, so that nothing but the place is needed."""
CALM_WIND = 1.0
WATTS_A_KWP = 1000.0


def clear_sky(site: Site, starts: pd.DatetimeIndex) -> dict[str, Floats]:
    """`ghi`, `dni`, `dhi` in W/m2 in the middle of each hour without clouds (Ineichen and Perez 2002)."""
    frame = _location(site).get_clearsky(starts + HALF_HOUR, model="ineichen", linke_turbidity=TURBIDITY)
    return {name: np.nan_to_num(frame[name].to_numpy(dtype=np.float64)) for name in ("ghi", "dni", "dhi")}


def panel_watts(site: Site, panels: Panels, weather: Weather) -> Floats:
    """Alternating current in watts by hour, never below zero; NaN where irradiance is unknown."""
    import pvlib

    middle = weather.starts + HALF_HOUR
    sun = _location(site).get_solarposition(middle)
    zenith = sun["apparent_zenith"].to_numpy()
    dni, dhi = _parts(weather, zenith, middle)
    plane = pvlib.irradiance.get_total_irradiance(
        panels.tilt,
        panels.azimuth,
        zenith,
        sun["azimuth"].to_numpy(),
        dni,
        weather.ghi,
        dhi,
        dni_extra=pvlib.irradiance.get_extra_radiation(middle).to_numpy(),
        model="haydavies",
    )["poa_global"]
    plane = np.maximum(np.asarray(plane, dtype=np.float64), 0.0)
    wind = np.where(np.isfinite(weather.wind_speed), weather.wind_speed, CALM_WIND)
    cells = pvlib.temperature.faiman(plane, weather.temp_air, wind)
    direct = pvlib.pvsystem.pvwatts_dc(plane, cells, WATTS_A_KWP, TEMPERATURE_COEFFICIENT)
    direct = direct * (1 - pvlib.pvsystem.pvwatts_losses() / 100)
    made = np.asarray(pvlib.inverter.pvwatts(np.maximum(direct, 0.0), WATTS_A_KWP), dtype=np.float64)
    return panels.kwp * np.where(zenith >= 90, 0.0, np.maximum(made, 0.0))


def under_clear_sky(site: Site, panels: Panels, starts: pd.DatetimeIndex, temp_air: float = 15.0) -> Floats:
    """`panel_watts` with no cloud in the sky."""
    sky = clear_sky(site, starts)
    still = np.full(len(starts), CALM_WIND)
    weather = Weather(
        "clear sky", starts, **sky, temp_air=np.full(len(starts), temp_air), wind_speed=still, typical=False
    )
    return panel_watts(site, panels, weather)


def _parts(weather: Weather, zenith: Floats, middle: pd.DatetimeIndex) -> tuple[Floats, Floats]:
    """Direct and diffuse irradiance, from the global one where the file has only that (Erbs et al. 1982)."""
    import pvlib

    split = pvlib.irradiance.erbs(weather.ghi, zenith, middle)
    known = np.isfinite(weather.dni) & np.isfinite(weather.dhi)
    dni = np.where(known, weather.dni, np.asarray(split["dni"]))
    return dni, np.where(known, weather.dhi, np.asarray(split["dhi"]))


def _location(site: Site) -> "pvlib.location.Location":  # noqa: F821, UP037 -- pvlib is slow to import
    import pvlib

    return pvlib.location.Location(site.latitude, site.longitude, "UTC", site.altitude)
