"""The dispatcher's own policies as a simulation's order of nodes: the same objects choose live and here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from backend.energy.scheduling import PPM, NodeState, Policy, Work
from backend.energy.simulation.machines import BUSY, Machine
from fl_nodes.protocol.power import FULL, LEVELS_PPM

MILLI = 1_000
TURNING_S = 7.0
"""Turning on and off counts in what a site covers about as much as this much of being busy."""


@dataclass(frozen=True)
class Ahead:
    """What is expected, by site and hour: watts that the site yields, gCO2e per kWh of its grid."""

    site_w: Sequence[Sequence[float]]
    g_per_kwh: Sequence[Sequence[float]]


class PolicyRank:
    """Asks a policy for a crew of all nodes for one task: the crew's order is the order. `within_s` is how long a task may take
    from its coming to its end; what waking takes of it is left out. `switch_share`: the first node of the hour before stays
    first unless the new one emits less than this share of what it does. `levels` are those that nodes can be set to.
    """

    def __init__(
        self,
        fleet: Sequence[Machine],
        policy: Policy,
        ahead: Ahead,
        within_s: float,
        levels: tuple[int, ...] = tuple(range(len(LEVELS_PPM))),
        switch_share: float = 1.0,
    ) -> None:
        self._fleet, self._policy, self._ahead, self._levels = fleet, policy, ahead, levels
        self._switch_share, self._first, self._hour = switch_share, -1, -1
        self._slack_s = within_s - max(m.wake_s for m in fleet)
        self._names = {m.name: n for n, m in enumerate(fleet)}

    def __call__(self, hour: int, expected_s: float) -> list[tuple[int, int]]:
        """The order for tasks of so many expected seconds."""
        states = [self._node(m, hour, expected_s) for m in self._fleet]
        work = Work(
            len(states),
            1,
            at=hour * 3600.0,
            latest_end=hour * 3600.0 + max(self._slack_s, expected_s),
            seed=hour,
        )
        schedule = self._policy.choose(work, states)
        if schedule is None:
            raise ValueError("A policy must be able to order all nodes.")
        placements = [(self._names[p.node], p.level, p.micrograms) for p in schedule.placements]
        if hour != self._hour:
            grams = {node: micrograms for node, _, micrograms in placements}
            least = placements[0][2]
            if self._first < 0 or least < grams[self._first] * self._switch_share:
                self._first = placements[0][0]
            self._hour = hour
        placements.sort(key=lambda p: p[0] != self._first)
        return [(node, level) for node, level, _ in placements]

    def _node(self, machine: Machine, hour: int, expected_s: float) -> NodeState:
        grid, site = self._ahead.g_per_kwh[machine.site][hour], self._ahead.site_w[machine.site][hour]
        return NodeState(
            node=machine.name,
            seconds=expected_s,
            millijoules=ceil(machine.busy_w * expected_s * MILLI),
            mg_per_kwh=(round(grid * MILLI),),
            site_ppm=(round(PPM * covered(machine, site)),),
            static_ppm=machine.static_ppm,
            levels=self._levels,
        )


def covered(machine: Machine, site_w: float) -> float:
    """The share of what a node draws while awake, working and turning on and off, that its site is expected to cover."""
    draws = ((machine.watts()[BUSY + FULL - 2], 1.0), (machine.turning_w, TURNING_S))
    return sum(min(w, site_w) * s for w, s in draws) / sum(w * s for w, s in draws)


RankMaker = Callable[[Sequence[Machine]], PolicyRank]
