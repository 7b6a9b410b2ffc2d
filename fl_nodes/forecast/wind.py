"""What a wind turbine makes of wind (windpowerlib): the wind at its hub, then a power curve scaled to its rated power."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from fl_nodes.forecast.site import Turbine
from fl_nodes.forecast.weather import Floats

MEASURED_AT_METRES = 10.0
ROUGHNESS_EXPONENT = 1 / 7
"""Hellman's exponent over open land."""
CURVE_OF = "E-53/800"
"""A machine of medium size whose curve windpowerlib carries (Open Energy Platform); small ones are worse, so bands are wide."""


def turbine_watts(turbine: Turbine, wind_speed: Floats) -> Floats:
    """Watts by hour from m/s at 10 m, between nothing and the rated power; NaN where the wind is unknown."""
    return turbine.kw * 1000.0 * capacity_factor(wind_speed, turbine.hub_height)


def capacity_factor(wind_speed: Floats, hub_height: float) -> Floats:
    """Power as a share of the rated one."""
    from windpowerlib import power_output
    from windpowerlib import wind_speed as profile

    at_hub = profile.hellman(
        pd.Series(wind_speed), MEASURED_AT_METRES, hub_height, hellman_exponent=ROUGHNESS_EXPONENT
    )
    speeds, shares = _curve()
    known = np.isfinite(at_hub.to_numpy())
    found = power_output.power_curve(at_hub.fillna(0.0), pd.Series(speeds), pd.Series(shares))
    return np.where(known, np.clip(np.asarray(found, dtype=np.float64), 0.0, 1.0), np.nan)


@functools.cache
def _curve() -> tuple[tuple[float, ...], tuple[float, ...]]:
    from windpowerlib import WindTurbine

    machine = WindTurbine(turbine_type=CURVE_OF, hub_height=50)
    curve = machine.power_curve
    most = float(curve["value"].max())
    return tuple(curve["wind_speed"].astype(float)), tuple(curve["value"].astype(float) / most)
