"""How hard each trainer was decided to work reaches its task, and the round waits for as long as that takes."""

from dataclasses import replace

import pytest

from backend.adapters.memory import MemoryTickets
from backend.domain.decision import Counterfactual, Decision, TrainerChoice
from backend.domain.ticket import Status
from fl_nodes.protocol.power import FULL
from fl_nodes.protocol.tasks import TaskKind
from tests.unit.dispatch.test_job_loop import TRAINERS, World, make_world

pytestmark = pytest.mark.unit


def decided(world: World, levels: dict[str, int]) -> None:
    """The job as if its trainers had been chosen with these levels."""
    choices = tuple(
        TrainerChoice(t, level, "cpufreq", "", 1, "", 0, 1, 1, 1, {}, "", 1, 1) for t, level in levels.items()
    )
    decision = Decision("weighted", 1, 1, 1, choices, Counterfactual(), 2, 4, 9, ("Why.",))
    tickets = MemoryTickets(world.parts.clock)
    tickets.add(replace(world.ticket, decision=decision))
    world.parts = replace(world.parts, tickets=tickets)


def test_run_job__levels_were_decided__each_trainer_is_told_its_own() -> None:
    world = make_world()
    decided(world, {TRAINERS[0]: 0, TRAINERS[1]: 2})
    with world.workers():
        assert world.run().status is Status.SETTLING
    tasks = [world.parts.tasks.get(f"t_1/1/train/{t}") for t in TRAINERS]

    assert all(task is not None and task.kind is TaskKind.TRAIN for task in tasks)
    assert [task.payload["level"] for task in tasks if task] == [0, 2, FULL, FULL]


def test_run_job__a_trainer_at_two_fifths__all_have_two_and_a_half_times_as_long() -> None:
    fast, slow = make_world(), make_world()
    decided(slow, {TRAINERS[0]: 0})
    left = []
    for world in (fast, slow):
        began = world.parts.clock()
        with world.workers():
            world.run()
        task = world.parts.tasks.get(f"t_1/1/train/{TRAINERS[1]}")
        assert task is not None
        left.append(task.deadline - began)

    assert left[0] < 2 * world.parts.patience.ceiling < 2.5 * world.parts.patience.ceiling <= left[1]
