"""The event loop. Each node serves its tasks first come, first served; what it does between them follows from when it fell idle.

A node's life between two tasks is settled when the second one comes: it idles until its time to fall asleep, sleeps, and wakes.
So there is one event a task, and nothing to keep in a heap. Time spent is summed by node, hour and mode; energy and carbon follow
from the sums (`account.py`), as every mode draws constant power and sun, wind and grid are constant within an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backend.energy.simulation.machines import BUSY, IDLE, MODES, WAKING, Machine
from backend.energy.simulation.state import HOUR_S, NEVER, State
from fl_nodes.protocol.power import LEVELS_PPM, PPM

Floats = NDArray[np.float64]


class Dispatcher(Protocol):
    """Says where a task goes. Made for one run; it has that run's state."""

    def new_hour(self, hour: int, /) -> None:
        """Called before the first task of an hour, and never for an hour without tasks."""

    def choose(self, at: float, expected_s: float, /) -> tuple[int, int, float]:
        """For a task that came at `at` and is expected to take `expected_s` at full clock: node, level, and how many seconds
        a sleeping node is left asleep so that more tasks share its waking. A node that is off is booted for it.
        """


@dataclass(frozen=True)
class Tasks:
    """A workload: arrival (seconds from the start, rising), seconds at full clock, and what was expected of them, each of
    shape (tasks,); it lasts `hours`.
    """

    arrivals: Floats
    seconds: Floats
    expected: Floats
    hours: int


@dataclass(frozen=True)
class Run:
    """`spent` is seconds by node, hour and mode, of shape (nodes, hours + 1, MODES): what runs over the end is in the last
    hour. `latencies` (tasks,) is from arrival to end, `starts` (tasks,) when service began, `nodes` (tasks,) where.
    """

    spent: Floats
    latencies: Floats
    starts: Floats
    nodes: NDArray[np.int64]


def run(
    fleet: Sequence[Machine], tasks: Tasks, dispatcher: Dispatcher, state: State, foresight: bool = False
) -> Run:
    """Serve every task. With `foresight` nodes know when their next task comes: they sleep through exactly the gaps that are
    worth it, from their beginning, and are awake when it comes.
    """
    stretch = [PPM / level for level in LEVELS_PPM]
    wakes, worth = [m.wake_s for m in fleet], [m.sleep_pays_s() for m in fleet]
    free, expected_free, sleep_after, sleep_at = (
        state.free, state.expected_free, state.sleep_after, state.sleep_at,
    )  # fmt: skip
    spent, rows, hours, off_from, spend = state.spent, state.rows, state.hours, state.off_from, state.spend
    choose, latencies, starts, nodes = dispatcher.choose, [], [], []
    next_hour = 0.0

    for at, seconds, expected in zip(
        tasks.arrivals.tolist(), tasks.seconds.tolist(), tasks.expected.tolist(), strict=True
    ):
        if at >= next_hour:
            hour = int(at // HOUR_S)
            next_hour = (hour + 1) * HOUR_S
            dispatcher.new_hour(hour)
        node, level, hold = choose(at, expected)
        if off_from[node] != NEVER:
            state.turn_on(node, at)
        start = free[node]
        if at >= start:
            if foresight:
                sleep_at[node] = start if at - start >= worth[node] else NEVER
            if at <= sleep_at[node]:
                spend(node, IDLE, start, at)
                start = at
            else:
                called = at - wakes[node] if foresight else at + hold
                up = max(state.rest(node, called), called)
                start = up + wakes[node]
                spend(node, WAKING, up, start)
        took = seconds * stretch[level]
        end = start + took
        if end < next_hour:
            spent[rows[node] + hour * MODES + BUSY + level] += took
        else:
            spend(node, BUSY + level, start, end)
        free[node] = end
        sleep_at[node] = end + sleep_after[node]
        believed = expected_free[node]
        expected_free[node] = (max(start, believed)) + expected * stretch[level]
        latencies.append(end - at)
        starts.append(start)
        nodes.append(node)

    state.close()
    return Run(
        np.array(spent).reshape(len(fleet), hours + 1, MODES),
        np.array(latencies),
        np.array(starts),
        np.array(nodes, dtype=np.int64),
    )
