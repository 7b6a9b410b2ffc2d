"""The power limit of NVIDIA GPUs (NVML, nvmlDeviceSetPowerManagementLimit): milliwatts, between what the board allows. Setting it
takes root.

The level is a part of the board's default limit: the GPU then finds the frequency that fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PPM = 1_000_000


@dataclass(frozen=True)
class GpuPowerLimit:
    """All GPUs of a machine."""

    nvml: Any
    handles: tuple[Any, ...]
    by: str = "NVML power limit"

    def settings(self) -> dict[str, int]:
        """mW by GPU."""
        with _as_os_errors(self.nvml):
            return {
                str(i): int(self.nvml.nvmlDeviceGetPowerManagementLimit(h))
                for i, h in enumerate(self.handles)
            }

    def put(self, settings: dict[str, int]) -> None:
        """Set them."""
        with _as_os_errors(self.nvml):
            for i, handle in enumerate(self.handles):
                if str(i) in settings:
                    self.nvml.nvmlDeviceSetPowerManagementLimit(handle, settings[str(i)])

    def at(self, ppm: int) -> dict[str, int]:
        """A part of each board's default limit, not below its least."""
        with _as_os_errors(self.nvml):
            found = {}
            for i, handle in enumerate(self.handles):
                least, _ = self.nvml.nvmlDeviceGetPowerManagementLimitConstraints(handle)
                default = self.nvml.nvmlDeviceGetPowerManagementDefaultLimit(handle)
                found[str(i)] = max(int(least), int(default) * ppm // PPM)
            return found


class _as_os_errors:  # noqa: N801 - reads as a word
    """NVML's errors as the OSError that knobs raise."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, self._nvml.NVMLError):
            raise OSError(f"NVML: {error}") from error


def gpu_power_limit() -> GpuPowerLimit | None:
    """This machine's GPUs, None where there are none whose limit can be read."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        handles = tuple(pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount()))
        found = GpuPowerLimit(pynvml, handles)
        found.settings()
        found.at(PPM)
    except (pynvml.NVMLError, OSError):
        return None
    return found if handles else None
