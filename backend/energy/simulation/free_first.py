"""One queue for all nodes: the next task goes to whoever is free first. With true service times that is first come, first served
by k servers (Kiefer and Wolfowitz 1955, "On the theory of queues with many servers"), which theory knows."""

from __future__ import annotations

from heapq import heapreplace

from backend.energy.simulation.state import State
from fl_nodes.protocol.power import FULL


class FreeFirst:
    """Sees when nodes really are free, so it is for comparing the engine with theory, not a policy to run."""

    def __init__(self, state: State) -> None:
        self._free = state.free
        self._heap = [(free, node) for node, free in enumerate(state.free)]

    def new_hour(self, _hour: int, /) -> None:
        """Nothing changes."""

    def choose(self, _at: float, _expected_s: float, /) -> tuple[int, int, float]:
        """Whoever is free first; what is known of others may be old, and is then brought up to date."""
        heap, free = self._heap, self._free
        while heap[0][0] < free[heap[0][1]]:
            node = heap[0][1]
            heapreplace(heap, (free[node], node))
        return heap[0][1], FULL, 0.0
