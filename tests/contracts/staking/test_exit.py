import pytest
from brownie import chain
from escrow_world import (
    DEPOSIT_WEI,
    TRAINER,
    UNBONDING_S,
    assign_job,
    books_balance,
    drawn,
    node_key,
    refuses,
    settle_job,
)

pytestmark = pytest.mark.contracts

NONE, ACTIVE, EXITING = range(3)


def after_unbonding():
    chain.sleep(UNBONDING_S + 1)
    chain.mine()


def test_request_exit__active_node__starts_the_clock_and_stops_new_work(world):
    node = world.trainers[0]
    tx = world.staking.requestExit({"from": node})
    assert world.staking.node(node)["state"] == EXITING
    assert tx.events["ExitRequested"]["exitAt"] == chain[tx.block_number].timestamp + UNBONDING_S
    assert node not in world.staking.providers()
    assert world.staking.totalUnbonding() == DEPOSIT_WEI
    assert books_balance(world)


def test_request_exit__twice_or_never_registered__is_refused(world):
    world.staking.requestExit({"from": world.trainers[0]})
    for account in (world.trainers[0], world.stranger):
        with refuses("NodeStaking_NotActive"):
            world.staking.requestExit({"from": account})


def test_withdraw__after_unbonding__returns_the_whole_deposit(world):
    node = world.trainers[0]
    before = node.balance()
    world.staking.requestExit({"from": node})
    after_unbonding()
    world.staking.withdraw({"from": node})
    assert node.balance() == before + DEPOSIT_WEI
    assert world.staking.node(node)["state"] == NONE
    assert books_balance(world)


def test_withdraw__too_early__is_refused(world):
    world.staking.requestExit({"from": world.trainers[0]})
    with refuses("NodeStaking_StillUnbonding"):
        world.staking.withdraw({"from": world.trainers[0]})


def test_withdraw__without_asking_to_leave__is_refused(world):
    with refuses("NodeStaking_NotExiting"):
        world.staking.withdraw({"from": world.trainers[0]})


def test_withdraw__assigned_to_an_open_job__waits_for_its_end(world):
    job = assign_job(world)
    for node in (world.trainers[0], drawn(world, job)[0]):
        world.staking.requestExit({"from": node})
    after_unbonding()
    for node in (world.trainers[0], drawn(world, job)[0]):
        with refuses("NodeStaking_StillAssigned"):
            world.staking.withdraw({"from": node})
    settle_job(world, job)
    world.staking.withdraw({"from": world.trainers[0]})


def test_withdraw__twice__pays_once(world):
    world.staking.requestExit({"from": world.trainers[0]})
    after_unbonding()
    world.staking.withdraw({"from": world.trainers[0]})
    with refuses("NodeStaking_NotExiting"):
        world.staking.withdraw({"from": world.trainers[0]})
    assert books_balance(world)


def test_register__after_leaving__takes_the_old_rating_along(world):
    node = world.trainers[0]
    world.staking.grantRole(world.staking.RATER_ROLE(), world.admin, {"from": world.admin})
    world.staking.setRating(node, 1_200, {"from": world.admin})
    world.staking.requestExit({"from": node})
    after_unbonding()
    world.staking.withdraw({"from": node})
    fresh = node_key("fresh").address
    world.staking.register("fresh-start", fresh, TRAINER, {"from": node, "value": DEPOSIT_WEI})
    assert world.staking.node(node)["rating"] == 1_200


def test_register__name_and_key_of_a_node_that_left__are_free(world):
    node = world.trainers[0]
    name, key = world.staking.node(node)["name"], world.key_of(node).address
    world.staking.requestExit({"from": node})
    after_unbonding()
    world.staking.withdraw({"from": node})
    world.staking.register(name, key, TRAINER, {"from": world.stranger, "value": DEPOSIT_WEI})
    assert world.staking.providerOf(key) == world.stranger
