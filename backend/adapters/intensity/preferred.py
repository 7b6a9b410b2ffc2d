"""Sources in the order of preference: the first that has a figure gives it, the world's average where none has."""

from __future__ import annotations

from collections.abc import Sequence

from backend.adapters.intensity.source import Source
from backend.domain.intensity import Intensity, normal_zone
from backend.energy.world_average import WorldAverage


class PreferredIntensities:
    """`ports.Intensities` over several sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self._world = WorldAverage()

    def knows(self, zone: str) -> bool:
        """Whether any source has something about the zone."""
        normal = normal_zone(zone)
        return normal is not None and any(source.knows(normal) for source in self._sources)

    def at(self, zone: str, when: float) -> Intensity:
        """The first source's figure; the world's average for a zone that none knows."""
        normal = normal_zone(zone)
        for source in self._sources if normal else ():
            figure = source.at(str(normal), when)
            if figure is not None:
                return figure
        return self._world.at(zone, when)

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...]:
        """The first source's expectation."""
        normal = normal_zone(zone)
        for source in self._sources if normal else ():
            figures = source.ahead(str(normal), when, hours)
            if figures is not None:
                return figures
        return self._world.ahead(zone, when, hours)
