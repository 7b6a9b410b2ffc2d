"""The nodes of a run: what each is doing, until when, and how it spent its time."""

from __future__ import annotations

from collections.abc import Sequence

from backend.energy.simulation.machines import ASLEEP, FALLING, IDLE, MODES, OFF, WAKING, Machine

HOUR_S = 3600.0
NEVER = float("inf")


class State:
    """What a dispatcher sees and sets. `free[n]` is when node n ends its last task or is up (exact: ask only whether it has
    passed), `expected_free[n]` when it was expected to when that task came. `sleep_after[n]`, set by the dispatcher, is how
    many seconds of idling make it fall asleep: what held when it fell idle counts. `off_from[n]` is since when it is off.

    `spent` is seconds by node, hour and mode, flat; what lies beyond the last hour is in the one after it.
    """

    __slots__ = (
        "expected_free",
        "fleet",
        "free",
        "hours",
        "off_from",
        "rows",
        "sleep_after",
        "sleep_at",
        "spent",
    )

    def __init__(self, fleet: Sequence[Machine], hours: int, sleeps: bool) -> None:
        self.fleet, self.hours = fleet, hours
        self.free = [0.0] * len(fleet)
        self.expected_free = [0.0] * len(fleet)
        self.sleep_after = [m.sleep_pays_s() if sleeps else NEVER for m in fleet]
        self.sleep_at = list(self.sleep_after)
        self.off_from = [NEVER] * len(fleet)
        self.rows = [n * (hours + 1) * MODES for n in range(len(fleet))]
        self.spent = [0.0] * (len(fleet) * (hours + 1) * MODES)

    def spend(self, node: int, mode: int, begin: float, end: float) -> None:
        """Time in a mode; over the turn of an hour it is split."""
        if end <= begin:
            return
        spent, place, hours = self.spent, self.rows[node] + mode, self.hours
        first, last = int(begin // HOUR_S), int(end // HOUR_S)
        if first == last:
            spent[place + min(first, hours) * MODES] += end - begin
            return
        for hour in range(first, last + 1):
            part = min(end, (hour + 1) * HOUR_S) - max(begin, hour * HOUR_S)
            spent[place + min(hour, hours) * MODES] += part

    def rest(self, node: int, until: float) -> float:
        """Settle what a node without work did from when it fell idle. Returns when it is down: later than `until` where it is
        still falling asleep then, `NEVER` where it idles.
        """
        idle_from, asleep = self.free[node], self.sleep_at[node]
        if until <= asleep:
            self.spend(node, IDLE, idle_from, until)
            return NEVER
        down = asleep + self.fleet[node].fall_s
        self.spend(node, IDLE, idle_from, asleep)
        self.spend(node, FALLING, asleep, down)
        self.spend(node, ASLEEP, down, until)
        return down

    def turn_off(self, node: int, at: float) -> None:
        """Shut a node down once it has done its work; a sleeping one has to wake for it."""
        if self.off_from[node] != NEVER:
            return
        begin = max(at, self.free[node])
        down = self.rest(node, begin)
        machine = self.fleet[node]
        if down != NEVER:
            begin = max(begin, down)
            self.spend(node, WAKING, begin, begin + machine.wake_s)
            begin += machine.wake_s
        self.spend(node, FALLING, begin, begin + machine.shut_s)
        self.off_from[node] = begin + machine.shut_s

    def turn_on(self, node: int, at: float) -> None:
        """Boot a node that is off."""
        off_from = self.off_from[node]
        if off_from == NEVER:
            return
        begin = max(at, off_from)
        up = begin + self.fleet[node].boot_s
        self.spend(node, OFF, off_from, begin)
        self.spend(node, WAKING, begin, up)
        self.off_from[node] = NEVER
        self.free[node] = self.expected_free[node] = up
        self.sleep_at[node] = up + self.sleep_after[node]

    def close(self) -> None:
        """Settle every node until the end of the last hour."""
        end = self.hours * HOUR_S
        for node, free in enumerate(self.free):
            if self.off_from[node] != NEVER:
                self.spend(node, OFF, self.off_from[node], end)
            elif free < end:
                down = min(end, self.sleep_at[node] + self.fleet[node].fall_s)
                asleep = min(end, self.sleep_at[node])
                self.spend(node, IDLE, free, asleep)
                self.spend(node, FALLING, asleep, down)
                self.spend(node, ASLEEP, down, end)
