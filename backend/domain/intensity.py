"""How much a grid emits for a kilowatt hour, and who says so."""

from __future__ import annotations

import re
from dataclasses import dataclass

HOURLY, YEARLY = "hourly", "yearly"
SECONDS_PER_HOUR = 3600

WORLD = "WORLD"
"""The zone of the world's average, which stands in where a zone is unknown."""

_ZONE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,10}){0,3}", re.ASCII)


@dataclass(frozen=True)
class Intensity:
    """Location-based, life-cycle where the source has it. `mg_per_kwh` is mgCO2e per kWh at `hour` (Unix seconds // 3600) in
    `zone`; `resolution` is `hourly` or `yearly`; `source` names who published it, `dated` when or for when (ISO date or year),
    `estimated` whether the source itself estimated it; `band_ppm` is how far it may be off, in millionths.

    `zone` is the one asked for; `WORLD` where that one is unknown.
    """

    zone: str
    hour: int
    mg_per_kwh: int
    resolution: str
    source: str
    dated: str
    estimated: bool
    band_ppm: int


def hour_of(when: float) -> int:
    """The hour in which Unix time `when` lies, counted from 1970 (UTC: summer time moves nothing)."""
    return int(when // SECONDS_PER_HOUR)


def normal_zone(text: str) -> str | None:
    """A zone as Electricity Maps writes it (`ES`, `US-CAL-CISO`), from any case; None for what cannot be one."""
    zone = text.strip().upper()
    return zone if _ZONE.fullmatch(zone) else None
