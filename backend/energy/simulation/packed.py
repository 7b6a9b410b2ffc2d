"""Work packed onto as few nodes as hold it; the others sleep, and those not wanted for long are shut down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from backend.energy.simulation.machines import Machine
from backend.energy.simulation.state import HOUR_S, NEVER, State
from fl_nodes.protocol.power import LEVELS_PPM, PPM

Rank = Callable[[int, float], Sequence[tuple[int, int]]]
"""For an hour and a task's expected seconds at full clock: nodes with a level, in the order in which they are to be filled."""
FULL_SHARE = 0.6
"""A node that is expected to be busy for more of the time than this is full: another one is kept ready."""
COMING_UP_S = 2.0
"""How much longer a task rather waits for a node that is up than wake another one for it."""
MEMORY = 0.5
"""How much of what is believed of the rate of arrivals stays each hour."""


@dataclass(frozen=True)
class Rules:
    """`patience_s`: a task joins the first node that is expected to begin with it in so many seconds, else the one that is expected
    to begin first, where waking one counts `COMING_UP_S` more. `watches`: a node falls asleep at once where the arrivals of the
    last hours make a gap likely that is worth sleeping through, and after its break-even time where not; else always after its
    break-even time (at most twice the energy of knowing the gap: Karlin, Manasse, McGeoch, Owicki 1994, "Competitive randomized
    algorithms for nonuniform problems", Algorithmica 11). `sleeps` false: nobody sleeps. `shuts`: nodes not wanted for as long
    as shutting down pays are shut down. `hold_s`: a task that finds its node asleep waits so long, that more share its waking.
    """

    patience_s: float
    watches: bool = True
    sleeps: bool = True
    shuts: bool = True
    hold_s: float = 0.0


class Packed:
    """The first node of the hour's order that is free or expected to be soon, else the one expected to begin first."""

    def __init__(self, state: State, rank: Rank, rules: Rules) -> None:
        self._state, self._rank, self._rules = state, rank, rules
        self._free, self._off = state.free, state.off_from
        self._orders: dict[float, Sequence[tuple[int, int]]] = {}
        self._count, self._work_s, self._rate, self._busy, self._hour = 0, 0.0, 0.0, 0.0, -1
        self._longest_s = 1.0
        self._stretch = [PPM / ppm for ppm in LEVELS_PPM]
        self._wanted_until = [0.0] * len(state.fleet)

    def new_hour(self, hour: int, /) -> None:
        """Say who sleeps when, who is shut down and who is booted, from what the hours before have shown."""
        self._learn(hour)
        self._hour = hour
        state, rules = self._state, self._rules
        for node, machine in enumerate(state.fleet):
            state.sleep_after[node] = self._sleep_after(machine)
        if not rules.shuts or self._rate == 0:
            return
        begin = hour * HOUR_S
        for place, (node, _) in enumerate(self._rank(hour, self._longest_s)):
            if place < 1 + ceil(self._busy / FULL_SHARE - 1):
                self._wanted_until[node] = begin + HOUR_S
                state.turn_on(node, begin)
            elif begin - self._wanted_until[node] >= state.fleet[node].off_pays_s() - HOUR_S:
                state.turn_off(node, begin)

    def choose(self, at: float, expected_s: float, /) -> tuple[int, int, float]:
        """Where to, and at what level."""
        order = self._orders.get(expected_s)
        if order is None:
            order = self._orders[expected_s] = self._rank(self._hour, expected_s)
        node, level = order[0]
        if self._free[node] > at or self._off[node] != NEVER:
            node, level = self._among(order, at)
        self._count += 1
        self._work_s += expected_s * self._stretch[level]
        return node, level, self._rules.hold_s

    def _among(self, order: Sequence[tuple[int, int]], at: float) -> tuple[int, int]:
        best, least, patience_s = order[0], NEVER, self._rules.patience_s
        for place in order:
            delay = self._delay(place[0], at)
            if delay <= patience_s:
                return place
            if delay < least:
                best, least = place, delay
        return best

    def _delay(self, node: int, at: float) -> float:
        """Seconds until a node is expected to begin with a task; more where it would have to come up for it."""
        machine, state = self._state.fleet[node], self._state
        if state.off_from[node] != NEVER:
            return max(0.0, state.off_from[node] - at) + machine.boot_s
        if state.free[node] > at:
            return max(0.0, state.expected_free[node] - at)
        if at <= state.sleep_at[node]:
            return 0.0
        down = state.sleep_at[node] + machine.fall_s
        return max(0.0, down - at) + machine.wake_s + COMING_UP_S

    def _sleep_after(self, machine: Machine) -> float:
        worth = machine.sleep_pays_s()
        if not self._rules.sleeps:
            return NEVER
        return 0.0 if self._rules.watches and 0 < self._rate * worth < 1 else worth

    def _learn(self, hour: int) -> None:
        if self._hour >= 0:
            past = HOUR_S * (hour - self._hour)
            rate, busy = self._count / past, self._work_s / past
            self._rate = rate if self._rate == 0 else MEMORY * self._rate + (1 - MEMORY) * rate
            self._busy = busy if self._busy == 0 else MEMORY * self._busy + (1 - MEMORY) * busy
        self._longest_s = max(self._orders, default=self._longest_s)
        self._count, self._work_s, self._orders = 0, 0.0, {}
