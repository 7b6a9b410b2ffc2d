"""Updates come with their commitments: trainers are asked to reveal only what is still missing."""

from typing import Any

import pytest

from backend.domain.task import Task
from tests.unit.dispatch.test_job_loop import TRAINERS, World, make_world


def reveals(world: World) -> list[Task]:
    """What trainers were asked to reveal."""
    rounds = range(1, world.ticket.spec.rounds + 1)
    found = (world.parts.tasks.get(f"{world.ticket.id}/{n}/reveal/{t}") for n in rounds for t in TRAINERS)
    return [task for task in found if task is not None]


def settle(world: World, **behaviour: Any) -> None:
    with world.workers(**behaviour):
        after = world.run()
    assert after.verdict is not None
    assert after.verdict.outcome == "settle"


def test_round__updates_handed_in_and_no_checkpoint_named__asks_for_no_reveal() -> None:
    world = make_world(segment_steps=64)
    settle(world)
    assert reveals(world) == []


def test_round__checkpoints_named__are_asked_for_without_the_update() -> None:
    world = make_world(segment_steps=2)
    settle(world)
    assert reveals(world)
    assert all(t.payload["update"] is None and t.payload["checkpoints"] for t in reveals(world))


@pytest.mark.parametrize("fault", ["empty_handed", "swapping"])
def test_round__update_not_handed_in_as_committed__is_asked_for_again(fault: str) -> None:
    world = make_world(segment_steps=64)
    settle(world, **{fault: frozenset({"0xT2"})})
    assert {t.worker for t in reveals(world)} == {"0xT2"}
    assert all(t.payload["update"] is not None for t in reveals(world))
