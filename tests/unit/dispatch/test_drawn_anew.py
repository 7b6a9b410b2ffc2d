"""The chain draws other validators for a job at work: whom it names now are asked, or the job is refunded with a word."""

from __future__ import annotations

from typing import Any

import pytest

from backend.dispatch.job import Job, JobEnded
from backend.dispatch.job_loop import run_job
from backend.domain.task import Task
from backend.domain.ticket import Assigned, Status
from fl_nodes.protocol.tasks import TaskKind
from tests.unit.dispatch.scripted_workers import ScriptedWorkers
from tests.unit.dispatch.test_job_loop import ESCROW, FEE, KEYS, TRAINERS, VALIDATORS, World, make_world

FIRST, THEN = VALIDATORS[:2], VALIDATORS[1:]
REDRAWN = Assigned(TRAINERS, THEN, "0xredrawn")


class Redrawing(ScriptedWorkers):
    """The chain draws others while a worker does a task."""

    def watch(self, world: World, task: str) -> Redrawing:
        self.world, self.task = world, task
        return self

    def answer(self, task: Task) -> None:
        if self.task in task.id:
            self.world.parts.tickets.advance("t_1", REDRAWN)
        super().answer(task)


def redrawing(world: World, task: str) -> Redrawing:
    return Redrawing(world.parts.tasks, world.parts.objects, KEYS, 31337, ESCROW).watch(world, task)


def run_until_it_ends(world: World) -> Any:
    """As a dispatcher does: again where the job was left."""
    for _ in range(5):
        try:
            run_job(Job(world.parts.tickets.get("t_1"), world.parts))
        except JobEnded:
            continue
        return world.parts.tickets.get("t_1")
    raise AssertionError("the job never ended")


@pytest.mark.parametrize("task", ["1/train/0xT1", "1/reveal/0xT1"])
def test_run_job__others_drawn_before_anybody_judged__they_judge_it_and_it_settles(
    task: str,
) -> None:
    world = make_world(FIRST)
    with redrawing(world, task) as workers:
        after = run_until_it_ends(world)
    assert (after.status, after.validators) == (Status.SETTLING, THEN)
    assert sum(map(int, after.verdict.amounts_wei)) < FEE
    assert {r.validator for number in (1, 2) for r in world.evidence(number).reports} == set(THEN)
    # What trainers did and showed was not asked for again.
    assert workers.kinds.count(TaskKind.TRAIN) == 2 * len(TRAINERS)


@pytest.mark.parametrize(
    "task", ["1/validate/0xV1", "1/aggregate", "2/train/0xT1", "2/validate/0xV1", "verdict-settle"]
)
def test_run_job__others_drawn_when_a_round_was_judged__they_sign_that_the_fee_goes_back(task: str) -> None:
    world = make_world(FIRST)
    with redrawing(world, task):
        after = run_until_it_ends(world)
    assert (after.status, after.refusal.code) == (Status.FAILED, "job.drawn_anew")
    assert (after.verdict.outcome, after.verdict.culprits, len(after.verdict.signatures)) == ("fail", (), 2)


def test_run_job__others_drawn_after_the_verdict_was_signed__they_sign_that_the_fee_goes_back() -> None:
    world = make_world(FIRST)
    with world.workers():
        assert world.run().status is Status.SETTLING
        judged_again = world.parts.tickets.advance("t_1", REDRAWN)
        assert (judged_again.status, judged_again.verdict) == (Status.VERIFYING, None)
        after = run_until_it_ends(world)
    assert (after.status, after.refusal.code) == (Status.FAILED, "job.drawn_anew")
    assert len(after.verdict.signatures) == len(THEN)


@pytest.mark.parametrize("validators", [FIRST, FIRST[::-1]])
def test_run_job__the_same_are_drawn_again__goes_on_as_if_nothing_happened(
    validators: tuple[str, ...],
) -> None:
    world = make_world(FIRST)
    world.parts.tickets.advance("t_1", Assigned(TRAINERS, validators, "0xredrawn"))
    with world.workers():
        after = world.run()
    assert (after.status, after.validators) == (Status.SETTLING, FIRST)
