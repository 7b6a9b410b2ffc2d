"""No choice that another beats in energy, carbon and time at once: NSGA-II (pymoo) over crew, pace, start and compression.

Deb, Pratap, Agarwal, Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Transactions on
Evolutionary Computation 6(2). A candidate is a vector in [0, 1]: a key for each node, of which the highest are the crew (random
keys, Bean 1994), then pace, start and compression. What it finds is polished: each point's neighbours (one node changed for
another, one level or hour more or less) are looked at. With so few combinations that all can be looked at, they are, and the
front is exact. From the front the knee is taken: the point nearest to the ideal one, each objective scaled to its range on the
front.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from math import comb

import numpy as np
from numpy.typing import NDArray

from backend.energy.objectives import frugal, paced, placed, totals, waits
from backend.energy.policies.tie import tie
from backend.energy.policies.weighted import quickest, ranked
from backend.energy.scheduling import PPM, NodeState, Schedule, Totals, Work
from fl_nodes.protocol.power import FULL

Vector = NDArray[np.float64]

EXHAUSTIVE = 3_000
"""Up to so many combinations all are looked at."""

POLISHES = 2
POLISHED = 800
LARGEST_FIELD = 48
"""Of more nodes than these only the best by weighted score, by energy and by carbon are searched."""

KEPT = 24
"""Points of the front that a decision keeps."""


@dataclass(frozen=True, slots=True)
class Option:
    """One combination; `crew` are indices of nodes in ascending order."""

    crew: tuple[int, ...]
    pace: int
    wait: int
    compressed: bool


@dataclass(frozen=True, slots=True)
class Point:
    """An option and what it comes to."""

    option: Option
    total: Totals

    @property
    def objectives(self) -> tuple[float, float, float]:
        """mJ, µg, seconds: all to be small."""
        return (float(self.total.millijoules), float(self.total.micrograms), self.total.seconds)


class Pareto:
    """Energy, carbon and time at once."""

    name = "pareto"

    def __init__(self, exhaustive: int = EXHAUSTIVE) -> None:
        self._exhaustive = exhaustive

    def choose(self, work: Work, nodes: Sequence[NodeState]) -> Schedule | None:
        """Where, when and how hard; None where fewer nodes are there than are wanted."""
        if len(nodes) < work.wanted:
            return None
        searched = field_of(work, nodes)
        if combinations_of(work, searched) <= self._exhaustive:
            how, points = "all combinations", front(enumerated(work, searched))
        else:
            # pymoo takes seconds to import, and processes that never schedule import this too.
            from backend.energy.policies.nsga2 import searched_front

            how, points = "NSGA-II", searched_front(work, searched)
        chosen = knee(points)
        crew = [searched[i] for i in chosen.option.crew]
        rounds = paced(work, crew, chosen.option.pace, chosen.option.compressed)
        taken = {n.node for n in crew}
        knee_of = f"The knee of {len(points)} choices that none beats in energy, carbon and time at once"
        reasons = [f"{knee_of} ({how} of {len(searched)} nodes)."]
        if chosen.option.wait:
            reasons.append(f"It waits {chosen.option.wait} hours.")
        if chosen.option.compressed:
            reasons.append("In its compressed form, which takes less energy as it was measured.")
        return Schedule(
            policy=self.name,
            wait_hours=chosen.option.wait,
            placements=placed(work, crew, rounds, chosen.option.wait),
            compressed=chosen.option.compressed,
            reasons=tuple(reasons),
            passed_over={
                n.node: "It is in no better choice of the front." for n in nodes if n.node not in taken
            },
            front=tuple(p.total for p in points[:KEPT]),
        )


def field_of(work: Work, nodes: Sequence[NodeState]) -> list[NodeState]:
    """The nodes that are searched, in a fixed order."""
    if len(nodes) > LARGEST_FIELD:
        part = max(work.wanted, LARGEST_FIELD // 3)
        by_score = [s.node for s in ranked(work, nodes, 0)[:part]]
        by_energy = sorted(nodes, key=lambda n: (n.millijoules, tie(work.seed, n.node)))[:part]
        by_carbon = sorted(nodes, key=lambda n: (_carbon(work, n), tie(work.seed, n.node)))[:part]
        nodes = list({n.node: n for n in (*by_score, *by_energy, *by_carbon)}.values())
    return sorted(nodes, key=lambda n: tie(work.seed, n.node))


def combinations_of(work: Work, nodes: Sequence[NodeState]) -> int:
    """How many options there are."""
    forms = 2 if work.compressed else 1
    paces = len({level for n in nodes for level in n.levels})
    return comb(len(nodes), work.wanted) * paces * len(waits(work, quickest(work, nodes))) * forms


def enumerated(work: Work, nodes: Sequence[NodeState]) -> list[Point]:
    """Every option that is done in time; the quickest where none is."""
    paces = sorted({level for n in nodes for level in n.levels})
    forms = (False, True) if work.compressed else (False,)
    points = [
        evaluated(work, nodes, Option(crew, pace, wait, form))
        for crew in combinations(range(len(nodes)), work.wanted)
        for pace in paces
        for wait in waits(work, quickest(work, nodes))
        for form in forms
    ]
    return in_time(work, points)


def evaluated(work: Work, nodes: Sequence[NodeState], option: Option) -> Point:
    """What an option comes to."""
    crew = [nodes[i] for i in option.crew]
    rounds = paced(work, crew, option.pace, option.compressed)
    return Point(option, totals(work, placed(work, crew, rounds, option.wait), option.wait))


def late(work: Work, point: Point) -> float:
    """Seconds by which it misses the latest end; not above 0 where it does not."""
    return work.at + point.total.seconds - work.latest_end


def front(points: Sequence[Point]) -> list[Point]:
    """The points that none beats, by time; of equals the first."""
    best: list[Point] = []
    for p in sorted(points, key=lambda p: (p.objectives[2], p.objectives[1], p.objectives[0])):
        if not any(_covers(b.objectives, p.objectives) for b in best):
            best.append(p)
    return best


def knee(points: Sequence[Point]) -> Point:
    """The point nearest to the best of everything, each objective scaled to its range on the front; of equals the quickest."""
    values = np.array([p.objectives for p in points])
    low, high = values.min(axis=0), values.max(axis=0)
    scaled = (values - low) / np.where(high > low, high - low, 1.0)
    return points[int(np.argmin((scaled**2).sum(axis=1)))]


def _neighbours(work: Work, count: int, option: Option, most_waits: int) -> Iterator[Option]:
    """Options that differ in one thing."""
    yield from (replace(option, pace=p) for p in (option.pace - 1, option.pace + 1) if 0 <= p <= FULL)
    yield from (replace(option, wait=w) for w in (option.wait - 1, option.wait + 1) if 0 <= w < most_waits)
    if work.compressed is not None:
        yield replace(option, compressed=not option.compressed)
    for left_out in option.crew:
        for taken in range(count):
            if taken not in option.crew:
                crew = tuple(sorted({*option.crew, taken} - {left_out}))
                yield replace(option, crew=crew)


def polished(work: Work, nodes: Sequence[NodeState], seen: dict[Option, Point]) -> list[Point]:
    """The front of what was seen and of its neighbours; twice, and no more of them than
    `POLISHED` each time."""
    most_waits = len(waits(work, quickest(work, nodes)))
    best = front(in_time(work, list(seen.values())))
    for _ in range(POLISHES):
        each = POLISHED // len(best)
        for point in best:
            fresh = (o for o in _neighbours(work, len(nodes), point.option, most_waits) if o not in seen)
            for option in islice(fresh, each):
                seen[option] = evaluated(work, nodes, option)
        best = front(in_time(work, list(seen.values())))
    return best


def in_time(work: Work, points: Sequence[Point]) -> list[Point]:
    """Those that are done in time; the one that misses it least where none is."""
    return [p for p in points if late(work, p) <= 0] or [min(points, key=lambda p: late(work, p))]


def _covers(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def _carbon(work: Work, node: NodeState) -> int:
    r = frugal(work, node, float("inf"))
    return r.millijoules * min(node.mg_per_kwh) * (PPM - max(node.site_ppm)) // PPM
