"""`ports.Intensities` with figures that a test chooses."""

from __future__ import annotations

from collections.abc import Mapping

from backend.domain.intensity import HOURLY, YEARLY, Intensity, hour_of, normal_zone
from backend.energy.intensity_ahead import expected
from backend.energy.world_average import WorldAverage

BAND_PPM = 100_000


class MemoryIntensities:
    """`yearly` gives mgCO2e per kWh by zone, `hourly` by zone and hour; hours that it lacks fall back to the zone's yearly."""

    def __init__(
        self, yearly: Mapping[str, int] | None = None, hourly: Mapping[str, Mapping[int, int]] | None = None
    ) -> None:
        self.yearly = dict(yearly or {})
        self.hourly = {zone: dict(hours) for zone, hours in (hourly or {}).items()}

    def knows(self, zone: str) -> bool:
        """Whether a figure was given for it."""
        return normal_zone(zone) in {*self.yearly, *self.hourly}

    def at(self, zone: str, when: float) -> Intensity:
        """The hour's, the zone's, or the world's."""
        hour, normal = hour_of(when), normal_zone(zone) or ""
        if hour in self.hourly.get(normal, {}):
            return _figure(normal, hour, self.hourly[normal][hour], HOURLY)
        if normal in self.yearly:
            return _figure(normal, hour, self.yearly[normal], YEARLY)
        return WorldAverage().at(zone, when)

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...]:
        """From the hours before; else as `at` says without hourly figures."""
        hour, normal = hour_of(when), normal_zone(zone) or ""
        figures = expected(lambda h: self.hourly.get(normal, {}).get(h), hour, hours)
        if figures is not None:
            return tuple(
                _figure(normal, hour + later, round(mg), HOURLY, estimated=True)
                for later, mg in enumerate(figures)
            )
        flat = MemoryIntensities(self.yearly)
        return tuple(flat.at(zone, when + 3600 * later) for later in range(hours))


def _figure(zone: str, hour: int, mg_per_kwh: int, resolution: str, estimated: bool = False) -> Intensity:
    return Intensity(zone, hour, mg_per_kwh, resolution, "memory", "2023", estimated, BAND_PPM)
