import pytest
from brownie import NodeStaking
from escrow_world import DEPOSIT_WEI, NOBODY, UNBONDING_S, ZERO_WORD, lacks_role, refuses

pytestmark = pytest.mark.contracts


def test_roles__the_staking_was_just_deployed__knows_one_admin_and_its_terms(world):
    staking = world.staking
    people = world.admin, world.operator, world.arbiter, world.treasury, world.customer, world.escrow
    assert [account for account in people if staking.hasRole(ZERO_WORD, account)] == [world.admin]
    assert not any(staking.hasRole(staking.RATER_ROLE(), account) for account in people)
    assert (staking.minDeposit(), staking.unbondingPeriod()) == (DEPOSIT_WEI, UNBONDING_S)


def test_roles__it_is_deployed_without_an_admin__is_refused(world):
    with refuses("NodeStaking_ZeroAddress"):
        NodeStaking.deploy(NOBODY, DEPOSIT_WEI, UNBONDING_S, {"from": world.admin})


def test_roles__anybody_but_the_admin_grants_a_role__is_refused(world):
    for account in (world.operator, world.trainers[0], world.stranger):
        for role in (ZERO_WORD, world.staking.RATER_ROLE()):
            with lacks_role(account, ZERO_WORD):
                world.staking.grantRole(role, account, {"from": account})
