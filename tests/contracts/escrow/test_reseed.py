import pytest
from brownie import chain
from endings import ENDINGS, end
from escrow_world import (
    ASSIGNED,
    DRAWING,
    OPEN,
    SEED_DELAY_BLOCKS,
    SEED_REACH_BLOCKS,
    VALIDATOR,
    choose_trainers,
    draw,
    hexed,
    mine_seed,
    refuses,
    register,
    status_of,
)

pytestmark = pytest.mark.contracts


def reseed(world, job):
    return world.escrow.reseed(job, {"from": world.stranger})


def seed_block_of(world, job):
    return world.escrow.job(job.id)["seedBlock"]


def test_reseed__the_job_does_not_wait_for_a_draw__is_refused(world, opened):
    with refuses("JobEscrow_WrongStatus", opened, OPEN):
        reseed(world, opened)
    job = choose_trainers(world, opened)
    mine_seed()
    draw(world, job)
    chain.mine(SEED_REACH_BLOCKS)
    with refuses("JobEscrow_WrongStatus", opened, ASSIGNED):
        reseed(world, opened)


@pytest.mark.parametrize("ending", ENDINGS)
def test_reseed__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    with refuses("JobEscrow_WrongStatus", job.id, status):
        reseed(world, job.id)


def test_reseed__the_block_of_the_seed_is_not_past__is_refused(world, opened):
    job = choose_trainers(world, opened)
    for _ in range(2):
        with refuses("JobEscrow_SeedNotReady", opened, seed_block_of(world, job)):
            reseed(world, opened)


def test_reseed__the_seed_is_within_reach__is_refused(world, drawing):
    seed_block = seed_block_of(world, drawing)
    chain.mine(seed_block + SEED_REACH_BLOCKS - 1 - chain.height)
    with refuses("JobEscrow_SeedStillGood", drawing.id, seed_block):
        reseed(world, drawing.id)


def test_reseed__the_seed_is_out_of_reach__takes_a_block_that_nobody_can_know_yet(world, drawing):
    chain.mine(seed_block_of(world, drawing) + SEED_REACH_BLOCKS - chain.height)
    tx = reseed(world, drawing.id)
    assert status_of(world, drawing.id) == DRAWING
    assert seed_block_of(world, drawing) == tx.block_number + SEED_DELAY_BLOCKS
    event = tx.events["JobReseeded"]
    assert (event["jobId"], event["seedBlock"]) == (hexed(drawing.id), seed_block_of(world, drawing))
    mine_seed()
    assert len(draw(world, drawing).validators) == 3


def test_reseed__one_validator_had_staked_before_the_seed__lets_newcomers_be_drawn(world, drawing):
    for validator in world.validators[:3]:
        world.staking.requestExit({"from": validator})
    register(world, world.stranger, VALIDATOR)
    reseed(world, drawing.id)
    mine_seed()
    assert set(draw(world, drawing).validators) == {world.validators[3], world.stranger}


def test_reseed__two_validators_had_staked_before_the_seed__is_refused(world, drawing):
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    with refuses("JobEscrow_SeedStillGood", drawing.id, seed_block_of(world, drawing)):
        reseed(world, drawing.id)
