import pytest
from brownie import chain
from escrow_world import (
    CONTEST_S,
    DEPOSIT_WEI,
    SLASHED,
    assign_job,
    books_balance,
    fail_job,
    node_key,
    ref,
    refuses,
)

pytestmark = pytest.mark.contracts

BANNED = 3


def after_window():
    chain.sleep(CONTEST_S + 1)
    chain.mine()


def test_finalize_slash__one_culprit__splits_the_deposit_among_the_honest(world, assigned):
    culprit, *honest = world.trainers
    fail_job(world, assigned, [culprit])
    after_window()
    tx = world.escrow.finalizeSlash(assigned, {"from": world.stranger})

    assert world.staking.credit(honest[0]) == DEPOSIT_WEI // 2
    assert world.staking.credit(honest[1]) == DEPOSIT_WEI // 2
    assert world.staking.node(culprit)["deposit"] == 0
    assert world.staking.node(culprit)["state"] == BANNED
    assert world.escrow.accusation(assigned, culprit) == SLASHED
    assert list(tx.events["SlashFinalized"]["shares"]) == [DEPOSIT_WEI // 2] * 2
    assert books_balance(world)


def test_finalize_slash__odd_wei__go_to_the_first(world, assigned):
    culprit, *honest = world.trainers
    world.staking.topUp({"from": culprit, "value": 1})
    fail_job(world, assigned, [culprit])
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    assert world.staking.credit(honest[0]) - world.staking.credit(honest[1]) == 1
    assert world.staking.totalSlashedUnclaimed() == DEPOSIT_WEI + 1


def test_finalize_slash__every_trainer_guilty__goes_to_the_treasury(world, assigned):
    fail_job(world, assigned, world.trainers)
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    assert world.staking.credit(world.treasury) == 3 * DEPOSIT_WEI
    assert books_balance(world)


def test_finalize_slash__inside_the_window__is_refused(world, assigned):
    fail_job(world, assigned, [world.trainers[0]])
    with refuses("JobEscrow_WindowOpen"):
        world.escrow.finalizeSlash(assigned, {"from": world.operator})


def test_finalize_slash__twice_or_nothing_to_do__is_refused(world, assigned):
    with refuses("JobEscrow_NothingToFinalize"):
        world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    fail_job(world, assigned, [world.trainers[0]])
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    with refuses("JobEscrow_NothingToFinalize"):
        world.escrow.finalizeSlash(assigned, {"from": world.stranger})


def test_finalize_slash__one_of_two_contested__slashes_the_other_only(world, assigned):
    first, second, honest = world.trainers
    fail_job(world, assigned, [first, second])
    world.escrow.contest(assigned, ref("x"), {"from": first})
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    assert world.staking.node(first)["deposit"] == DEPOSIT_WEI
    assert world.staking.node(second)["deposit"] == 0
    assert world.staking.credit(honest) == DEPOSIT_WEI


def test_finalize_slash__guilty_in_two_jobs__loses_the_deposit_once(world, assigned):
    other = assign_job(world, "other")
    culprit = world.trainers[0]
    fail_job(world, assigned, [culprit])
    fail_job(world, other, [culprit])
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    tx = world.escrow.finalizeSlash(other, {"from": world.stranger})
    assert tx.events["SlashFinalized"]["amount"] == 0
    assert world.staking.totalSlashedUnclaimed() == DEPOSIT_WEI
    assert world.staking.node(culprit)["frozen"] == 0
    assert books_balance(world)


def test_finalize_slash__a_banned_wallet_or_key__never_comes_back(world, assigned):
    culprit = world.trainers[0]
    fail_job(world, assigned, [culprit])
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    for wallet, key in (
        (culprit, node_key("another").address),
        (world.stranger, world.key_of(culprit).address),
    ):
        with refuses("NodeStaking_Banned"):
            world.staking.register("again", key, 1, {"from": wallet, "value": DEPOSIT_WEI})


def test_finalize_slash__shares__can_be_withdrawn_by_their_owner_only(world, assigned):
    culprit, honest, _ = world.trainers
    fail_job(world, assigned, [culprit])
    after_window()
    world.escrow.finalizeSlash(assigned, {"from": world.stranger})
    before = honest.balance()
    world.staking.withdrawCreditFor(honest, {"from": world.stranger})
    assert honest.balance() == before + DEPOSIT_WEI // 2
    with refuses("NodeStaking_NothingToWithdraw"):
        world.staking.withdrawCredit({"from": honest})
    assert books_balance(world)
