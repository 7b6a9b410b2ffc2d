import pytest
from brownie import chain, web3
from escrow_world import (
    ASSIGNED,
    DEPOSIT_WEI,
    TRAINER,
    VALIDATOR,
    assign_job,
    mine_seed,
    node_key,
    open_job,
    refuses,
    status_of,
)
from eth_abi import encode
from eth_utils import keccak

pytestmark = pytest.mark.contracts


def recompute_draw(seed, candidates, weights, barred, count):
    """The draw as anybody can repeat it from public data."""
    weights, won, step = list(weights), [], 0
    while len(won) < count and sum(weights) > 0:
        point = int.from_bytes(keccak(encode(["bytes32", "uint256"], [seed, step])), "big") % sum(weights)
        index = 0
        while point >= weights[index]:
            point -= weights[index]
            index += 1
        if candidates[index] not in barred:
            won.append(candidates[index])
        weights[index] = 0
        step += 1
    return won


def test_assign__trainers_of_the_operator__draws_three_validators_by_lot(world, opened):
    mine_seed()
    seed_block = world.escrow.job(opened)["seedBlock"]
    nodes, weights = world.staking.weights(VALIDATOR, seed_block)
    tx = world.escrow.assign(opened, world.trainers, {"from": world.operator})

    seed = keccak(encode(["bytes32", "bytes32"], [bytes(web3.eth.get_block(seed_block).hash), opened]))
    expected = recompute_draw(seed, list(nodes), weights, set(world.trainers), 3)
    event = tx.events["JobAssigned"]
    assert event["seed"] == "0x" + seed.hex()
    assert list(event["validators"]) == expected == list(world.escrow.validators(opened))
    assert list(event["trainers"]) == list(world.trainers) == list(world.escrow.trainers(opened))
    assert set(expected) <= set(world.validators)
    assert list(world.escrow.validatorKeys(opened)) == [node_key(v).address for v in expected]
    assert status_of(world, opened) == ASSIGNED


def test_assign__any__binds_every_node_once(world, assigned):
    for provider in (*world.trainers, *world.escrow.validators(assigned)):
        assert world.staking.node(provider)["assignedJobs"] == 1


def test_assign__not_the_operator__is_refused(world, opened):
    mine_seed()
    for account in (world.admin, world.customer, world.stranger):
        with refuses("AccessControlUnauthorizedAccount"):
            world.escrow.assign(opened, world.trainers, {"from": account})


def test_assign__before_the_seed_block__is_refused(world, opened):
    with refuses("JobEscrow_SeedNotReady"):
        world.escrow.assign(opened, world.trainers, {"from": world.operator})


def test_assign__twice__is_refused(world, assigned):
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.assign(assigned, world.trainers, {"from": world.operator})


def test_assign__after_the_deadline__is_refused(world):
    job = open_job(world, seconds=40)
    chain.sleep(60)
    mine_seed()
    with refuses("JobEscrow_DeadlinePassed"):
        world.escrow.assign(job, world.trainers, {"from": world.operator})


def test_assign__no_trainer__is_refused(world, opened):
    mine_seed()
    with refuses("JobEscrow_BadTrainerCount"):
        world.escrow.assign(opened, [], {"from": world.operator})


def test_assign__the_same_trainer_twice__is_refused(world, opened):
    mine_seed()
    with refuses("JobEscrow_NamedTwice"):
        world.escrow.assign(opened, [world.trainers[0]] * 2, {"from": world.operator})


def test_assign__a_stranger_or_a_validator_as_trainer__is_refused(world, opened):
    mine_seed()
    for account in (world.stranger, world.validators[0]):
        with refuses("JobEscrow_TrainerUnavailable"):
            world.escrow.assign(opened, [account], {"from": world.operator})


def test_assign__a_leaving_trainer__is_refused(world, opened):
    mine_seed()
    world.staking.requestExit({"from": world.trainers[0]})
    with refuses("JobEscrow_TrainerUnavailable"):
        world.escrow.assign(opened, world.trainers, {"from": world.operator})


def test_assign__two_validators_left__draws_both(world, opened):
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    mine_seed()
    world.escrow.assign(opened, world.trainers, {"from": world.operator})
    assert set(world.escrow.validators(opened)) == set(world.validators[2:])


def test_assign__one_validator_left__is_refused(world, opened):
    for validator in world.validators[:3]:
        world.staking.requestExit({"from": validator})
    mine_seed()
    with refuses("JobEscrow_NotEnoughValidators"):
        world.escrow.assign(opened, world.trainers, {"from": world.operator})


def test_assign__a_stake_made_after_the_seed_was_known__takes_no_part(world, opened):
    mine_seed()
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    latecomer = world.stranger
    key = node_key(latecomer.address).address
    world.staking.register("latecomer", key, VALIDATOR, {"from": latecomer, "value": 1000 * DEPOSIT_WEI})
    world.escrow.assign(opened, world.trainers, {"from": world.operator})
    assert set(world.escrow.validators(opened)) == set(world.validators[2:])


def test_assign__customer_is_a_validator__does_not_judge_its_own_job(world):
    key = node_key(world.customer.address).address
    world.staking.register("customer", key, VALIDATOR, {"from": world.customer, "value": 1000 * DEPOSIT_WEI})
    job = assign_job(world)
    assert world.customer not in world.escrow.validators(job)


def test_assign__trainers_that_could_validate__do_not_validate_their_own_job(world):
    both = world.stranger
    key = node_key(both.address).address
    roles = TRAINER | VALIDATOR
    world.staking.register("both", key, roles, {"from": both, "value": 1000 * DEPOSIT_WEI})
    job = assign_job(world, trainers=[both])
    assert both not in world.escrow.validators(job)
    assert len(world.escrow.validators(job)) == 3
