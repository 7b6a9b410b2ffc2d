import pytest
from escrow_world import FEE_WEI, assign_job, books_balance, bound, open_job, refuses
from verdicts import fail_job, pool_wei, settle_job

pytestmark = pytest.mark.contracts


@pytest.fixture
def trainer(world, assigned):
    """A trainer that is owed the whole pay of a job."""
    settle_job(world, assigned, amounts=[pool_wei(), 0, 0])
    return world.trainers[0]


def withdraw(world, account):
    return world.escrow.withdraw({"from": account})


def test_withdraw__the_caller_has_no_credit__is_refused(world, trainer):
    for account in (world.trainers[1], world.operator, world.admin, world.customer, world.stranger):
        with refuses("JobEscrow_NothingToWithdraw", account):
            withdraw(world, account)


def test_withdraw__the_credit_was_withdrawn__is_refused(world, trainer):
    withdraw(world, trainer)
    with refuses("JobEscrow_NothingToWithdraw", trainer):
        withdraw(world, trainer)
    assert world.token.balanceOf(trainer) == pool_wei()


def test_withdraw__the_escrow_is_paused__pays_the_caller_in_full(world, trainer):
    world.escrow.pause({"from": world.admin})
    withdraw(world, trainer)
    assert world.token.balanceOf(trainer) == pool_wei()


def test_withdraw__the_caller_has_credit__pays_the_caller_in_full(world, trainer):
    withdraw(world, trainer)
    assert world.token.balanceOf(trainer) == pool_wei()
    assert world.escrow.credit(trainer) == 0
    assert world.escrow.totalCredits() == FEE_WEI - pool_wei()
    assert books_balance(world)


def test_withdraw__the_caller_has_credit__tells_the_payment_in_its_event(world, trainer):
    event = withdraw(world, trainer).events["Withdrawn"]
    assert (event["account"], event["amount"]) == (trainer, pool_wei())


def test_withdraw__the_credit_comes_from_several_jobs__pays_the_sum(world, trainer):
    settle_job(world, assign_job(world, "second"), amounts=[1, pool_wei() - 1, 0])
    withdraw(world, trainer)
    assert world.token.balanceOf(trainer) == pool_wei() + 1


def test_withdraw__another_job_is_open__leaves_its_fee_where_it_is(world, trainer):
    open_job(world, "open")
    withdraw(world, trainer)
    withdraw(world, world.treasury)
    assert world.token.balanceOf(world.escrow) == world.escrow.openFees() == FEE_WEI


def test_withdraw__the_caller_works_on_another_job__leaves_the_caller_bound(world, trainer):
    assign_job(world, "running")
    withdraw(world, trainer)
    assert bound(world, [trainer]) == [1]


def test_withdraw__everybody_withdraws__leaves_the_escrow_empty(world, trainer):
    fail_job(world, assign_job(world, "second"))
    settle_job(world, assign_job(world, "third"))
    for account in (*world.trainers, world.treasury, world.customer):
        withdraw(world, account)
    assert world.token.balanceOf(world.escrow) == world.escrow.totalCredits() == 0
