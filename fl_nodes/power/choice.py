"""Which knob this machine is given: the one of the device that trains, and only where its meter would see what it saves."""

from __future__ import annotations

from fl_nodes.meter.nvml import gpu_counter
from fl_nodes.meter.rapl import domains
from fl_nodes.power.control import PowerControl
from fl_nodes.power.cpufreq import cpu_frequency
from fl_nodes.power.left_behind import LeftBehind
from fl_nodes.power.nvml import gpu_power_limit


def power_control(with_gpu: bool) -> PowerControl:
    """A model of CPU seconds x watts knows nothing of frequencies: it would call slower work dearer. So without a counter the
    machine runs at full speed, and says so.
    """
    if with_gpu:
        return PowerControl(gpu_power_limit() if gpu_counter() else None, LeftBehind())
    return PowerControl(cpu_frequency() if domains() else None, LeftBehind())
