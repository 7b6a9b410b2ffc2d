"""One reading made of windows laid end to end, so that what was counted survives the process that counted it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fl_nodes.meter.port import Meter
from fl_nodes.protocol.energy_sum import energy_sum
from fl_nodes.protocol.tasks import EnergyReading

LAP_SECONDS = 5.0
"""What is lost at most, besides the time that a process needs to come back."""


@dataclass
class Laps:
    """Counts on `meter` from `begin` to `end`; `so_far` is what is on record."""

    meter: Meter
    clock: Callable[[], float] = time.monotonic
    so_far: EnergyReading | None = None
    _since: float = field(default=0.0, init=False)

    def begin(self, earlier: EnergyReading | None = None) -> None:
        """Start, where `earlier` was counted before."""
        self.so_far = earlier
        self._open()

    def lap(self) -> EnergyReading | None:
        """What is on record now, None before the first window is over."""
        if self.clock() - self._since >= LAP_SECONDS:
            self.end()
            self._open()
        return self.so_far

    def end(self) -> EnergyReading:
        """The reading of everything since the start."""
        last = self.meter.end_window()
        self.so_far = last if self.so_far is None else together(self.so_far, last)
        return self.so_far

    def _open(self) -> None:
        self._since = self.clock()
        self.meter.begin_window()


def together(one: EnergyReading, other: EnergyReading) -> EnergyReading:
    """Two windows as one: of the weaker kind, with bands as if their errors went the same way."""
    both = energy_sum((one, other))
    return EnergyReading(
        millijoules=both.millijoules,
        kind=both.kind,
        band_ppm=both.band_ppm,
        method=one.method if one.method == other.method else f"{one.method}, then {other.method}",
        seconds=one.seconds + other.seconds,
    )
