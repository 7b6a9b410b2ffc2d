"""Energy from CPU time where nothing can be measured: each busy core draws its part of the processor's rated power."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fl_nodes.meter import process
from fl_nodes.meter.port import MODELLED, Count

CORE_WATTS = 8.0
"""A server processor's rated power over its cores, e.g. 205 W / 26 to 280 W / 32."""

MEMORY_WATTS_PER_GIB = 0.375
"""Half a DDR4 module's 3 W per 8 GB: the process holds it while it works."""

BAND_PPM = 400_000
"""Estimators of this class are up to 40 % off against meters."""


@dataclass
class ModelCounter:
    """Process CPU seconds x watts per core, and its resident memory x watts per GiB x time."""

    core_watts: float = CORE_WATTS
    memory_watts_per_gib: float = MEMORY_WATTS_PER_GIB

    @property
    def method(self) -> str:
        """How it counts."""
        return (
            f"CPU seconds x {self.core_watts:g} W per core + memory x {self.memory_watts_per_gib:g} W per GiB"
        )

    def mark(self) -> process.Moment:
        """Where the clocks stand."""
        return process.now()

    def between(self, begin: process.Moment, end: process.Moment) -> Count:
        """Joules between two marks; the memory is what the process holds now."""
        seconds = end.wall_s - begin.wall_s
        memory = resident_bytes() / 2**30 * self.memory_watts_per_gib * seconds
        joules = (end.process_s - begin.process_s) * self.core_watts + memory
        return Count(joules, MODELLED, BAND_PPM, self.method, seconds)


def resident_bytes() -> int:
    """Memory this process holds; 0 where the system does not say."""
    try:
        with Path("/proc/self/statm").open(encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
