"""Every way in which a job ends, for tests of what can no longer happen to it then."""

from collections.abc import Callable

from escrow_world import (
    CANCELLED,
    FAILED,
    RECLAIMED,
    SETTLED,
    Job,
    World,
    assign_job,
    choose_trainers,
    next_block_at,
    open_job,
    status_of,
)
from payout_tree import PayoutTree, payout_tree
from verdicts import fail_job, halving, judge, payout_verdict, pool_wei, settle_job

MINUTE = 60
NAME = "a job that ends"


def settled(world: World) -> Job:
    job = assign_job(world, NAME)
    settle_job(world, job)
    return job


def failed(world: World) -> Job:
    job = assign_job(world, NAME)
    fail_job(world, job)
    return job


def tree_of(job: Job) -> PayoutTree:
    """The job's trainers share its fee."""
    return payout_tree(list(zip(job.trainers, halving(pool_wei(), len(job.trainers)), strict=True)))


def settled_by_root(world: World) -> Job:
    job = assign_job(world, NAME)
    judge(world, job, payout_verdict(job, tree_of(job)))
    return job


def cancelled(world: World) -> Job:
    job = open_job(world, NAME)
    world.escrow.cancel(job, {"from": world.customer})
    return Job(job, ())


def cancelled_while_drawing(world: World) -> Job:
    job = choose_trainers(world, open_job(world, NAME))
    world.escrow.cancel(job.id, {"from": world.customer})
    return job


def reclaimed_when_open(world: World) -> Job:
    return _reclaimed(world, Job(open_job(world, NAME, seconds=MINUTE), ()))


def reclaimed_while_drawing(world: World) -> Job:
    return _reclaimed(world, choose_trainers(world, open_job(world, NAME, seconds=MINUTE)))


def reclaimed(world: World) -> Job:
    return _reclaimed(world, assign_job(world, NAME, seconds=MINUTE))


def _reclaimed(world: World, job: Job) -> Job:
    next_block_at(world.escrow.job(job.id)["deadline"])
    world.escrow.reclaim(job.id, {"from": world.customer})
    return job


Ending = Callable[[World], Job]

ENDINGS: dict[Ending, int] = {
    settled: SETTLED,
    settled_by_root: SETTLED,
    failed: FAILED,
    cancelled: CANCELLED,
    cancelled_while_drawing: CANCELLED,
    reclaimed_when_open: RECLAIMED,
    reclaimed_while_drawing: RECLAIMED,
    reclaimed: RECLAIMED,
}


def end(world: World, ending: Ending) -> tuple[Job, int]:
    """A job that ended so, and its status."""
    job = ending(world)
    status = ENDINGS[ending]
    assert status_of(world, job.id) == status
    return job, status
