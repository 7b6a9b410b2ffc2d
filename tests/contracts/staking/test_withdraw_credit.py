import pytest
from accusations import close_window, finalize
from escrow_world import DEPOSIT_WEI, TRAINER, ascending, assign_job, books_balance, refuses
from payees import act, contract_provider
from verdicts import fail_job

pytestmark = pytest.mark.contracts

HALF_WEI = DEPOSIT_WEI // 2


def slash(world, trainers, culprit):
    """A job of these trainers fails, and the others share the culprit's deposit."""
    job = assign_job(world, trainers=ascending(trainers))
    fail_job(world, job, [culprit])
    close_window(world, job)
    finalize(world, job)


@pytest.fixture
def honest(world):
    """A trainer that is owed half of a slashed deposit."""
    slash(world, world.trainers, world.trainers[0])
    return world.trainers[1]


@pytest.fixture
def payee(world):
    """A contract that is owed half of a slashed deposit; trainer 1 is owed the other half."""
    payee = contract_provider(world, TRAINER)
    slash(world, [*world.trainers[:2], payee], world.trainers[0])
    return payee


def test_withdraw_credit__the_caller_has_no_credit__is_refused(world, honest):
    for account in (world.trainers[0], world.validators[0], world.operator, world.stranger):
        with refuses("NodeStaking_NothingToWithdraw", account):
            world.staking.withdrawCredit({"from": account})


def test_withdraw_credit__the_credit_was_withdrawn__is_refused(world, honest):
    world.staking.withdrawCredit({"from": honest})
    with refuses("NodeStaking_NothingToWithdraw", honest):
        world.staking.withdrawCredit({"from": honest})
    with refuses("NodeStaking_NothingToWithdraw", honest):
        world.staking.withdrawCreditFor(honest, {"from": world.stranger})
    assert books_balance(world)


def test_withdraw_credit__the_account_refuses_coins__is_refused_without_losing_the_credit(world, payee):
    payee.refuse(True, {"from": world.stranger})
    with refuses("NodeStaking_TransferFailed", payee):
        world.staking.withdrawCreditFor(payee, {"from": world.stranger})
    assert world.staking.credit(payee) == HALF_WEI
    payee.refuse(False, {"from": world.stranger})
    world.staking.withdrawCreditFor(payee, {"from": world.stranger})
    assert payee.balance() == HALF_WEI


def test_withdraw_credit__the_account_refuses_coins__blocks_nobody_else(world, payee):
    payee.refuse(True, {"from": world.stranger})
    other = world.trainers[1]
    before = other.balance()
    world.staking.withdrawCredit({"from": other})
    assert other.balance() == before + HALF_WEI
    assert books_balance(world)


def test_withdraw_credit__the_account_calls_again_from_inside__pays_once(world, payee):
    again = world.staking.withdrawCredit.encode_input()
    payee.callBack(world.staking, again, {"from": world.stranger})
    act(world, payee, world.staking.withdrawCredit)
    assert (payee.balance(), payee.calledBack()) == (HALF_WEI, 0)
    assert world.staking.totalSlashedUnclaimed() == HALF_WEI
    assert books_balance(world)


def test_withdraw_credit__the_caller_has_credit__pays_the_caller_in_full(world, honest):
    before = honest.balance()
    world.staking.withdrawCredit({"from": honest})
    assert honest.balance() == before + HALF_WEI
    assert (world.staking.credit(honest), world.staking.totalSlashedUnclaimed()) == (0, HALF_WEI)
    assert books_balance(world)


def test_withdraw_credit__the_caller_has_credit__tells_the_payment_in_its_event(world, honest):
    event = world.staking.withdrawCredit({"from": honest}).events["CreditWithdrawn"]
    assert (event["account"], event["amount"]) == (honest, HALF_WEI)


def test_withdraw_credit__a_stranger_calls__pays_the_account_and_not_the_stranger(world, honest):
    before, strangers = honest.balance(), world.stranger.balance()
    world.staking.withdrawCreditFor(honest, {"from": world.stranger})
    assert (honest.balance(), world.stranger.balance()) == (before + HALF_WEI, strangers)
