from dataclasses import replace

import pytest
from endings import (
    cancelled,
    cancelled_while_drawing,
    end,
    failed,
    reclaimed,
    reclaimed_when_open,
    reclaimed_while_drawing,
    settled,
    settled_by_root,
)
from escrow_world import (
    ABSENT,
    ASSIGNED,
    DRAWING,
    NONE,
    OPEN,
    ZERO_WORD,
    Job,
    assign_job,
    bound,
    choose_trainers,
    draw,
    hexed,
    leave,
    mine_seed,
    ref,
    refuses,
)

pytestmark = pytest.mark.contracts

WITHOUT_NAMES = [cancelled_while_drawing, reclaimed_while_drawing, reclaimed, settled_by_root]


def release(world, job):
    return world.escrow.release(job.id, job.trainers, job.crew, {"from": world.stranger})


def test_release__the_job_has_not_ended__is_refused(world, opened):
    for job, status in ((Job(ref("never"), ()), NONE), (Job(opened, ()), OPEN)):
        with refuses("JobEscrow_WrongStatus", job.id, status):
            release(world, job)
    job = choose_trainers(world, opened)
    with refuses("JobEscrow_WrongStatus", opened, DRAWING):
        release(world, job)
    mine_seed()
    job = draw(world, job)
    with refuses("JobEscrow_WrongStatus", opened, ASSIGNED):
        release(world, job)
    assert bound(world, job.nodes) == [1] * 6


@pytest.mark.parametrize("ending", [settled, failed, cancelled, reclaimed_when_open])
def test_release__the_job_ended_without_binding_anybody_any_more__is_refused(world, ending):
    job, _ = end(world, ending)
    assert bound(world, job.nodes) == [0] * len(job.nodes)
    with refuses("JobEscrow_AlreadyReleased", job.id):
        release(world, job)


@pytest.mark.parametrize("ending", WITHOUT_NAMES)
def test_release__the_names_are_the_ones_bound__frees_every_node_once(world, ending):
    job, _ = end(world, ending)
    assert bound(world, job.nodes) == [1] * len(job.nodes)
    tx = release(world, job)
    assert bound(world, job.nodes) == [0] * len(job.nodes)
    record = world.escrow.job(job.id)
    assert (record["released"], record["commitment"]) == (True, hexed(ZERO_WORD))
    assert tx.events["JobReleased"]["jobId"] == hexed(job.id)


@pytest.mark.parametrize("ending", WITHOUT_NAMES)
def test_release__the_names_are_the_ones_bound__lets_the_nodes_leave(world, ending):
    job, _ = end(world, ending)
    release(world, job)
    leave(world, job.trainers[0])
    assert world.staking.node(job.trainers[0])["state"] == ABSENT


@pytest.mark.parametrize("ending", WITHOUT_NAMES)
def test_release__the_names_are_others__is_refused(world, ending):
    job, _ = end(world, ending)
    others = [
        replace(job, trainers=job.trainers[:2]),
        replace(job, trainers=job.trainers[::-1]),
        replace(job, validators=(*job.validators, str(world.stranger))),
        replace(job, keys=(*job.keys, str(world.stranger))),
    ]
    if job.validators:
        others.append(replace(job, validators=(), keys=()))
    for other in others:
        with refuses("JobEscrow_WrongCrew", job.id):
            release(world, other)
    assert bound(world, job.nodes) == [1] * len(job.nodes)


@pytest.mark.parametrize("ending", WITHOUT_NAMES)
def test_release__it_was_released_before__is_refused(world, ending):
    job, _ = end(world, ending)
    release(world, job)
    with refuses("JobEscrow_AlreadyReleased", job.id):
        release(world, job)


def test_release__a_node_works_on_another_job_too__leaves_the_node_bound_by_that_one(world):
    other = assign_job(world, "other")
    job, _ = end(world, cancelled_while_drawing)
    assert bound(world, job.trainers) == [2, 2, 2]
    release(world, job)
    assert bound(world, other.nodes) == [1] * 6
