import pytest
from accusations import accuse, contest
from brownie import NodeStaking
from escrow_world import (
    ABSENT,
    ACTIVE,
    DEPOSIT_WEI,
    EXITING,
    NOBODY,
    TRAINER,
    UNBONDING_S,
    books_balance,
    leave,
    next_block_at,
    node_key,
    pass_time,
    refuses,
)
from payees import act, contract_provider
from verdicts import settle_job

pytestmark = pytest.mark.contracts


def withdraw(world, node):
    return world.staking.withdraw({"from": node})


@pytest.fixture
def leaving(world):
    """A trainer that may leave in the next block."""
    world.staking.requestExit({"from": world.trainers[0]})
    next_block_at(world.staking.node(world.trainers[0])["exitAt"])
    return world.trainers[0]


def test_withdraw__the_caller_never_registered__is_refused(world):
    with refuses("NodeStaking_NotExiting", world.stranger):
        withdraw(world, world.stranger)


def test_withdraw__the_caller_is_active__is_refused(world):
    with refuses("NodeStaking_NotExiting", world.trainers[0]):
        withdraw(world, world.trainers[0])


def test_withdraw__the_unbonding_ends_in_a_second__is_refused(world):
    node = world.trainers[0]
    world.staking.requestExit({"from": node})
    exit_at = world.staking.node(node)["exitAt"]
    next_block_at(exit_at - 1)
    with refuses("NodeStaking_StillUnbonding", node, exit_at):
        withdraw(world, node)


def test_withdraw__the_caller_works_on_a_job__is_refused_until_the_job_ends(world, assigned, accounts):
    nodes = [accounts.at(node) for node in (assigned.trainers[1], assigned.validators[0])]
    for node in nodes:
        world.staking.requestExit({"from": node})
    pass_time(UNBONDING_S + 1)
    for node in nodes:
        with refuses("NodeStaking_StillAssigned", node, 1):
            withdraw(world, node)
    settle_job(world, assigned)
    for node in nodes:
        withdraw(world, node)
        assert world.staking.node(node)["state"] == ABSENT


def test_withdraw__the_caller_is_accused__is_refused_until_it_is_acquitted(world, assigned):
    culprit = accuse(world, assigned)
    contest(world, assigned, culprit)
    world.staking.requestExit({"from": culprit})
    pass_time(UNBONDING_S + 1)
    with refuses("NodeStaking_Frozen", culprit):
        withdraw(world, culprit)
    world.escrow.arbitrate(assigned.id, culprit, False, {"from": world.arbiter})
    withdraw(world, culprit)
    assert world.staking.node(culprit)["state"] == ABSENT


def test_withdraw__the_caller_has_left__is_refused(world, leaving):
    withdraw(world, leaving)
    with refuses("NodeStaking_NotExiting", leaving):
        withdraw(world, leaving)
    assert books_balance(world)


def test_withdraw__the_caller_refuses_coins__is_refused_without_losing_the_deposit(world):
    payee = contract_provider(world, TRAINER)
    act(world, payee, world.staking.requestExit)
    payee.refuse(True, {"from": world.stranger})
    pass_time(UNBONDING_S + 1)
    with refuses("NodeStaking_TransferFailed", payee):
        act(world, payee, world.staking.withdraw)
    node = world.staking.node(payee)
    assert (node["state"], node["deposit"]) == (EXITING, DEPOSIT_WEI)
    assert books_balance(world)


def test_withdraw__the_caller_calls_again_from_inside__pays_once(world):
    payee = contract_provider(world, TRAINER)
    act(world, payee, world.staking.requestExit)
    payee.callBack(world.staking, world.staking.withdraw.encode_input(), {"from": world.stranger})
    pass_time(UNBONDING_S + 1)
    act(world, payee, world.staking.withdraw)
    assert (payee.balance(), payee.calledBack()) == (DEPOSIT_WEI, 0)
    assert books_balance(world)


def test_withdraw__no_escrow_was_named_yet__pays_the_whole_deposit(world):
    staking = NodeStaking.deploy(world.admin, DEPOSIT_WEI, UNBONDING_S, {"from": world.admin})
    key = node_key(world.stranger).address
    staking.register("early", key, TRAINER, {"from": world.stranger, "value": DEPOSIT_WEI})
    assert staking.node(world.stranger)["state"] == ACTIVE
    staking.requestExit({"from": world.stranger})
    pass_time(UNBONDING_S + 1)
    staking.withdraw({"from": world.stranger})
    assert staking.balance() == 0


def test_withdraw__the_unbonding_has_ended__pays_the_whole_deposit(world, leaving):
    before = leaving.balance()
    withdraw(world, leaving)
    assert leaving.balance() == before + DEPOSIT_WEI
    assert world.staking.totalUnbonding() == 0
    assert books_balance(world)


def test_withdraw__the_unbonding_has_ended__forgets_the_node_but_its_rating(world):
    node = world.trainers[0]
    leave(world, node)
    record = world.staking.node(node)
    assert (record["name"], record["nodeKey"], record["roles"]) == ("", NOBODY, 0)
    assert (record["deposit"], record["state"], record["exitAt"]) == (0, ABSENT, 0)
    assert record["rating"] == 5_000
    assert world.staking.providerOf(node_key(node).address) == NOBODY


def test_withdraw__the_unbonding_has_ended__tells_the_payment_in_its_event(world, leaving):
    event = withdraw(world, leaving).events["DepositWithdrawn"]
    assert (event["provider"], event["amount"]) == (leaving, DEPOSIT_WEI)
