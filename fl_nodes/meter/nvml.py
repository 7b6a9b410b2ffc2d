"""The energy counter of an NVIDIA GPU, and how busy it was."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
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
    _before: list[int] = field(default_factory=list)
    _begin_s: float = 0.0

    def begin(self) -> None:
        """Start counting."""
        self._begin_s = time.monotonic()
        self._before = self._read()

    def end(self) -> Count:
        """Joules since `begin`."""
        millijoules = sum(after - before for before, after in zip(self._before, self._read(), strict=True))
        return Count(millijoules / 1000, MEASURED, BAND_PPM, self.method, time.monotonic() - self._begin_s)

    def use_ppm(self) -> int:
        """How busy the GPUs are now, in ppm."""
        rates = [self.nvml.nvmlDeviceGetUtilizationRates(handle).gpu for handle in self.handles]
        return int(sum(rates) / len(rates) * 10_000)

    def _read(self) -> list[int]:
        return [int(self.nvml.nvmlDeviceGetTotalEnergyConsumption(handle)) for handle in self.handles]


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
