"""The time this process used, and its share of what the whole machine did meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

_BUSY_FIELDS = (0, 1, 2, 5, 6, 7)
"""user, nice, system, irq, softirq, steal of /proc/stat's first line: everything but idle and iowait."""


@dataclass(frozen=True)
class Moment:
    """Clock readings: wall seconds, CPU seconds of this process, busy CPU ticks of the machine (None where unknown)."""

    wall_s: float
    process_s: float
    machine_ticks: int | None


def now(stat: Path = Path("/proc/stat")) -> Moment:
    """The clocks as they stand."""
    return Moment(time.monotonic(), time.process_time(), _busy_ticks(stat))


def share_of_machine(begin: Moment, end: Moment, ticks_per_second: int = 100) -> float:
    """This process's part of the machine's busy time, in [0, 1]; 1 where the machine does not say."""
    if begin.machine_ticks is None or end.machine_ticks is None:
        return 1.0
    machine_s = (end.machine_ticks - begin.machine_ticks) / ticks_per_second
    process_s = end.process_s - begin.process_s
    return min(1.0, process_s / machine_s) if machine_s > 0 else 1.0


def _busy_ticks(stat: Path) -> int | None:
    try:
        fields = stat.read_text().split("\n", 1)[0].split()[1:]
        return sum(int(fields[i]) for i in _BUSY_FIELDS)
    except (OSError, ValueError, IndexError):
        return None
