import pytest
from escrow_world import FEE_WEI, refuses

pytestmark = pytest.mark.contracts


def test_withdraw_for__the_account_has_no_credit__is_refused(world):
    with refuses("JobEscrow_NothingToWithdraw", world.customer):
        world.escrow.withdrawFor(world.customer, {"from": world.stranger})


def test_withdraw_for__a_stranger_calls__pays_the_account_and_not_the_stranger(world, opened):
    world.escrow.cancel(opened, {"from": world.operator})
    before = world.token.balanceOf(world.customer)
    world.escrow.withdrawFor(world.customer, {"from": world.stranger})
    assert world.token.balanceOf(world.customer) == before + FEE_WEI
    assert world.token.balanceOf(world.stranger) == 0
