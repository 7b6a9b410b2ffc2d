"""Intel and AMD energy counters through /sys/class/powercap, shared out by this process's part of the busy CPU time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from fl_nodes.meter import process
from fl_nodes.meter.port import MEASURED, Count

POWERCAP = Path("/sys/class/powercap")
BAND_PPM = 100_000
"""The counters are within a few percent; sharing them out by CPU time is what widens the band."""

METHOD = "RAPL package and DRAM counters x this process's share of busy CPU time"


@dataclass(frozen=True)
class Domain:
    """One counter: its file and the microjoules at which it wraps around."""

    energy: Path
    wraps_at_uj: int


def domains(root: Path = POWERCAP) -> tuple[Domain, ...]:
    """Readable package counters, and DRAM where it is counted apart; empty where there are none."""
    found = []
    for folder in sorted(root.glob("intel-rapl:*")):
        try:
            name = (folder / "name").read_text().strip()
            wraps_at = int((folder / "max_energy_range_uj").read_text())
            int((folder / "energy_uj").read_text())
        except (OSError, ValueError):
            continue
        if name.startswith("package") or name == "dram":
            found.append(Domain(folder / "energy_uj", wraps_at))
    return tuple(found)


def microjoules_between(before: int, after: int, wraps_at_uj: int) -> int:
    """Energy between two readings of a counter that may have wrapped once."""
    return after - before if after >= before else after + wraps_at_uj - before


@dataclass(frozen=True)
class RaplMark:
    """Where the clocks and the counters (microjoules) stand."""

    moment: process.Moment
    microjoules: tuple[int, ...]


@dataclass
class RaplCounter:
    """Energy of this process on CPUs with RAPL."""

    counters: tuple[Domain, ...]
    method: str = METHOD

    def mark(self) -> RaplMark:
        """Where it stands."""
        return RaplMark(process.now(), tuple(int(domain.energy.read_text()) for domain in self.counters))

    def between(self, begin: RaplMark, end: RaplMark) -> Count:
        """Joules between two marks, over which no counter may wrap around twice."""
        joules = self.machine_joules(begin, end) * self.share(begin, end)
        seconds = end.moment.wall_s - begin.moment.wall_s
        return Count(joules, MEASURED, BAND_PPM, self.method, seconds)

    def machine_joules(self, begin: RaplMark, end: RaplMark) -> float:
        """What all of the machine's packages drew."""
        pairs = zip(begin.microjoules, end.microjoules, self.counters, strict=True)
        return sum(microjoules_between(b, a, domain.wraps_at_uj) for b, a, domain in pairs) / 1e6

    def share(self, begin: RaplMark, end: RaplMark) -> float:
        """This process's part of it, in [0, 1]."""
        return process.share_of_machine(begin.moment, end.moment, os.sysconf("SC_CLK_TCK"))
