"""How much a grid emits for a kilowatt hour, and who says so."""

from __future__ import annotations

from dataclasses import dataclass

HOURLY, YEARLY = "hourly", "yearly"


@dataclass(frozen=True)
class Intensity:
    """Location-based, life-cycle where the source has it. `mg_per_kwh` is mgCO2e per kWh at `hour` (Unix seconds // 3600) in
    `zone`; `resolution` is `hourly` or `yearly`; `source` names who published it, `dated` when or for when (ISO date or year),
    `estimated` whether the source itself estimated it; `band_ppm` is how far it may be off, in millionths.
    """

    zone: str
    hour: int
    mg_per_kwh: int
    resolution: str
    source: str
    dated: str
    estimated: bool
    band_ppm: int
