import pytest
from brownie import NodeStaking
from escrow_world import DEPOSIT_WEI, NOBODY, UNBONDING_S, ZERO_WORD, lacks_role, refuses

pytestmark = pytest.mark.contracts


@pytest.fixture
def staking(world):
    """One without an escrow."""
    return NodeStaking.deploy(world.admin, DEPOSIT_WEI, UNBONDING_S, {"from": world.admin})


def test_set_escrow__the_caller_is_not_the_admin__is_refused(world, staking):
    for account in (world.operator, world.arbiter, world.customer, world.stranger):
        with lacks_role(account, ZERO_WORD):
            staking.setEscrow(account, {"from": account})


def test_set_escrow__it_is_nobody__is_refused(world, staking):
    with refuses("NodeStaking_ZeroAddress"):
        staking.setEscrow(NOBODY, {"from": world.admin})


def test_set_escrow__an_escrow_was_named__is_refused(world):
    for again in (world.admin, world.escrow, NOBODY):
        with refuses("NodeStaking_EscrowAlreadySet", world.escrow):
            world.staking.setEscrow(again, {"from": world.admin})
    assert world.staking.escrow() == world.escrow


def test_set_escrow__no_escrow_was_named__is_the_only_one_that_may_freeze_and_slash(world, staking):
    for account in (world.admin, world.stranger):
        with refuses("NodeStaking_NotTheEscrow", account):
            staking.freeze([], {"from": account})
    tx = staking.setEscrow(world.stranger, {"from": world.admin})
    assert tx.events["EscrowSet"]["escrow"] == staking.escrow() == world.stranger
    staking.freeze([], {"from": world.stranger})
    # The escrow gets as far as the question who would benefit.
    with refuses("NodeStaking_NoBeneficiaries", world.trainers[0]):
        staking.slash(world.trainers[0], [], {"from": world.stranger})
    with refuses("NodeStaking_NotTheEscrow", world.admin):
        staking.freeze([], {"from": world.admin})
