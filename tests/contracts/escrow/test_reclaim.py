import pytest
from brownie import chain
from escrow_world import (
    FEE_WEI,
    RECLAIMED,
    assign_job,
    books_balance,
    drawn,
    open_job,
    refuses,
    settle_job,
    status_of,
)

pytestmark = pytest.mark.contracts


def test_reclaim__the_operator_vanished__returns_everything_at_once(world):
    before = world.token.balanceOf(world.customer)
    job = assign_job(world, seconds=60)
    chain.sleep(61)
    world.escrow.reclaim(job, {"from": world.customer})

    assert status_of(world, job) == RECLAIMED
    assert world.token.balanceOf(world.customer) == before
    assert all(world.staking.node(n)["assignedJobs"] == 0 for n in (*world.trainers, *drawn(world, job)))
    assert books_balance(world)


def test_reclaim__by_anyone__pays_the_customer(world):
    before = world.token.balanceOf(world.customer)
    job = open_job(world, seconds=60)
    chain.sleep(61)
    tx = world.escrow.reclaim(job, {"from": world.stranger})
    assert world.token.balanceOf(world.customer) == before
    assert tx.events["JobReclaimed"]["refund"] == FEE_WEI


def test_reclaim__before_the_deadline__is_refused(world, assigned):
    with refuses("JobEscrow_DeadlineNotReached"):
        world.escrow.reclaim(assigned, {"from": world.customer})


def test_reclaim__after_settlement__is_refused(world):
    job = assign_job(world, seconds=60)
    settle_job(world, job)
    chain.sleep(61)
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.reclaim(job, {"from": world.customer})


def test_reclaim__twice__pays_once(world):
    job = open_job(world, seconds=60)
    chain.sleep(61)
    world.escrow.reclaim(job, {"from": world.customer})
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.reclaim(job, {"from": world.customer})


def test_reclaim__paused_and_a_late_verdict__still_ends_once(world):
    job = assign_job(world, seconds=60)
    chain.sleep(61)
    world.escrow.pause({"from": world.admin})
    world.escrow.reclaim(job, {"from": world.customer})
    with refuses("JobEscrow_WrongStatus"):
        settle_job(world, job)
    assert world.escrow.totalCredits() == 0
