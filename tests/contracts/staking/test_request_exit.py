import pytest
from escrow_world import DEPOSIT_WEI, EXITING, TRAINER, UNBONDING_S, books_balance, refuses, time_of
from verdicts import pool_wei, settle_job

pytestmark = pytest.mark.contracts


def test_request_exit__the_caller_never_registered__is_refused(world):
    with refuses("NodeStaking_NotActive", world.stranger):
        world.staking.requestExit({"from": world.stranger})


def test_request_exit__the_caller_is_leaving__is_refused(world):
    world.staking.requestExit({"from": world.trainers[0]})
    with refuses("NodeStaking_NotActive", world.trainers[0]):
        world.staking.requestExit({"from": world.trainers[0]})


def test_request_exit__the_caller_is_active__starts_the_clock(world):
    node = world.trainers[0]
    tx = world.staking.requestExit({"from": node})
    exit_at = time_of(tx) + UNBONDING_S
    event = tx.events["ExitRequested"]
    assert (event["provider"], event["exitAt"]) == (node, exit_at)
    assert (world.staking.node(node)["state"], world.staking.node(node)["exitAt"]) == (EXITING, exit_at)


def test_request_exit__the_caller_is_active__takes_no_new_work(world):
    world.staking.requestExit({"from": world.trainers[0]})
    assert not world.staking.isAvailable(world.trainers[0], TRAINER)


def test_request_exit__the_caller_is_active__keeps_the_deposit_in_the_books(world):
    active = world.staking.totalActive()
    world.staking.requestExit({"from": world.trainers[0]})
    assert world.staking.totalActive() == active - DEPOSIT_WEI
    assert world.staking.totalUnbonding() == world.staking.node(world.trainers[0])["deposit"] == DEPOSIT_WEI
    assert books_balance(world)


def test_request_exit__the_caller_works_on_a_job__is_paid_for_it_all_the_same(world, assigned):
    world.staking.requestExit({"from": world.trainers[0]})
    settle_job(world, assigned, amounts=[pool_wei(), 0, 0])
    assert world.escrow.credit(world.trainers[0]) == pool_wei()


def test_request_exit__others_are_active__leaves_every_one_of_them_in_the_list(world):
    active = [*world.trainers, *world.validators]
    # From the front, the middle and the end of the list.
    for gone in (active[0], active[3], active[-1], active[1]):
        world.staking.requestExit({"from": gone})
        active.remove(gone)
        assert set(world.staking.providers()) == set(active)
        assert world.staking.activeCount() == len(active)
