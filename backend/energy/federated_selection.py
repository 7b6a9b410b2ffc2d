"""Which nodes train a round, and in which hours rounds run, where both emissions and fairness count.

Over a job the sum of

    weight x emissions + 1/2 x sum over nodes of (turns of the node)^2

is made small. With the number of turns given, the second part is what Jain's index falls with (Jain, Chiu and Hawe 1984), so
`weight` alone says how much fairness is given for carbon; this is the drift-plus-penalty of stochastic network optimisation
(Neely 2010) with turns as the queues. A node's price for one more turn is therefore weight x its emissions + its turns: every
turn makes it dearer, and however clean the others are, its time comes.

Rounds of the hours that a forecast covers are planned one by one, each at the hour and on the nodes where it is cheapest;
those planned for now are run, and an hour later it is planned again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fl_nodes.protocol.hashing import derive_seed

Array = npt.NDArray[np.float64]
DOUBLINGS, BISECTIONS = 6, 5


@dataclass(frozen=True)
class Member:
    """A node that could train now: what a round there is expected to emit (µgCO2e), and the rounds it has had so far."""

    node: str
    micrograms: float
    turns: int


def drawn(members: Sequence[Member], wanted: int, weight: float, seed: int) -> tuple[str, ...]:
    """The `wanted` nodes whose turn is cheapest, or all where there are no more; equals by a hash that no node can steer."""

    def price(member: Member) -> tuple[float, int]:
        return weight * member.micrograms + member.turns, derive_seed(seed, member.node)

    return tuple(member.node for member in sorted(members, key=price)[:wanted])


@dataclass(frozen=True)
class PlannedRound:
    """A round in the `hour`-th hour from now, on nodes given by their index."""

    hour: int
    nodes: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Slots:
    """Ways to hold a round: `hours` (ways,) says in which hour from now, `micrograms` (ways, nodes) what the round is expected to
    emit on each node then, infinite where the node is not to be had. An hour may have several ways, which differ in how long the
    round takes (`paced`). `per_hour` rounds fit into an hour.
    """

    hours: npt.NDArray[Any]
    micrograms: Array
    per_hour: int


def paced(watts: Array, seconds: Array, idle_share: float, lengths: Sequence[float]) -> Array:
    """Joules (lengths, nodes) of a round that takes so many seconds: a node trains for `seconds` at `watts`, then waits for the
    others at `idle_share` of them; infinite for a node that takes longer. Slow nodes together keep no fast one waiting.
    """
    length = np.asarray(lengths, np.float64)[:, None]
    joules = watts * (seconds + idle_share * (length - seconds))
    return np.where(seconds <= length, joules, np.inf)


def planned(
    slots: Slots, turns: npt.NDArray[Any], weight: float, wanted: int, rounds: int
) -> list[PlannedRound]:
    """Up to `rounds` rounds of `wanted` nodes, where and when they are cheapest; in the order they were found.

    `turns` (nodes,) are those so far. Where fewer than `wanted` nodes are to be had there is no round. Equals go to the lower
    index.
    """
    nodes = len(turns)
    if wanted > nodes:
        return []
    there = np.isfinite(slots.micrograms)
    price = np.where(there, weight * np.where(there, slots.micrograms, 0.0) + turns, np.inf)
    price += 1e-9 * np.arange(nodes)
    free = np.full(int(slots.hours.max()) + 1, slots.per_hour)
    found: list[PlannedRound] = []
    cheapest = np.argpartition(price, wanted - 1, axis=1)[:, :wanted]
    for _ in range(rounds):
        totals = np.take_along_axis(price, cheapest, axis=1).sum(axis=1)
        way = int(np.argmin(np.where(free[slots.hours] > 0, totals, np.inf)))
        hour = int(slots.hours[way])
        if free[hour] <= 0 or not np.isfinite(totals[way]):
            break
        crew = np.sort(cheapest[way])
        found.append(PlannedRound(hour, crew))
        free[hour] -= 1
        price[:, crew] += 1.0
        dearer = np.zeros(nodes, bool)
        dearer[crew] = True
        changed = dearer[cheapest].any(axis=1)  # elsewhere those who are cheapest stay so
        cheapest[changed] = np.argpartition(price[changed], wanted - 1, axis=1)[:, :wanted]
    return found


def rounds_due(left: int, hours_left: int, ahead: int) -> int:
    """How many of the rounds that are left belong into the `ahead` hours a plan covers: the deadline's share, rounded up."""
    return left if ahead >= hours_left else min(left, -(-left * ahead // hours_left))


def carbon_weight(day: Slots, days: float, nodes: int, wanted: int, rounds: int, floor: float) -> float:
    """The greatest weight with which a job of `rounds` rounds, planned on `days` days like this one, keeps Jain's index at `floor`.

    Found by doubling and bisection: the more carbon counts, the more turns differ. 0 where nothing is known to emit.
    """
    usual = float(np.mean(day.micrograms[np.isfinite(day.micrograms)]))
    if not usual > 0:
        return 0.0
    whole = Slots(day.hours, day.micrograms, max(1, int(day.per_hour * days)))

    def fairness(weight: float) -> float:
        turns = np.zeros(nodes)
        for one in planned(whole, turns, weight, wanted, rounds):
            turns[one.nodes] += 1
        return jain(turns)

    low, high = 0.0, rounds * wanted / nodes / usual
    for _ in range(DOUBLINGS):
        if fairness(high) < floor:
            break
        low, high = high, 2 * high
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if fairness(middle) >= floor else (low, middle)
    return low


def eased(weight: float, turns: npt.NDArray[Any], turns_at_end: float, floor: float) -> float:
    """The weight, lowered where turns differ by more than they may at the end, when each node will have had `turns_at_end`."""
    allowed = turns_at_end * float(np.sqrt(1 / floor - 1))
    spread = float(np.std(turns))
    return weight * allowed / spread if spread > allowed else weight


def jain(turns: npt.ArrayLike) -> float:
    """Jain's index: (sum of turns)^2 / (nodes x sum of squares); 1 where all had as many, and where none had any."""
    counts = np.asarray(turns, np.float64)
    squares = float((counts**2).sum())
    return float(counts.sum()) ** 2 / (len(counts) * squares) if squares > 0 else 1.0
