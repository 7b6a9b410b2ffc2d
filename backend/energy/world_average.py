"""What stands in for a zone that nobody knows: the world's average."""

from __future__ import annotations

from backend.domain.intensity import WORLD, YEARLY, Intensity, hour_of

WORLD_MG_PER_KWH = 475_000
WORLD_SOURCE = "world average (IEA, Global Energy & CO2 Status Report 2019; packaged by CodeCarbon)"
WORLD_YEAR = "2018"
WORLD_BAND_PPM = 1_000_000
"""Grids lie between a tenth and twice of it."""


class WorldAverage:
    """`ports.Intensities` for every zone and hour alike."""

    def knows(self, _: str) -> bool:
        """Never: whatever is asked is answered with the world."""
        return False

    def at(self, _: str, when: float) -> Intensity:
        """The average."""
        hour = hour_of(when)
        return Intensity(
            WORLD, hour, WORLD_MG_PER_KWH, YEARLY, WORLD_SOURCE, WORLD_YEAR, True, WORLD_BAND_PPM
        )

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...]:
        """The average, `hours` times."""
        return tuple(self.at(zone, when + 3600 * later) for later in range(hours))
