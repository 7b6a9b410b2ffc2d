"""What a scheduling policy sees and what it says: plain values, the same in the dispatcher and in simulations.

A policy is asked where (which nodes), when (how many hours from now) and how hard (which level, `fl_nodes/protocol/power.py`) a
piece of work is to run. Everything it may know is in its arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fl_nodes.protocol.power import FULL, STATIC_PPM

PPM = 1_000_000
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node that could do the work, and what the work would be there.

    `seconds` and `millijoules` are of one round at full frequency, `static_ppm` the part of its power that no level lowers,
    `levels` those it can really be set to. `mg_per_kwh` is what its grid is expected to emit (location-based), `site_ppm` the
    part of its demand that the site's own sun and wind is expected to cover, both by hour from the hour of now on; the last value
    holds for all later hours. `load_ppm` is how busy it is, `recent_ppm` its part of the work handed out lately, `rating_ppm` its
    rating.
    `features` are what a learned policy knows it by.
    """

    node: str
    seconds: float
    millijoules: int
    mg_per_kwh: tuple[int, ...]
    site_ppm: tuple[int, ...] = (0,)
    static_ppm: int = STATIC_PPM
    levels: tuple[int, ...] = (FULL,)
    load_ppm: int = 0
    recent_ppm: int = 0
    rating_ppm: int = PPM
    features: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Compression:
    """What a compressed form of the work, measured before, takes of the time and of the energy; in millionths."""

    seconds_ppm: int
    millijoules_ppm: int


@dataclass(frozen=True, slots=True)
class Work:
    """`rounds` rounds on `wanted` nodes at once, decided on at `at` (Unix seconds) and to be done by `latest_end`.

    `may_wait` says whether the start may be put off. `compressed` is there where the work has a compressed form at all.
    """

    wanted: int
    rounds: int
    at: float
    latest_end: float
    may_wait: bool = False
    compressed: Compression | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """One node's part: its level, and one round's seconds, mJ, net mgCO2e per kWh over the run, µgCO2e.

    `scores` are what spoke for it, by part.
    """

    node: str
    level: int
    seconds: float
    millijoules: int
    mg_per_kwh: int
    micrograms: int
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals:
    """A whole piece of work: mJ and µgCO2e of all nodes and rounds, seconds from now to its end."""

    millijoules: int
    micrograms: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a policy chose. `wait_hours` 0 is at once, h the start of the h-th hour after this one.

    `reasons` are sentences; `passed_over` says of each node not taken why; `front` holds the alternatives that none of the others
    beats in everything, where the policy looked for them.
    """

    policy: str
    wait_hours: int
    placements: tuple[Placement, ...]
    compressed: bool
    reasons: tuple[str, ...]
    passed_over: dict[str, str] = field(default_factory=dict)
    front: tuple[Totals, ...] = ()


class Policy(Protocol):
    """A way to choose. Draws nothing but from `work.seed`."""

    @property
    def name(self) -> str:
        """What it is called in decisions."""

    def choose(self, work: Work, nodes: Sequence[NodeState]) -> Schedule | None:
        """Where, when and how hard; None where fewer nodes are there than are wanted."""
