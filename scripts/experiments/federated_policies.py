"""Ways to choose who trains a round and when rounds run, and what that emits. None of them looks at the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from backend.energy.federated_selection import Slots, carbon_weight, eased, jain, planned, rounds_due
from scripts.experiments.federated_world import JOULES_PER_KWH, OPERATOR_JOULES, Grids, Nodes, Zone

Array = npt.NDArray[np.float64]
AHEAD_HOURS = 24


@dataclass(frozen=True)
class Plan:
    """A job: how many rounds of how many nodes, within how many hours, how many rounds an hour holds."""

    rounds: int = 96
    wanted: int = 10
    deadline_hours: int = 168
    per_hour: int = 6


@dataclass(frozen=True)
class Scene:
    """Where and when a job runs: its nodes, and by zone and hour what grids emit and were expected to (gCO2e per kWh)."""

    plan: Plan
    nodes: Nodes
    first_hour: int
    really: Array
    expected: Array
    foreseen: Array

    @classmethod
    def of(cls, plan: Plan, nodes: Nodes, grids: Grids, zones: tuple[Zone, ...], start: int) -> Scene:
        """The job begins at hour `start` of the grids' series."""
        hours = plan.deadline_hours
        return cls(
            plan,
            nodes,
            start,
            grids.really(zones, start, hours),
            grids.expected(zones, start, hours),
            grids.foreseen(zones, start, hours),
        )

    def there(self, hour: int, ahead: int) -> npt.NDArray[np.bool_]:
        """(hours, nodes): who is there in the `ahead` hours from the job's `hour`-th on."""
        return self.nodes.available(self.first_hour + hour + np.arange(ahead))


class Policy(Protocol):
    """Chooses the rounds of an hour."""

    def rounds(self, scene: Scene, hour: int, turns: npt.NDArray[Any], left: int) -> list[npt.NDArray[Any]]:
        """Who trains each of the rounds that run in the job's `hour`-th hour, given turns so far and rounds left."""


@dataclass
class AtRandom:
    """Any available node alike, at once."""

    random: np.random.Generator

    def rounds(self, scene: Scene, hour: int, turns: npt.NDArray[Any], left: int) -> list[npt.NDArray[Any]]:
        """As many rounds as the hour holds, whatever turns there were."""
        del turns
        there = np.flatnonzero(scene.there(hour, 1)[0])
        count = min(left, scene.plan.per_hour) if len(there) >= scene.plan.wanted else 0
        return [self.random.choice(there, scene.plan.wanted, replace=False) for _ in range(count)]


@dataclass
class FairAndClean:
    """`backend.energy.federated_selection`: as clean as Jain's index of at least `floor` allows (None: as clean as can be; 1: turns
    alike); at once, or when it is cleanest before the deadline; slow nodes together or not; by forecast, or knowing the future.
    """

    floor: float | None
    waits: bool = True
    together: bool = True
    knows: bool = False
    _weight: float | None = None

    def rounds(self, scene: Scene, hour: int, turns: npt.NDArray[Any], left: int) -> list[npt.NDArray[Any]]:
        """Those of a plan for the coming day that belong into this hour."""
        plan, hours_left = scene.plan, scene.plan.deadline_hours - hour
        ahead = min(AHEAD_HOURS, hours_left) if self.waits else 1
        due = rounds_due(left, hours_left, ahead) if self.waits else min(left, plan.per_hour)
        slots = self._slots(scene, hour, ahead)
        found = planned(slots, turns, self._weighted(scene, turns), plan.wanted, due)
        return [one.nodes for one in found if one.hour == 0]

    def _slots(self, scene: Scene, hour: int, ahead: int) -> Slots:
        """Ways to hold a round in the coming hours: (lengths x hours, nodes)."""
        expected = scene.foreseen if self.knows else scene.expected
        g_per_kwh = expected[scene.nodes.zone, hour, :ahead].T
        joules = scene.nodes.expected_joules(self.together)[:, None, :] / JOULES_PER_KWH
        grams = np.where(scene.there(hour, ahead), joules * g_per_kwh, np.inf)
        hours = np.tile(np.arange(ahead), len(joules))
        return Slots(hours, grams.reshape(len(hours), -1), scene.plan.per_hour)

    def _weighted(self, scene: Scene, turns: npt.NDArray[Any]) -> float:
        if self.floor is None:
            return 1e6
        plan, nodes = scene.plan, len(turns)
        if self._weight is None:
            ahead = AHEAD_HOURS if self.waits else max(1, plan.rounds // plan.per_hour)
            day = self._slots(scene, 0, ahead)
            days = plan.deadline_hours / AHEAD_HOURS if self.waits else 1.0
            self._weight = carbon_weight(day, days, nodes, plan.wanted, plan.rounds, self.floor)
        return eased(self._weight, turns, plan.rounds * plan.wanted / nodes, self.floor)


@dataclass(frozen=True)
class Outcome:
    """What a policy chose: crews in the order of rounds, grams emitted by round (nodes and operator), turns by node, hours until
    the last round.
    """

    crews: list[npt.NDArray[Any]]
    grams: Array
    turns: npt.NDArray[Any]
    hours: int

    @property
    def fairness(self) -> float:
        """Jain's index of turns."""
        return jain(self.turns)


def played(scene: Scene, policy: Policy) -> Outcome:
    """Hour by hour to the job's end or its deadline."""
    turns = np.zeros(len(scene.nodes.zone))
    crews: list[npt.NDArray[Any]] = []
    grams: list[float] = []
    hour = 0
    while hour < scene.plan.deadline_hours and len(crews) < scene.plan.rounds:
        g_per_kwh = scene.really[:, hour]
        for crew in policy.rounds(scene, hour, turns, scene.plan.rounds - len(crews)):
            joules = scene.nodes.joules(crew)
            emitted = float((joules * g_per_kwh[scene.nodes.zone[crew]]).sum())
            grams.append((emitted + OPERATOR_JOULES * float(g_per_kwh[0])) / JOULES_PER_KWH)
            turns[crew] += 1
            crews.append(crew)
        hour += 1
    return Outcome(crews, np.array(grams), turns, hour)
