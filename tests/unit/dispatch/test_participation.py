"""Rounds with some of the trainers, and stragglers: who is asked, when a round closes, and what it costs the late."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from backend.dispatch.deadlines import Patience
from backend.dispatch.job import Job, JobEnded
from backend.dispatch.job_loop import run_job
from backend.domain.task import TaskState
from backend.domain.ticket import Status
from fl_nodes.protocol.participation import drawn
from fl_nodes.protocol.tasks import TaskKind
from tests.unit.dispatch.test_job_loop import TRAINERS, World, make_world


def states(world: World, number: int) -> dict[str, TaskState]:
    """What became of a round's training tasks, by trainer."""
    tasks = (world.parts.tasks.get(f"t_1/{number}/train/{t}") for t in TRAINERS)
    return {task.worker: task.state for task in tasks if task is not None}


def hasty(**fields: Any) -> World:
    """A world that has no patience with stragglers from its first round on."""
    world = make_world(**fields)
    world.parts = replace(world.parts, patience=Patience(floor=0.0, ceiling=0.6))
    return world


def test_round__two_of_four_participate__only_those_drawn_are_asked_and_all_in_turn() -> None:
    world = make_world(rounds=4, participants=2)
    with world.workers() as workers:
        after = world.run()
    assert after.status is Status.SETTLING
    for record in after.rounds:
        assert record.asked == drawn(after.spec.seed, record.number, TRAINERS, 2)
        assert set(states(world, record.number)) == set(record.asked)
        assert record.late == ()
    assert Counter(t for r in after.rounds for t in r.asked) == dict.fromkeys(TRAINERS, 2)
    assert workers.kinds.count(TaskKind.TRAIN) == 8


def test_work__asked_in_half_the_rounds__pays_as_much_as_those_asked_in_the_others() -> None:
    world = make_world(rounds=4, participants=2, scheme="accuracy")
    with world.workers():
        after = world.run()
    assert after.verdict is not None
    paid = [int(amount) for amount in after.verdict.amounts_wei]
    assert max(paid) - min(paid) <= 1


def test_round__straggler__is_left_behind_paid_less_and_not_named() -> None:
    world = make_world(rounds=3, scheme="accuracy")
    slow = {("t_1/2/train/0xT3", "0xT3")}
    with world.workers(late=frozenset(task for task, _ in slow)):
        after = world.run()
    assert after.status is Status.SETTLING
    assert [r.late for r in after.rounds] == [(), ("0xT3",), ()]
    assert states(world, 2)["0xT3"] is TaskState.CANCELLED
    assert after.verdict is not None
    assert after.verdict.culprits == ()
    paid = dict(zip(after.verdict.payees, map(int, after.verdict.amounts_wei), strict=True))
    assert 3 * paid["0xT1"] == pytest.approx(paid["0xT3"] * 9 / 2, rel=1e-4)


def test_round__more_asked_than_wanted__closes_without_the_slowest() -> None:
    world = make_world(rounds=1, participants=3, over_selection=0.3)
    world.parts = replace(world.parts, patience=Patience(floor=60.0, ceiling=60.0))
    with world.workers(late=frozenset({"t_1/1/train/0xT2"})):
        started = time.monotonic()
        after = world.run()
    (record,) = after.rounds
    assert record.asked == TRAINERS
    assert record.late == ("0xT2",)
    assert time.monotonic() - started < 30


def test_round__too_few_for_a_close__waits_for_the_ceiling_and_fails_with_a_refund() -> None:
    world = hasty()
    with world.workers(late=frozenset(f"t_1/1/train/{t}" for t in TRAINERS[1:])):
        after = world.run()
    assert after.status is Status.FAILED
    assert after.refusal is not None
    assert after.refusal.code == "job.too_few_updates"


def test_round__everybody_went_away_for_a_moment__is_waited_for() -> None:
    """As after a power cut: a round is not given up because nobody is there at the moment."""
    world = make_world(rounds=1)
    for trainer in TRAINERS:
        world.parts.nodes.gone(trainer, time.time())
    back = world.workers()
    timer = threading.Timer(1.0, back.__enter__)
    timer.start()
    after = world.run()
    back.__exit__()
    assert after.status is Status.SETTLING
    assert after.rounds[0].late == ()


def test_round__dispatcher_died_after_its_close__a_late_commitment_changes_nothing() -> None:
    """What the challenge was drawn from stays what it was: the late one's task was withdrawn, and the close was stored."""
    world = make_world(rounds=1)
    late = frozenset({"t_1/1/train/0xT2"})
    world.parts = replace(world.parts, patience=Patience(floor=0.0, ceiling=0.6))
    with world.workers(late=late, silent=frozenset({"0xV1", "0xV2", "0xV3"})):
        looks = iter([True] * 9)
        with pytest.raises(JobEnded):
            run_job(Job(world.ticket, world.parts, alive=lambda: next(looks, False)))
    assert states(world, 1)["0xT2"] is TaskState.CANCELLED
    assert not world.parts.tasks.answer("t_1/1/train/0xT2", "0xT2", {})
    with world.workers():
        after = world.run()
    assert after.status is Status.SETTLING
    assert after.rounds[0].late == ("0xT2",)
    assert world.parts.tasks.get("t_1/1/train/0xT2~1") is None
