"""How hard a machine works: five levels of its full frequency, and what a level does to time and energy.

Dynamic power falls with the cube of the frequency (voltage falls with it), the time of work that computes with its inverse; the
static part of the power does not fall at all. So work that takes E at full frequency, `static_ppm` of it static, takes at r of it

    E x (static / r + (1 - static) x r^2)

(Weiser, Welch, Demers, Shenker 1994, "Scheduling for reduced CPU energy", OSDI; Kim et al. 2003, "Leakage current: Moore's law
meets static power", IEEE Computer 36(12)). Modelled: what a machine really saves is for its meter to say.
"""

from __future__ import annotations

PPM = 1_000_000

LEVELS_PPM = (400_000, 550_000, 700_000, 850_000, 1_000_000)
"""Each level's part of the full frequency, or of the full power limit where that is what can be set."""

FULL = len(LEVELS_PPM) - 1

STATIC_PPM = 300_000
"""Where a machine says nothing of it: the static part of its power at full frequency."""


def seconds_at(seconds: float, level: int) -> float:
    """How long work takes at `level` that takes `seconds` at full frequency."""
    return seconds * PPM / LEVELS_PPM[level]


def millijoules_at(millijoules: int, level: int, static_ppm: int = STATIC_PPM) -> int:
    """What work takes at `level` that takes so much at full frequency; exact, rounded up."""
    r = LEVELS_PPM[level]
    return -(-millijoules * (static_ppm * PPM**3 + (PPM - static_ppm) * r**3) // (r * PPM**3))
