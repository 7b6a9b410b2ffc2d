import pytest
from escrow_world import FEE_WEI, books_balance, fail_job, pool_wei, refuses, settle_job

pytestmark = pytest.mark.contracts


def test_withdraw__a_trainers_pay__arrives_in_full(world, assigned):
    settle_job(world, assigned)
    trainer = world.trainers[0]
    tx = world.escrow.withdraw({"from": trainer})
    assert world.token.balanceOf(trainer) == pool_wei() // 2
    assert tx.events["Withdrawn"]["amount"] == pool_wei() // 2
    assert world.escrow.credit(trainer) == 0
    assert books_balance(world)


def test_withdraw__nothing_there__is_refused(world, assigned):
    settle_job(world, assigned)
    world.escrow.withdraw({"from": world.trainers[0]})
    for account in (world.trainers[0], world.operator, world.stranger):
        with refuses("JobEscrow_NothingToWithdraw"):
            world.escrow.withdraw({"from": account})


def test_withdraw_for__called_by_a_stranger__pays_the_owner(world, assigned):
    before = world.token.balanceOf(world.customer)
    fail_job(world, assigned, [])
    world.escrow.withdrawFor(world.customer, {"from": world.stranger})
    assert world.token.balanceOf(world.customer) == before + FEE_WEI
    assert world.token.balanceOf(world.stranger) == 0


def test_withdraw__everybody__empties_the_escrow(world, assigned):
    settle_job(world, assigned)
    for account in (*world.trainers, world.treasury):
        world.escrow.withdrawFor(account, {"from": world.stranger})
    assert world.token.balanceOf(world.escrow) == 0
