"""A failed job and the one who is named in it."""

from typing import Any

from escrow_world import Job, World, next_block_at, ref
from verdicts import fail_job

SIDE = ref("my side")


def accuse(world: World, job: Job) -> str:
    """The job's first trainer, whom a quorum has just named."""
    fail_job(world, job, job.trainers[:1])
    return job.trainers[0]


def contest(world: World, job: Job, culprit: Any) -> Any:
    return world.escrow.contest(job.id, SIDE, {"from": culprit})


def finalize(world: World, job: Job) -> Any:
    return world.escrow.finalizeSlash(job.id, {"from": world.stranger})


def close_window(world: World, job: Job, seconds_later: int = 0) -> None:
    """The next block is the first in which the window is closed, or so many seconds later."""
    next_block_at(world.escrow.slashReadyAt(job.id) + seconds_later)
