import pytest
from escrow_world import DEPOSIT_WEI, books_balance, refuses

pytestmark = pytest.mark.contracts


def test_top_up__the_caller_never_registered__is_refused(world):
    with refuses("NodeStaking_NotActive", world.stranger):
        world.staking.topUp({"from": world.stranger, "value": 5})


def test_top_up__the_caller_is_leaving__is_refused(world):
    world.staking.requestExit({"from": world.trainers[0]})
    with refuses("NodeStaking_NotActive", world.trainers[0]):
        world.staking.topUp({"from": world.trainers[0], "value": 5})


def test_top_up__nothing_is_sent__is_refused(world):
    with refuses("NodeStaking_DepositTooSmall", 0, 1):
        world.staking.topUp({"from": world.trainers[0]})


def test_top_up__something_is_sent__adds_to_the_deposit(world):
    before = world.staking.totalActive()
    world.staking.topUp({"from": world.trainers[0], "value": 1})
    assert world.staking.node(world.trainers[0])["deposit"] == DEPOSIT_WEI + 1
    assert world.staking.totalActive() == before + 1
    assert books_balance(world)


def test_top_up__something_is_sent__tells_the_new_deposit_in_its_event(world):
    event = world.staking.topUp({"from": world.trainers[0], "value": 5}).events["DepositIncreased"]
    assert event["provider"] == world.trainers[0]
    assert (event["amount"], event["deposit"]) == (5, DEPOSIT_WEI + 5)
