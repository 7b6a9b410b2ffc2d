"""Intel and AMD energy counters through /sys/class/powercap, shared out by this process's part of the busy CPU time."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
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


@dataclass
class RaplCounter:
    """Energy of this process on CPUs with RAPL."""

    counters: tuple[Domain, ...]
    method: str = METHOD
    _before: list[int] = field(default_factory=list)
    _begin: process.Moment | None = None

    def begin(self) -> None:
        """Start counting."""
        self._begin = process.now()
        self._before = self._read()

    def end(self) -> Count:
        """Joules since `begin`."""
        begin, end = self._begin or process.now(), process.now()
        pairs = zip(self._before, self._read(), self.counters, strict=True)
        total_uj = sum(microjoules_between(b, a, domain.wraps_at_uj) for b, a, domain in pairs)
        share = process.share_of_machine(begin, end, os.sysconf("SC_CLK_TCK"))
        return Count(total_uj / 1e6 * share, MEASURED, BAND_PPM, self.method, end.wall_s - begin.wall_s)

    def _read(self) -> list[int]:
        return [int(domain.energy.read_text()) for domain in self.counters]
