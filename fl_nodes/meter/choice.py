"""The best meter this machine has: RAPL or a model for the CPU, with NVML's counter for GPUs that do the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fl_nodes.meter.model import ModelCounter
from fl_nodes.meter.nvml import NvmlCounter, gpu_counter
from fl_nodes.meter.port import MEASURED, MODELLED, Count, Counter, reading
from fl_nodes.meter.rapl import RaplCounter, domains
from fl_nodes.meter.reserve import ReservedCores, ReservedPackages
from fl_nodes.meter.windows import Book, Windows
from fl_nodes.protocol.tasks import EnergyReading


@dataclass
class SummedMeter:
    """Several counters as one meter: joules add up, bands add up by energy, and one modelled part makes all modelled."""

    counters: tuple[Counter, ...]
    method: str
    _begin: tuple[Any, ...] = ()

    def begin_window(self) -> None:
        """Start counting."""
        self._begin = tuple(counter.mark() for counter in self.counters)

    def end_window(self) -> EnergyReading:
        """The energy since `begin_window`."""
        ends = [counter.mark() for counter in self.counters]
        parts = zip(self.counters, self._begin or ends, ends, strict=True)
        return reading(summed([counter.between(begin, end) for counter, begin, end in parts]))


def summed(counts: list[Count]) -> Count:
    """The counts of one window's parts as one."""
    joules = sum(c.joules for c in counts)
    band = (
        sum(c.joules * c.band_ppm for c in counts) / joules if joules > 0 else max(c.band_ppm for c in counts)
    )
    kind = MEASURED if all(c.kind == MEASURED for c in counts) else MODELLED
    return Count(
        joules, kind, round(band), " + ".join(c.method for c in counts), max(c.seconds for c in counts)
    )


def choose(with_gpu: bool) -> tuple[SummedMeter, NvmlCounter | None]:
    """The meter to use and, where a GPU does the work, its counter, which also knows how busy it is."""
    counters = domains()
    cpu = RaplCounter(counters) if counters else ModelCounter()
    gpu = gpu_counter() if with_gpu else None
    parts: tuple[Counter, ...] = (cpu, gpu) if gpu else (cpu,)
    return SummedMeter(parts, f"{cpu.method} + {gpu.method}" if gpu else cpu.method), gpu


def windows_of_process(machine_share: float, book: Book) -> Windows:
    """The windows of this process from now on; `machine_share` in (0, 1] is the part of the machine that is kept for it."""
    counters = domains()
    if counters:
        rapl = RaplCounter(counters)
        return Windows((rapl,), (ReservedPackages(machine_share, rapl),), book)
    return Windows((ModelCounter(),), (ReservedCores(machine_share),), book)
