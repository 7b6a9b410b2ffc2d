import pytest
from escrow_world import refuses

pytestmark = pytest.mark.contracts


def test_roles__operator__can_neither_mint_nor_slash_nor_rate_nor_set_fees(world):
    operator, victim = world.operator, world.trainers[0]
    attempts = [
        lambda: world.token.mint(operator, 1, {"from": operator}),
        lambda: world.staking.slash(victim, [operator], {"from": operator}),
        lambda: world.staking.freeze([victim], {"from": operator}),
        lambda: world.staking.unfreeze(victim, {"from": operator}),
        lambda: world.staking.lock([victim], {"from": operator}),
        lambda: world.staking.release([victim], {"from": operator}),
        lambda: world.staking.setRating(victim, 0, {"from": operator}),
        lambda: world.escrow.setCommission(0, {"from": operator}),
        lambda: world.escrow.setTreasury(operator, {"from": operator}),
        lambda: world.escrow.pause({"from": operator}),
        lambda: world.escrow.grantRole(world.escrow.ARBITER_ROLE(), operator, {"from": operator}),
    ]
    for attempt in attempts:
        with refuses("AccessControlUnauthorizedAccount"):
            attempt()


def test_roles__admin__can_not_touch_deposits(world):
    victim, admin = world.trainers[0], world.admin
    with refuses("AccessControlUnauthorizedAccount"):
        world.staking.slash(victim, [admin], {"from": admin})
    with refuses("AccessControlUnauthorizedAccount"):
        world.staking.freeze([victim], {"from": admin})


def test_set_commission__above_the_cap__is_refused(world):
    world.escrow.setCommission(500, {"from": world.admin})
    with refuses("JobEscrow_CommissionTooHigh"):
        world.escrow.setCommission(501, {"from": world.admin})


def test_set_treasury__zero__is_refused(world):
    with refuses("JobEscrow_ZeroAddress"):
        world.escrow.setTreasury("0x" + "00" * 20, {"from": world.admin})
