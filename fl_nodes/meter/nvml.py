"""The energy counter of an NVIDIA GPU, and how busy it was."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from fl_nodes.meter.port import MEASURED, Count

BAND_PPM = 50_000
METHOD = "NVML total energy counter of the GPU"


@dataclass
class NvmlCounter:
    """Energy of the machine's GPUs. The counter is the whole GPU's: nothing else should be running on it."""

    nvml: Any
    handles: tuple[Any, ...]
    method: str = METHOD

    def mark(self) -> tuple[float, tuple[int, ...]]:
        """Where the clock and the GPUs' counters (mJ) stand."""
        counters = (int(self.nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) for handle in self.handles)
        return time.monotonic(), tuple(counters)

    def between(self, begin: tuple[float, tuple[int, ...]], end: tuple[float, tuple[int, ...]]) -> Count:
        """Joules between two marks. A counter below where it stood was set to zero, as a driver that is loaded again does."""
        pairs = zip(begin[1], end[1], strict=True)
        millijoules = sum(after - before if after >= before else after for before, after in pairs)
        return Count(millijoules / 1000, MEASURED, BAND_PPM, self.method, end[0] - begin[0])

    def use_ppm(self) -> int:
        """How busy the GPUs are now, in ppm."""
        rates = [self.nvml.nvmlDeviceGetUtilizationRates(handle).gpu for handle in self.handles]
        return int(sum(rates) / len(rates) * 10_000)


def gpu_counter() -> NvmlCounter | None:
    """A counter of this machine's GPUs; None where there are none with one."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        handles = tuple(pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount()))
        for handle in handles:
            pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except pynvml.NVMLError:
        return None
    return NvmlCounter(pynvml, handles) if handles else None
