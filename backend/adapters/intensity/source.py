"""What one source of intensities answers: what it has, or nothing."""

from __future__ import annotations

from typing import Protocol

from backend.domain.intensity import Intensity

MEASURED_BAND_PPM = 100_000
"""Life-cycle factors of the same kind of plant differ by about this between studies."""
ESTIMATED_BAND_PPM = 200_000
AHEAD_BAND_PPM = 350_000
STAND_IN_BAND_PPM = 600_000
YEARLY_BAND_PPM = 600_000
"""The last three hold for nine hours in ten of Spain's and California's 2023, with 2022 as what was known (`make experiments`)."""

MG_PER_G = 1_000


class Source(Protocol):
    """One place that figures come from. `zone` is normal (`domain.intensity.normal_zone`)."""

    def knows(self, zone: str) -> bool:
        """Whether it has anything about the zone; asks nobody."""

    def at(self, zone: str, when: float) -> Intensity | None:
        """Its figure for the hour of `when`; None where it has none, or cannot be reached."""

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...] | None:
        """`hours` figures from the hour of `when` on, from what was known then; None where it cannot say."""
