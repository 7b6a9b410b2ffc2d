"""The best meter this machine has: RAPL or a model for the CPU, with NVML's counter for GPUs that do the work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fl_nodes.meter.model import ModelCounter
from fl_nodes.meter.nvml import NvmlCounter, gpu_counter
from fl_nodes.meter.port import MEASURED, MODELLED, Count, reading
from fl_nodes.meter.rapl import RaplCounter, domains
from fl_nodes.protocol.tasks import EnergyReading


class Counter(Protocol):
    """One source of joules."""

    def begin(self) -> None:
        """Start counting."""

    def end(self) -> Count:
        """Joules since `begin`."""


@dataclass
class SummedMeter:
    """Several counters as one meter: joules add up, bands add up by energy, and one modelled part makes all modelled."""

    counters: tuple[Counter, ...]
    method: str

    def begin_window(self) -> None:
        """Start counting."""
        for counter in self.counters:
            counter.begin()

    def end_window(self) -> EnergyReading:
        """The energy since `begin_window`."""
        return reading(summed([counter.end() for counter in self.counters]))


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
