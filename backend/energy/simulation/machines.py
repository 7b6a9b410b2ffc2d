"""What a simulated node draws in each of its modes, and what sleeping costs.

Busy power follows the product's own level model (`fl_nodes/protocol/power.py`): the static part does not fall with the clock,
the dynamic part falls with its cube, and work takes longer by its inverse.
"""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.power import LEVELS_PPM, PPM

OFF, ASLEEP, FALLING, WAKING, IDLE, BUSY = range(6)
"""Modes; shutting down is `FALLING`, booting `WAKING`; `BUSY + level` is busy at a level."""
MODES = BUSY + len(LEVELS_PPM)


@dataclass(frozen=True)
class Machine:
    """Watts: `idle_w` awake without work, `busy_w` at full clock, `asleep_w` (suspended to memory), `off_w` (soft off, wakes
    by network), and `turning_w` while it goes down or comes up: `fall_s` and `wake_s` seconds for sleep, `shut_s` and `boot_s`
    for off. `site` is the place of its weather and grid in the world's arrays.
    """

    name: str
    idle_w: float
    busy_w: float
    asleep_w: float
    off_w: float
    turning_w: float
    fall_s: float
    wake_s: float
    shut_s: float
    boot_s: float
    site: int

    @property
    def static_ppm(self) -> int:
        """The part of the power at full clock that no level lowers, in millionths."""
        return round(PPM * self.idle_w / self.busy_w)

    def watts(self) -> tuple[float, ...]:
        """By mode."""
        dynamic = self.busy_w - self.idle_w
        busy = (self.idle_w + dynamic * (r / PPM) ** 3 for r in LEVELS_PPM)
        return (self.off_w, self.asleep_w, self.turning_w, self.turning_w, self.idle_w, *busy)

    def sleep_pays_s(self) -> float:
        """The gap between two tasks from which on sleeping through it takes less energy than idling through it."""
        turning = self.fall_s + self.wake_s
        return max(turning, turning * (self.turning_w - self.asleep_w) / (self.idle_w - self.asleep_w))

    def off_pays_s(self) -> float:
        """How long a sleeping node must not be wanted for shutting it down to take less energy than letting it sleep."""
        if self.asleep_w <= self.off_w:
            return float("inf")
        turning = self.wake_s + self.shut_s + self.boot_s
        return turning * (self.turning_w - self.off_w) / (self.asleep_w - self.off_w)
