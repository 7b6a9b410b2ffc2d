import pytest
from endings import ENDINGS, end
from escrow_world import (
    FEE_WEI,
    NONE,
    RECLAIMED,
    assign_job,
    books_balance,
    bound,
    choose_trainers,
    next_block_at,
    open_job,
    pass_time,
    ref,
    refuses,
    status_of,
)
from verdicts import fail_job, settle_job

pytestmark = pytest.mark.contracts

SECONDS = 60


def reclaim_at_the_deadline(world, job, sender=None):
    next_block_at(world.escrow.job(job)["deadline"])
    return world.escrow.reclaim(job, {"from": sender or world.customer})


def paid_in_full(world, job):
    """The fixture mints 1000 DML: the customer has them all again."""
    whole = world.token.balanceOf(world.customer) == world.token.totalSupply()
    nothing_owed = world.escrow.openFees() == world.escrow.totalCredits() == 0
    return whole and nothing_owed and status_of(world, job) == RECLAIMED and books_balance(world)


def test_reclaim__the_job_was_never_opened__is_refused(world):
    with refuses("JobEscrow_WrongStatus", ref("never"), NONE):
        world.escrow.reclaim(ref("never"), {"from": world.customer})


def test_reclaim__the_deadline_is_a_second_away__is_refused(world):
    job = assign_job(world, seconds=SECONDS)
    deadline = world.escrow.job(job.id)["deadline"]
    next_block_at(deadline - 1)
    with refuses("JobEscrow_DeadlineNotReached", job.id, deadline):
        world.escrow.reclaim(job.id, {"from": world.customer})


@pytest.mark.parametrize("ending", ENDINGS)
def test_reclaim__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    held = world.token.balanceOf(world.escrow)
    pass_time(world.escrow.MAX_DURATION())
    with refuses("JobEscrow_WrongStatus", job.id, status):
        world.escrow.reclaim(job.id, {"from": world.customer})
    assert world.token.balanceOf(world.escrow) == held


def test_reclaim__the_job_is_open__pays_the_customer_in_full_at_once(world):
    job = open_job(world, seconds=SECONDS)
    event = reclaim_at_the_deadline(world, job).events["JobReclaimed"]
    assert paid_in_full(world, job)
    assert (event["customer"], event["refund"]) == (world.customer, FEE_WEI)


def test_reclaim__the_job_waits_for_its_draw__pays_the_customer_in_full_at_once(world):
    job = choose_trainers(world, open_job(world, seconds=SECONDS))
    reclaim_at_the_deadline(world, job.id)
    assert paid_in_full(world, job.id)


def test_reclaim__the_job_waits_for_its_draw__keeps_the_trainers_bound_until_they_are_released(world):
    job = choose_trainers(world, open_job(world, seconds=SECONDS))
    reclaim_at_the_deadline(world, job.id)
    assert bound(world, job.trainers) == [1, 1, 1]
    world.escrow.release(job.id, job.trainers, job.crew, {"from": world.stranger})
    assert bound(world, job.trainers) == [0, 0, 0]


def test_reclaim__the_job_is_assigned__pays_the_customer_in_full_at_once(world):
    job = assign_job(world, seconds=SECONDS)
    reclaim_at_the_deadline(world, job.id)
    assert paid_in_full(world, job.id)


def test_reclaim__the_job_is_assigned__keeps_the_nodes_bound_until_they_are_released(world):
    job = assign_job(world, seconds=SECONDS)
    reclaim_at_the_deadline(world, job.id)
    assert bound(world, job.nodes) == [1] * 6
    world.escrow.release(job.id, job.trainers, job.crew, {"from": world.stranger})
    assert bound(world, job.nodes) == [0] * 6


def test_reclaim__the_job_is_assigned__refuses_a_late_verdict(world):
    job = assign_job(world, seconds=SECONDS)
    reclaim_at_the_deadline(world, job.id)
    for late in (settle_job, fail_job):
        with refuses("JobEscrow_WrongStatus", job.id, RECLAIMED):
            late(world, job)
    assert paid_in_full(world, job.id)


def test_reclaim__the_escrow_is_paused__pays_the_customer_in_full_at_once(world):
    job = assign_job(world, seconds=SECONDS)
    world.escrow.pause({"from": world.admin})
    reclaim_at_the_deadline(world, job.id)
    assert paid_in_full(world, job.id)


def test_reclaim__a_stranger_calls__pays_the_customer_in_full_at_once(world):
    job = open_job(world, seconds=SECONDS)
    reclaim_at_the_deadline(world, job, world.stranger)
    assert paid_in_full(world, job)
