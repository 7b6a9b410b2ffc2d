import pytest
from escrow_world import DEPOSIT_WEI, TRAINER, VALIDATOR, assign_job, refuses, register
from verdicts import fail_job

pytestmark = pytest.mark.contracts

START = 5_000
EVER = 2**63


def weights(world, role, staked_before=EVER):
    return dict(zip(*world.staking.weights(role, staked_before), strict=True))


def test_weights__a_node_is_active__weighs_deposit_times_rating_in_its_roles_only(world):
    both = world.spare[0]
    register(world, both, TRAINER | VALIDATOR, 7 * DEPOSIT_WEI)
    one = DEPOSIT_WEI * START
    trainers = {**dict.fromkeys(world.trainers, one), **dict.fromkeys(world.validators, 0), both: 7 * one}
    validators = {**dict.fromkeys(world.trainers, 0), **dict.fromkeys(world.validators, one), both: 7 * one}
    assert weights(world, TRAINER) == trainers
    assert weights(world, VALIDATOR) == validators


def test_weights__a_node_staked_in_the_block_asked_for__weighs_nothing(world):
    tx = world.staking.topUp({"from": world.validators[0], "value": 1})
    assert weights(world, VALIDATOR, tx.block_number)[world.validators[0]] == 0
    assert weights(world, VALIDATOR, tx.block_number)[world.validators[1]] == DEPOSIT_WEI * START


def test_weights__a_node_staked_in_the_block_before__weighs_its_deposit(world):
    tx = world.staking.topUp({"from": world.validators[0], "value": 1})
    assert weights(world, VALIDATOR, tx.block_number + 1)[world.validators[0]] == (DEPOSIT_WEI + 1) * START


def test_weights__a_node_is_frozen__weighs_nothing(world):
    fail_job(world, assign_job(world), [world.trainers[0]])
    assert [weights(world, TRAINER)[t] for t in world.trainers] == [
        0,
        DEPOSIT_WEI * START,
        DEPOSIT_WEI * START,
    ]


def test_weights__a_node_is_leaving__is_absent_from_the_list(world):
    world.staking.requestExit({"from": world.validators[0]})
    assert set(weights(world, VALIDATOR)) == {*world.trainers, *world.validators[1:]}


def test_weights__the_validators_are_counted__is_those_that_weigh_something(world):
    tx = world.staking.topUp({"from": world.validators[0], "value": 1})
    world.staking.requestExit({"from": world.validators[1]})
    assert world.staking.countValidators(tx.block_number) == 2
    assert world.staking.countValidators(tx.block_number + 1) == 3
    assert world.staking.countValidators(0) == 0


def test_weights__nodes_are_asked_to_be_available__names_the_first_that_is_not(world):
    world.staking.requireAvailable(world.trainers, TRAINER)
    world.staking.requireAvailable([], TRAINER)
    assert [world.staking.isAvailable(world.trainers[0], role) for role in (TRAINER, VALIDATOR)] == [
        True,
        False,
    ]
    for missing in (world.validators[0], world.stranger):
        with refuses("NodeStaking_Unavailable", missing, TRAINER):
            world.staking.requireAvailable([world.trainers[0], missing, world.operator], TRAINER)


def test_weights__nobody_is_registered_for_a_role__weighs_nothing_at_all(world):
    for node in world.validators:
        world.staking.requestExit({"from": node})
    assert set(weights(world, VALIDATOR).values()) == {0}
