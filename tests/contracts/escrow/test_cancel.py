import pytest
from brownie import chain
from endings import ENDINGS, end
from escrow_world import (
    ASSIGNED,
    CANCELLED,
    FEE_WEI,
    NONE,
    books_balance,
    bound,
    next_block_at,
    open_job,
    ref,
    refuses,
    status_of,
)

pytestmark = pytest.mark.contracts


def cancelled_in_full(world, job):
    """The customer is owed the fee, and nobody anything else."""
    owed = world.escrow.credit(world.customer) == world.escrow.totalCredits() == FEE_WEI
    ended = status_of(world, job) == CANCELLED and world.escrow.openFees() == 0
    return owed and ended and books_balance(world)


def test_cancel__the_job_was_never_opened__is_refused(world):
    with refuses("JobEscrow_WrongStatus", ref("never"), NONE):
        world.escrow.cancel(ref("never"), {"from": world.operator})


def test_cancel__the_customer_calls__credits_the_customer_in_full(world, opened):
    tx = world.escrow.cancel(opened, {"from": world.customer})
    assert cancelled_in_full(world, opened)
    event = tx.events["JobCancelled"]
    assert (event["customer"], event["refund"]) == (world.customer, FEE_WEI)


def test_cancel__the_operator_calls__credits_the_customer_in_full(world, opened):
    world.escrow.cancel(opened, {"from": world.operator})
    assert cancelled_in_full(world, opened)


def test_cancel__anybody_else_calls__is_refused(world, opened):
    for account in (world.stranger, world.admin, world.arbiter, world.treasury, world.trainers[0]):
        with refuses("JobEscrow_NotCustomerOrOperator", account):
            world.escrow.cancel(opened, {"from": account})


def test_cancel__the_job_waits_for_its_draw__credits_the_customer_in_full(world, waiting):
    world.escrow.cancel(waiting.id, {"from": world.customer})
    assert cancelled_in_full(world, waiting.id)


def test_cancel__the_job_waits_for_its_draw__keeps_the_trainers_bound_until_they_are_released(world, waiting):
    world.escrow.cancel(waiting.id, {"from": world.customer})
    assert bound(world, waiting.trainers) == [1, 1, 1]
    assert not world.escrow.job(waiting.id)["released"]
    world.escrow.release(waiting.id, waiting.trainers, waiting.crew, {"from": world.stranger})
    assert bound(world, waiting.trainers) == [0, 0, 0]


def test_cancel__the_seed_of_the_draw_can_be_read__is_refused(world, drawing):
    seed_block = world.escrow.job(drawing.id)["seedBlock"]
    chain.mine(seed_block + 1 - chain.height)
    for account in (world.customer, world.operator):
        with refuses("JobEscrow_DrawPending", drawing.id, seed_block):
            world.escrow.cancel(drawing.id, {"from": account})


def test_cancel__the_seed_of_the_draw_has_expired__credits_the_customer_in_full(world, drawing):
    chain.mine(world.escrow.job(drawing.id)["seedBlock"] + 257 - chain.height)
    world.escrow.cancel(drawing.id, {"from": world.customer})
    assert cancelled_in_full(world, drawing.id)


def test_cancel__the_deadline_has_passed__credits_the_customer_in_full(world):
    job = open_job(world, seconds=60)
    next_block_at(world.escrow.job(job)["deadline"] + 1)
    world.escrow.cancel(job, {"from": world.operator})
    assert cancelled_in_full(world, job)


def test_cancel__the_escrow_is_paused__credits_the_customer_in_full(world, opened):
    world.escrow.pause({"from": world.admin})
    world.escrow.cancel(opened, {"from": world.customer})
    assert cancelled_in_full(world, opened)


def test_cancel__the_job_is_assigned__is_refused(world, assigned):
    for account in (world.customer, world.operator):
        with refuses("JobEscrow_WrongStatus", assigned.id, ASSIGNED):
            world.escrow.cancel(assigned.id, {"from": account})


@pytest.mark.parametrize("ending", ENDINGS)
def test_cancel__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    owed = world.escrow.totalCredits()
    for account in (world.customer, world.operator):
        with refuses("JobEscrow_WrongStatus", job.id, status):
            world.escrow.cancel(job.id, {"from": account})
    assert world.escrow.totalCredits() == owed
