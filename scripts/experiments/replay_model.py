"""The source framework's own model, from what its first published version computes: nothing queues, idle is free, wind is
white noise that is drawn again at every look. Kept apart from the product: it exists to show where its figures come from.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

GRID_G_PER_KWH = 400.0
JOULES_PER_KWH = 3_600_000.0
UTILIZATION = 0.85
INT8_SPEED, INT8_POWER = 1.8, 0.6
TASKS, TASKS_PER_HOUR = 1000, 100.0
HYSTERESIS_GHZ = 0.2
SECONDS_BY_KIND: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0.5, (0.5, 0.3, 0.4)),
    (0.3, (0.8,)),
    (0.2, (0.5, 0.3, 0.8, 0.4)),
)
"""Probability of a kind of task, and the service times (seconds at full clock) among which it falls alike. The source's
configuration says 0.5 / 0.8 / 1.2 s (mean 0.73), but the task it hands to a node estimates anew from the model's name:
0.5, 0.3, 0.8 and 0.4 s, mean 0.54. Only the latter gives its table.
"""


@dataclass(frozen=True)
class Node:
    """`base_w` and `max_w` are watts at rest and at full clock, `capacity_w` the watts of the renewable source."""

    name: str
    base_w: float
    max_w: float
    source: str
    capacity_w: float
    min_ghz: float
    max_ghz: float


NODES = (
    Node("solar", 50, 200, "solar", 1000, 0.8, 2.4),
    Node("wind", 45, 180, "wind", 800, 0.6, 2.2),
    Node("hybrid", 60, 250, "solar", 1200, 1.0, 3.0),
    Node("grid", 55, 220, "grid", 0, 1.2, 2.6),
)
WIND = NODES[1]


@dataclass(frozen=True)
class Task:
    """`at` in hours from midnight, `seconds` at full clock without INT8."""

    at: float
    seconds: float
    priority: float


@dataclass(frozen=True)
class Outcome:
    """One run's four columns: kWh, gCO2, mean seconds of execution, percent of energy that was renewable."""

    kwh: float
    grams: float
    latency: float
    renewable: float


Choose = Callable[[Task], tuple[int, float]]
"""A node's place in `NODES` and its clock in GHz."""


def workload(draw: random.Random, tasks: int = TASKS) -> list[Task]:
    """Poisson arrivals, kinds and priorities."""
    at, made = 0.0, []
    for _ in range(tasks):
        at += draw.expovariate(TASKS_PER_HOUR)
        _, seconds = draw.choices(SECONDS_BY_KIND, [p for p, _ in SECONDS_BY_KIND])[0]
        made.append(Task(at, draw.choice(seconds), draw.uniform(0.3, 0.9)))
    return made


def run(tasks: Sequence[Task], choose: Choose, int8: bool, draw: random.Random) -> Outcome:
    """Execute every task on the node and at the clock that `choose` says."""
    joules = grid = seconds = 0.0
    for task in tasks:
        place, ghz = choose(task)
        node = NODES[place]
        r = ghz / node.max_ghz
        time = task.seconds / r / (INT8_SPEED if int8 else 1.0) * draw.uniform(0.95, 1.05)
        watts = power(node, r) * r**2 * (INT8_POWER if int8 else 1.0)
        share = min(1.0, renewable_w(node, task.at, draw) / watts)
        joules += watts * time
        grid += watts * time * (1 - share)
        seconds += time
    kwh = joules / JOULES_PER_KWH
    grid_kwh = grid / JOULES_PER_KWH
    return Outcome(kwh, grid_kwh * GRID_G_PER_KWH, seconds / len(tasks), 100 * (1 - grid / joules))


def power(node: Node, r: float) -> float:
    """Watts before the source's factor r squared."""
    return node.base_w + (node.max_w - node.base_w) * r * UTILIZATION


def renewable_w(node: Node, at: float, draw: random.Random) -> float:
    """Watts of the renewable source, drawn anew at each call."""
    if node.source == "solar":
        hour = at % 24
        if not 6 <= hour <= 18:
            return 0.0
        return max(
            0.0, node.capacity_w * math.sin((hour - 6) * math.pi / 12) * _within(draw.gauss(1, 0.1), 0.7, 1.3)
        )
    if node.source == "wind":
        return node.capacity_w * 0.35 * _within(draw.gauss(1, 0.4), 0.2, 1.5)
    return 0.0


def round_robin() -> Choose:
    """The source's Standard: one after the other, at full clock."""
    turn = -1

    def choose(_: Task) -> tuple[int, float]:
        nonlocal turn
        turn = (turn + 1) % len(NODES)
        return turn, NODES[turn].max_ghz

    return choose


def pinned(node: Node, r: float) -> Choose:
    """Every task to one node."""
    place = NODES.index(node)
    return lambda _: (place, r * node.max_ghz)


def source_score(draw: random.Random) -> Choose:
    """The source's scheduler: 0.4 clock + 0.3 (1 - power / max) + 0.3 renewable + 0.1 load, then its clock rule."""
    ghz = [node.max_ghz for node in NODES]
    done = [0] * len(NODES)

    def choose(task: Task) -> tuple[int, float]:
        most = max(done) + 1
        best, best_score, best_renewable = 0, -math.inf, 0.0
        for place, node in enumerate(NODES):
            r = ghz[place] / node.max_ghz
            watts = power(node, r)
            renewable = min(1.0, renewable_w(node, task.at, draw) / watts)
            score = (
                0.4 * r + 0.3 * (1 - watts / node.max_w) + 0.3 * renewable + 0.1 * (1 - done[place] / most)
            )
            if score > best_score:
                best, best_score, best_renewable = place, score, renewable
        node = NODES[best]
        target = node.min_ghz + (node.max_ghz - node.min_ghz) * (0.7 * best_renewable + 0.3 * task.priority)
        if abs(target - ghz[best]) >= HYSTERESIS_GHZ:
            ghz[best] = min(max(target, node.min_ghz), node.max_ghz)
        done[best] += 1
        return best, ghz[best]

    return choose


def least_energy(latency: float, steps: int = 200) -> tuple[Node, float]:
    """The node and the clock (share of its maximum) of least expected energy among those whose mean latency with INT8 stays
    within `latency` seconds. Energy is convex in time per task, so one node at one clock is the best that the model allows.
    """
    mean = sum(p * sum(seconds) / len(seconds) for p, seconds in SECONDS_BY_KIND)
    found: list[tuple[float, int, float]] = []
    for place, node in enumerate(NODES):
        low = node.min_ghz / node.max_ghz
        clocks = [low + (1 - low) * step / steps for step in range(steps + 1)]
        slowest = mean / INT8_SPEED / latency
        clocks.append(min(1.0, max(low, slowest)))
        found += [(r * power(node, r), place, r) for r in clocks if r >= slowest * (1 - 1e-12)]
    _, place, r = min(found)
    return NODES[place], r


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
