import pytest
from brownie import JobEscrow
from escrow_world import (
    COMMISSION_BPS,
    CONTEST_S,
    NOBODY,
    ZERO_WORD,
    choose_trainers,
    lacks_role,
    refuses,
)

pytestmark = pytest.mark.contracts

ADMIN_ROLE = ZERO_WORD


def deploy(world, token=None, staking=None, treasury=None, commission_bps=COMMISSION_BPS):
    return JobEscrow.deploy(
        token or world.token,
        staking or world.staking,
        world.admin,
        world.operator,
        world.arbiter,
        treasury or world.treasury,
        commission_bps,
        CONTEST_S,
        {"from": world.admin},
    )


def test_roles__the_escrow_was_just_deployed__knows_one_admin_and_one_operator_and_one_arbiter(world):
    escrow = world.escrow
    for role, holder in (
        (ADMIN_ROLE, world.admin),
        (escrow.OPERATOR_ROLE(), world.operator),
        (escrow.ARBITER_ROLE(), world.arbiter),
    ):
        people = world.admin, world.operator, world.arbiter, world.treasury, world.customer, world.stranger
        assert [account for account in people if escrow.hasRole(role, account)] == [holder]


def test_roles__the_escrow_was_just_deployed__knows_its_token_and_its_staking_and_its_windows(world):
    escrow = world.escrow
    assert (escrow.token(), escrow.staking(), escrow.treasury()) == (
        world.token,
        world.staking,
        world.treasury,
    )
    assert (escrow.contestWindow(), escrow.ARBITRATION_TIMEOUT()) == (CONTEST_S, 30 * 24 * 3600)
    assert [escrow.quorum(n) for n in (1, 2, 3, 4, 5)] == [1, 2, 2, 3, 3]


def test_roles__it_is_deployed_without_a_token_or_a_staking_or_a_treasury__is_refused(world):
    for missing in ("token", "staking", "treasury"):
        with refuses("JobEscrow_ZeroAddress"):
            deploy(world, **{missing: NOBODY})


def test_roles__it_is_deployed_with_a_commission_above_the_cap__is_refused(world):
    with refuses("JobEscrow_CommissionTooHigh", 501, 500):
        deploy(world, commission_bps=501)


def test_roles__the_admin_grants_a_role__holds_until_it_is_revoked(world, opened):
    role = world.escrow.OPERATOR_ROLE()
    world.escrow.grantRole(role, world.stranger, {"from": world.admin})
    world.escrow.revokeRole(role, world.operator, {"from": world.admin})
    with lacks_role(world.operator, role):
        choose_trainers(world, opened)
    world.escrow.assign(opened, world.trainers, {"from": world.stranger})


def test_roles__anybody_else_grants_a_role__is_refused(world):
    for account in (world.operator, world.arbiter, world.treasury, world.customer, world.stranger):
        for role in (ADMIN_ROLE, world.escrow.OPERATOR_ROLE(), world.escrow.ARBITER_ROLE()):
            with lacks_role(account, ADMIN_ROLE):
                world.escrow.grantRole(role, account, {"from": account})


def test_roles__strangers_send_tokens_unasked__owes_them_to_nobody(world, opened):
    world.token.mint(world.stranger, 5, {"from": world.admin})
    world.token.transfer(world.escrow, 5, {"from": world.stranger})
    assert world.token.balanceOf(world.escrow) == world.escrow.openFees() + 5
    assert world.escrow.totalCredits() == 0
