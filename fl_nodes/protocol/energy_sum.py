"""Energy taken together: the one rule by which a sum has its class and its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fl_nodes.protocol.reading import KINDS


class Part(Protocol):
    """Anything with energy in mJ, how it is known, and how far it may be off, in millionths."""

    @property
    def millijoules(self) -> int:
        """Energy."""

    @property
    def kind(self) -> str:
        """One of `KINDS`."""

    @property
    def band_ppm(self) -> int:
        """Band."""


@dataclass(frozen=True)
class EnergySum:
    """A sum is of the weakest class among its parts; their bands count by energy, as if all errors went the same way, rounded down;
    of no energy at all it is the widest.
    """

    millijoules: int
    kind: str
    band_ppm: int


def energy_sum(parts: Sequence[Part]) -> EnergySum:
    """Parts as one; of none, nothing, which is known by a constant. ValueError for a class that there is not."""
    total = sum(p.millijoules for p in parts)
    off = sum(p.millijoules * p.band_ppm for p in parts)
    band = off // total if total else max((p.band_ppm for p in parts), default=0)
    return EnergySum(total, max((p.kind for p in parts), key=KINDS.index, default=KINDS[-1]), band)
