import pytest
from escrow_world import CANCELLED, FEE_WEI, books_balance, mine_seed, refuses, status_of

pytestmark = pytest.mark.contracts


@pytest.mark.parametrize("who", ["customer", "operator"])
def test_cancel__open_job__credits_the_customer_in_full(world, opened, who):
    world.escrow.cancel(opened, {"from": getattr(world, who)})
    assert status_of(world, opened) == CANCELLED
    assert world.escrow.credit(world.customer) == FEE_WEI
    assert world.escrow.openFees() == 0
    assert books_balance(world)


def test_cancel__anybody_else__is_refused(world, opened):
    for account in (world.stranger, world.admin, world.treasury):
        with refuses("JobEscrow_NotCustomerOrOperator"):
            world.escrow.cancel(opened, {"from": account})


def test_cancel__assigned_job__is_refused(world, assigned):
    for account in (world.customer, world.operator):
        with refuses("JobEscrow_WrongStatus"):
            world.escrow.cancel(assigned, {"from": account})


def test_cancel__twice__credits_once(world, opened):
    world.escrow.cancel(opened, {"from": world.customer})
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.cancel(opened, {"from": world.customer})
    assert world.escrow.totalCredits() == FEE_WEI


def test_cancel__then_assign__is_refused(world, opened):
    world.escrow.cancel(opened, {"from": world.customer})
    mine_seed()
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.assign(opened, world.trainers, {"from": world.operator})
