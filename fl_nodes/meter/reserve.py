"""What the machine draws for a node while the node's process does nothing: idle and reserved hardware, which SCI counts too."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from fl_nodes.meter import process
from fl_nodes.meter.model import CORE_WATTS
from fl_nodes.meter.port import CONSTANT, MEASURED, Count
from fl_nodes.meter.rapl import BAND_PPM, RaplCounter, RaplMark

IDLE_CORE_WATTS = CORE_WATTS / 10
"""A core without work: a tenth of its rated power, which is what CodeCarbon takes for the least a processor draws."""

IDLE_BAND_PPM = 1_000_000
"""Servers idle between a few percent and half of their power (SPECpower_ssj2008): nothing here follows this one."""


def cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class ReservedCores:
    """Cores kept for this node x the time they are not busy with its process x a constant; `share` is its part of the machine."""

    share: float
    cores: int = field(default_factory=cores)
    idle_core_watts: float = IDLE_CORE_WATTS

    @property
    def method(self) -> str:
        """How it counts."""
        return f"idle core-seconds x {self.idle_core_watts:g} W"

    def mark(self) -> process.Moment:
        """Where the clocks stand."""
        return process.now()

    def between(self, begin: process.Moment, end: process.Moment) -> Count:
        """Joules between two marks."""
        seconds = end.wall_s - begin.wall_s
        idle_s = max(0.0, self.cores * self.share * seconds - (end.process_s - begin.process_s))
        return Count(idle_s * self.idle_core_watts, CONSTANT, IDLE_BAND_PPM, self.method, seconds)


@dataclass
class ReservedPackages:
    """The node's part of what RAPL's counters say, but for what its process has used of it."""

    share: float
    rapl: RaplCounter
    method: str = "the node's part of RAPL's counters, without what its process used"

    def mark(self) -> RaplMark:
        """Where the counters stand."""
        return self.rapl.mark()

    def between(self, begin: RaplMark, end: RaplMark) -> Count:
        """Joules between two marks."""
        part = max(0.0, self.share - self.rapl.share(begin, end))
        seconds = end.moment.wall_s - begin.moment.wall_s
        return Count(self.rapl.machine_joules(begin, end) * part, MEASURED, BAND_PPM, self.method, seconds)
