"""Who gets a task where nobody packs: the standard, one pinned node, and the source framework's score."""

from __future__ import annotations

from collections.abc import Sequence

from backend.energy.simulation.state import State
from fl_nodes.protocol.power import FULL, LEVELS_PPM, PPM

UTILIZATION = 0.85
"""The source's score assumes it."""
HYSTERESIS = 0.08
"""Its 0.2 GHz as a share of the mean full clock of its nodes, 2.55 GHz."""
SLOWEST = 0.35
"""The mean of its nodes' lowest clocks as a share of their full ones."""


class RoundRobin:
    """One node after the other, at once, at full clock."""

    def __init__(self, nodes: int) -> None:
        self._nodes, self._turn = nodes, -1

    def new_hour(self, _hour: int, /) -> None:
        """Nothing changes."""

    def choose(self, _at: float, _expected_s: float, /) -> tuple[int, int, float]:
        """The next one."""
        self._turn = (self._turn + 1) % self._nodes
        return self._turn, FULL, 0.0


class Pinned:
    """Every task to one node, at one level."""

    def __init__(self, node: int, level: int) -> None:
        self._choice = (node, level, 0.0)

    def new_hour(self, _hour: int, /) -> None:
        """Nothing changes."""

    def choose(self, _at: float, _expected_s: float, /) -> tuple[int, int, float]:
        """The one."""
        return self._choice


class SourceScore:
    """The source framework's scheduler on machines that queue: 0.4 clock + 0.3 (1 - power / max) + 0.3 renewable + 0.1 load,
    then clock = lowest + (full - lowest) (0.7 renewable + 0.3 priority) with hysteresis, at the level nearest above. It takes
    nodes that are free where there are any. `supply` (sites, hours) is what each site yields, of which it sees the current hour.
    """

    def __init__(self, state: State, supply: Sequence[Sequence[float]], priorities: Sequence[float]) -> None:
        self._fleet, self._supply = state.fleet, [supply[m.site] for m in state.fleet]
        self._priorities = iter(priorities)
        self._clock = [1.0] * len(state.fleet)
        self._done = [0] * len(state.fleet)
        self._now = [0.0] * len(state.fleet)
        self._free = state.free

    def new_hour(self, hour: int, /) -> None:
        """Look at the sites."""
        self._now = [supply[hour] for supply in self._supply]

    def choose(self, at: float, _expected_s: float, /) -> tuple[int, int, float]:
        """The best score."""
        nodes = [n for n, free in enumerate(self._free) if free <= at] or range(len(self._free))
        most = max(self._done) + 1
        best, best_score, best_renewable = -1, -1.0, 0.0
        for n in nodes:
            m, r = self._fleet[n], self._clock[n]
            watts = m.idle_w + (m.busy_w - m.idle_w) * r * UTILIZATION
            renewable = min(1.0, self._now[n] / watts)
            load = 1 - self._done[n] / most
            score = 0.4 * r + 0.3 * (1 - watts / m.busy_w) + 0.3 * renewable + 0.1 * load
            if score > best_score:
                best, best_score, best_renewable = n, score, renewable
        target = SLOWEST + (1 - SLOWEST) * (0.7 * best_renewable + 0.3 * next(self._priorities))
        if abs(target - self._clock[best]) >= HYSTERESIS:
            self._clock[best] = target
        self._done[best] += 1
        return best, level_from(self._clock[best]), 0.0


def level_from(clock: float) -> int:
    """The lowest level that is at least so much of the full clock."""
    return next((x for x, ppm in enumerate(LEVELS_PPM) if ppm >= clock * PPM - 0.5), FULL)
