"""What a meter is. Joules are floats while they are counted; a reading, once made, is in whole millijoules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from fl_nodes.protocol.tasks import EnergyReading

MEASURED = "measured"
MODELLED = "modelled"
CONSTANT = "constant"
PPM = 1_000_000


class Meter(Protocol):
    """Counts the energy of one window at a time."""

    @property
    def method(self) -> str:
        """How it counts, in a few words."""

    def begin_window(self) -> None:
        """Start counting."""

    def end_window(self) -> EnergyReading:
        """The energy since `begin_window`."""


class Counter(Protocol):
    """One source of joules. Any number of windows may lie between its marks, also ones that overlap."""

    @property
    def method(self) -> str:
        """How it counts, in a few words."""

    def mark(self) -> Any:
        """Where it stands."""

    def between(self, begin: Any, end: Any) -> Count:
        """The energy between two of its marks."""


@dataclass(frozen=True)
class Count:
    """Energy of a window before it becomes a reading: joules, one standard band in ppm, seconds."""

    joules: float
    kind: str
    band_ppm: int
    method: str
    seconds: float


def reading(count: Count) -> EnergyReading:
    """The reading of a count."""
    return EnergyReading(round(count.joules * 1000), count.kind, count.band_ppm, count.method, count.seconds)
