"""Whoever holds the admin's key tries to get at fees and deposits."""

import pytest
from escrow_world import (
    COMMISSION_BPS,
    DEPOSIT_WEI,
    FEE_WEI,
    UNACCUSED,
    UNBONDING_S,
    assign_job,
    books_balance,
    next_block_at,
    open_job,
    pass_time,
    refuses,
)
from verdicts import fail_verdict, judge, pool_wei, settle_job, settle_verdict, sign

pytestmark = pytest.mark.contracts


@pytest.fixture
def admin(world):
    return world.admin


def got_nothing(world):
    thief = world.admin
    owed = world.escrow.credit(thief) + world.staking.credit(thief)
    return world.token.balanceOf(thief) == owed == 0 and books_balance(world)


def test_admin_compromised__it_settles_or_fails_on_its_word_alone__is_refused(world, admin, assigned):
    for verdict in (settle_verdict(assigned), fail_verdict(assigned, world.trainers)):
        with refuses("JobEscrow_QuorumNotReached", 0, 2):
            judge(world, assigned, verdict, [], sender=admin)
        with refuses("Verdicts_UnknownSigner"):
            judge(world, assigned, verdict, sign(world, verdict, [admin]), sender=admin)


def test_admin_compromised__it_makes_itself_operator_and_arbiter__gets_no_fee_and_no_deposit(world, admin):
    by = {"from": admin}
    for role in (world.escrow.OPERATOR_ROLE(), world.escrow.ARBITER_ROLE()):
        world.escrow.grantRole(role, admin, by)
    world.escrow.cancel(open_job(world), by)
    job = assign_job(world, "second")
    with refuses("JobEscrow_NotAccused", job.id, world.trainers[0], UNACCUSED):
        world.escrow.arbitrate(job.id, world.trainers[0], True, by)
    assert world.escrow.credit(world.customer) == world.escrow.totalCredits() == FEE_WEI
    assert got_nothing(world)


def test_admin_compromised__it_raises_the_commission_of_an_open_job__is_refused(world, admin, assigned):
    world.escrow.setCommission(500, {"from": admin})
    assert world.escrow.job(assigned.id)["commissionBps"] == COMMISSION_BPS
    with refuses("JobEscrow_CommissionTooHigh", 501, 500):
        world.escrow.setCommission(501, {"from": admin})
    with refuses("JobEscrow_WrongSum"):
        settle_job(world, assigned, amounts=[FEE_WEI - FEE_WEI * 500 // 10_000, 0, 0])


def test_admin_compromised__it_freezes_or_slashes__is_refused(world, admin):
    victim, by = world.trainers[0], {"from": admin}
    for attempt in (
        lambda: world.staking.freeze([victim], by),
        lambda: world.staking.slash(victim, [admin], by),
        lambda: world.staking.unfreeze(victim, by),
    ):
        with refuses("NodeStaking_NotTheEscrow", admin):
            attempt()


def test_admin_compromised__it_exchanges_the_escrow_of_the_staking__is_refused(world, admin):
    with refuses("NodeStaking_EscrowAlreadySet", world.escrow):
        world.staking.setEscrow(admin, {"from": admin})


def test_admin_compromised__it_mints__leaves_what_the_escrow_holds_alone(world, admin, opened):
    world.token.mint(admin, 10**24, {"from": admin})
    with refuses("ERC20InsufficientAllowance", admin, 0, 1):
        world.token.transferFrom(world.escrow, admin, 1, {"from": admin})
    assert world.token.balanceOf(world.escrow) == world.escrow.openFees() == FEE_WEI


def test_admin_compromised__it_pauses_for_ever__keeps_nobody_from_the_money(world, admin):
    late = open_job(world, "late", seconds=60)
    paid = assign_job(world, "paid")
    before = world.token.balanceOf(world.customer)
    world.escrow.pause({"from": admin})
    settle_job(world, paid, amounts=[pool_wei(), 0, 0])
    world.escrow.withdraw({"from": world.trainers[0]})
    assert world.token.balanceOf(world.trainers[0]) == pool_wei()
    next_block_at(world.escrow.job(late)["deadline"])
    world.escrow.reclaim(late, {"from": world.customer})
    assert world.token.balanceOf(world.customer) == before + FEE_WEI
    world.staking.requestExit({"from": world.trainers[0]})
    pass_time(UNBONDING_S + 1)
    world.staking.withdraw({"from": world.trainers[0]})
    assert world.staking.totalActive() == 6 * DEPOSIT_WEI
