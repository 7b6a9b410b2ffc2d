import pytest
from brownie import chain
from escrow_world import DEPOSIT_WEI, VALIDATOR, mine_seed, node_key, refuses

pytestmark = pytest.mark.contracts


def test_reseed__hash_still_there__is_refused(world, opened):
    mine_seed()
    with refuses("JobEscrow_SeedStillGood"):
        world.escrow.reseed(opened, {"from": world.stranger})


def test_reseed__hash_out_of_reach__lets_the_job_be_assigned(world, opened):
    chain.mine(260)
    with refuses("JobEscrow_SeedExpired"):
        world.escrow.assign(opened, world.trainers, {"from": world.operator})
    world.escrow.reseed(opened, {"from": world.stranger})
    mine_seed()
    world.escrow.assign(opened, world.trainers, {"from": world.operator})


def test_reseed__too_few_had_staked_by_then__lets_newcomers_in(world, opened):
    for validator in world.validators[:3]:
        world.staking.requestExit({"from": validator})
    mine_seed()
    key = node_key(world.stranger.address).address
    world.staking.register("newcomer", key, VALIDATOR, {"from": world.stranger, "value": DEPOSIT_WEI})
    world.escrow.reseed(opened, {"from": world.stranger})
    mine_seed()
    world.escrow.assign(opened, world.trainers, {"from": world.operator})
    assert set(world.escrow.validators(opened)) == {world.validators[3], world.stranger}


def test_reseed__assigned_job__is_refused(world, assigned):
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.reseed(assigned, {"from": world.stranger})
