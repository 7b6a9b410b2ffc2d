"""A node's site as its provider describes it: where it stands, its solar panels, its wind turbine, its weather file.

latitude = 40.4            # degrees north
longitude = -3.7           # degrees east
altitude = 650             # metres
weather = "station.csv"    # optional, beside this file: CSV, TMY3, TMY2 or EPW
[solar]                    # optional
kwp = 5.0                  # peak power
tilt = 30                  # degrees from level (default: the latitude, at most 60)
azimuth = 180              # degrees east of north (default: towards the equator)
[wind]                     # optional
kw = 10.0                  # rated power
hub_height = 20            # metres
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fl_nodes.errors import Refused

STEEPEST_DEFAULT = 60.0


@dataclass(frozen=True)
class Panels:
    """Solar panels: peak power in kW, degrees from level, degrees east of north."""

    kwp: float
    tilt: float
    azimuth: float


@dataclass(frozen=True)
class Turbine:
    """A wind turbine: rated power in kW, height of its hub in metres."""

    kw: float
    hub_height: float


@dataclass(frozen=True)
class Site:
    """Degrees north and east, metres; None for what the site does not have."""

    latitude: float
    longitude: float
    altitude: float = 0.0
    solar: Panels | None = None
    wind: Turbine | None = None
    weather: Path | None = None


def load_site(file: Path) -> Site:
    """The site described in a TOML or JSON file; Refused `site.file` names what does not fit."""
    try:
        text = file.read_text(encoding="utf-8")
        described = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise Refused("site.file", f"{file} cannot be read as TOML or JSON: {error}.") from error
    if not isinstance(described, dict):
        raise Refused("site.file", f"{file} must hold a table of names and values.")
    return read_site(described, file.parent)


def read_site(described: Mapping[str, Any], folder: Path) -> Site:
    """A site from plain values; `weather` is taken from `folder`."""
    _only(described, {"latitude", "longitude", "altitude", "solar", "wind", "weather"}, "the site")
    latitude = _number(described, "latitude", -90, 90)
    solar, wind, weather = described.get("solar"), described.get("wind"), described.get("weather")
    if weather is not None and not isinstance(weather, str):
        raise Refused("site.file", "weather must be the name of a file.")
    return Site(
        latitude=latitude,
        longitude=_number(described, "longitude", -180, 180),
        altitude=_number(described, "altitude", -430, 9_000, default=0.0),
        solar=None if solar is None else _panels(_table(solar, "solar"), latitude),
        wind=None if wind is None else _turbine(_table(wind, "wind")),
        weather=None if weather is None else folder / weather,
    )


def _panels(described: Mapping[str, Any], latitude: float) -> Panels:
    _only(described, {"kwp", "tilt", "azimuth"}, "solar")
    return Panels(
        kwp=_number(described, "kwp", 0, 1_000_000),
        tilt=_number(described, "tilt", 0, 90, default=min(abs(latitude), STEEPEST_DEFAULT)),
        azimuth=_number(described, "azimuth", 0, 360, default=180.0 if latitude >= 0 else 0.0),
    )


def _turbine(described: Mapping[str, Any]) -> Turbine:
    _only(described, {"kw", "hub_height"}, "wind")
    return Turbine(_number(described, "kw", 0, 1_000_000), _number(described, "hub_height", 1, 300))


def _table(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Refused("site.file", f"{name} must be a table of names and values.")
    return value


def _only(described: Mapping[str, Any], known: set[str], what: str) -> None:
    strange = sorted(set(described) - known)
    if strange:
        raise Refused("site.file", f"{what} has no {strange[0]!r}; there are {', '.join(sorted(known))}.")


def _number(
    described: Mapping[str, Any], name: str, least: float, most: float, default: float | None = None
) -> float:
    value = described.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused("site.file", f"{name} must be a number from {least:g} to {most:g}.")
    if not least <= value <= most:
        raise Refused("site.file", f"{name} must lie between {least:g} and {most:g}, not at {value:g}.")
    return float(value)
