"""Yearly averages by country, as CodeCarbon packages them; `scripts/yearly_factors.py` makes the file beside this one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from backend.adapters.intensity.source import MG_PER_G, YEARLY_BAND_PPM
from backend.domain.intensity import SECONDS_PER_HOUR, YEARLY, Intensity, hour_of

FILE = Path(__file__).with_name("yearly_factors.json")


@dataclass(frozen=True)
class _Factor:
    name: str
    g_per_kwh: float
    year: int


class YearlyFactors:
    """A `Source` that knows every country's average, and takes it for each of the country's zones."""

    def __init__(self, file: Path = FILE) -> None:
        document = json.loads(file.read_text(encoding="utf-8"))
        self._publisher = str(document["source"])
        self._factors = {code: _Factor(*entry) for code, entry in document["countries"].items()}

    def knows(self, zone: str) -> bool:
        """Whether the zone lies in a country of the file."""
        return zone[:2] in self._factors

    def at(self, zone: str, when: float) -> Intensity | None:
        """The country's average, the same for each hour."""
        factor = self._factors.get(zone[:2])
        if factor is None:
            return None
        return Intensity(
            zone=zone,
            hour=hour_of(when),
            mg_per_kwh=round(factor.g_per_kwh * MG_PER_G),
            resolution=YEARLY,
            source=f"{self._publisher}: {factor.name}, yearly average",
            dated=str(factor.year),
            estimated=True,
            band_ppm=YEARLY_BAND_PPM,
        )

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...] | None:
        """The country's average, `hours` times."""
        figures = [self.at(zone, when + SECONDS_PER_HOUR * later) for later in range(hours)]
        return tuple(f for f in figures if f) if self.knows(zone) else None
