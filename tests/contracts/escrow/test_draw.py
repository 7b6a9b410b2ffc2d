import pytest
from brownie import chain, web3
from endings import ENDINGS, end
from escrow_world import (
    ASSIGNED,
    DEPOSIT_WEI,
    DRAWING,
    OPEN,
    SEED_REACH_BLOCKS,
    TRAINER,
    VALIDATOR,
    Job,
    ascending,
    assign_job,
    bound,
    choose_trainers,
    draw,
    hexed,
    mine_seed,
    next_block_at,
    node_key,
    open_job,
    refuses,
    register,
    set_baseline,
    status_of,
)
from sortition import recompute_draw, seed_of
from verdicts import fail_job, names_hash

pytestmark = pytest.mark.contracts

HEAVY_WEI = 1000 * DEPOSIT_WEI


def recompute(world, job):
    """Whom the chain's own data says are drawn, and the seed."""
    seed_block = world.escrow.job(job.id)["seedBlock"]
    seed = seed_of(bytes(web3.eth.get_block(seed_block).hash), job.id)
    nodes, weights = world.staking.weights(VALIDATOR, seed_block)
    barred = {*job.trainers, str(world.customer)}
    return recompute_draw(seed, list(map(str, nodes)), list(weights), barred, 3), seed


def test_draw__the_job_has_no_trainers__is_refused(world, opened):
    with refuses("JobEscrow_WrongStatus", opened, OPEN):
        draw(world, Job(opened, ()))


def test_draw__the_job_is_assigned__is_refused(world, assigned):
    with refuses("JobEscrow_WrongStatus", assigned.id, ASSIGNED):
        draw(world, assigned)


@pytest.mark.parametrize("ending", ENDINGS)
def test_draw__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    with refuses("JobEscrow_WrongStatus", job.id, status):
        draw(world, job)


def test_draw__the_deadline_has_come__is_refused(world):
    job = choose_trainers(world, open_job(world, seconds=60))
    deadline = world.escrow.job(job.id)["deadline"]
    mine_seed()
    next_block_at(deadline)
    with refuses("JobEscrow_DeadlinePassed", job.id, deadline):
        draw(world, job)


def test_draw__the_trainers_are_not_the_ones_assigned__is_refused(world, drawing):
    for others in (world.trainers[:2], world.trainers[::-1], [], world.validators[:1]):
        with refuses("JobEscrow_WrongCrew", drawing.id):
            draw(world, Job(drawing.id, tuple(map(str, others))))


def test_draw__the_block_of_the_seed_is_not_past__is_refused(world, opened):
    job = choose_trainers(world, opened)
    seed_block = world.escrow.job(opened)["seedBlock"]
    # Each refusal is mined too: the second one stands in the block of the seed itself.
    for _ in range(2):
        with refuses("JobEscrow_SeedNotReady", opened, seed_block):
            draw(world, job)
    assert chain.height == seed_block
    draw(world, job)


def test_draw__the_seed_is_256_blocks_old__draws_with_it(world, drawing):
    seed_block = world.escrow.job(drawing.id)["seedBlock"]
    chain.mine(seed_block + SEED_REACH_BLOCKS - 1 - chain.height)
    expected, _ = recompute(world, drawing)
    assert list(draw(world, drawing).validators) == expected
    assert chain.height == seed_block + SEED_REACH_BLOCKS


def test_draw__the_seed_is_out_of_reach__is_refused(world, drawing):
    seed_block = world.escrow.job(drawing.id)["seedBlock"]
    chain.mine(seed_block + SEED_REACH_BLOCKS - chain.height)
    with refuses("JobEscrow_SeedExpired", drawing.id, seed_block):
        draw(world, drawing)


def test_draw__one_validator_is_left__is_refused(world, drawing):
    for validator in world.validators[:3]:
        world.staking.requestExit({"from": validator})
    with refuses("JobEscrow_NotEnoughValidators", 1, 2):
        draw(world, drawing)
    assert status_of(world, drawing.id) == DRAWING


def test_draw__two_validators_are_left__draws_both(world, drawing):
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    assert set(draw(world, drawing).validators) == set(world.validators[2:])


def test_draw__a_deposit_grew_in_the_block_of_the_seed__leaves_the_validator_out(world, opened):
    job = choose_trainers(world, opened)
    chain.mine(1)
    tx = world.staking.topUp({"from": world.validators[0], "value": HEAVY_WEI})
    assert tx.block_number == world.escrow.job(opened)["seedBlock"]
    assert set(draw(world, job).validators) == set(world.validators[1:])


def test_draw__a_deposit_grew_in_the_block_before__weighs_the_whole_deposit(world, opened):
    job = choose_trainers(world, opened)
    world.staking.topUp({"from": world.validators[0], "value": HEAVY_WEI})
    mine_seed()
    seed_block = world.escrow.job(opened)["seedBlock"]
    weights = dict(zip(*world.staking.weights(VALIDATOR, seed_block), strict=True))
    assert weights[world.validators[0]] == (DEPOSIT_WEI + HEAVY_WEI) * 5_000
    expected, _ = recompute(world, job)
    assert list(draw(world, job).validators) == expected
    # Of four, the one with the thousandfold deposit arrives last for one seed in a hundred million.
    assert world.validators[0] in expected


def test_draw__a_validator_joined_once_the_seed_was_known__leaves_the_validator_out(world, drawing):
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    register(world, world.stranger, VALIDATOR, HEAVY_WEI)
    assert set(draw(world, drawing).validators) == set(world.validators[2:])


def test_draw__a_validator_is_leaving__leaves_the_validator_out(world, opened):
    world.staking.requestExit({"from": world.validators[3]})
    job = choose_trainers(world, opened)
    mine_seed()
    assert set(draw(world, job).validators) == set(world.validators[:3])


def test_draw__a_validator_is_accused__leaves_the_validator_out(world):
    # It trained in another job, and was named there.
    both = world.spare[0]
    register(world, both, TRAINER | VALIDATOR, HEAVY_WEI)
    fail_job(world, assign_job(world, "earlier", trainers=[both]), [both])
    assert str(both) not in assign_job(world).validators


def test_draw__the_customer_validates__passes_the_customer_over(world):
    register(world, world.customer, VALIDATOR, HEAVY_WEI)
    job = assign_job(world)
    assert str(world.customer) not in job.validators
    assert len(job.validators) == 3


def test_draw__a_trainer_validates_too__passes_the_trainer_over(world):
    for both in world.spare:
        register(world, both, TRAINER | VALIDATOR, HEAVY_WEI)
    trainers = ascending([*world.spare, world.trainers[0]])
    job = assign_job(world, trainers=trainers)
    assert not set(trainers) & set(job.validators)
    assert len(job.validators) == 3


@pytest.mark.parametrize("name", ["one", "two", "three", "four", "five", "six", "seven", "eight"])
def test_draw__validators_enough__draws_the_three_that_anybody_recomputes(world, name):
    for times, validator in enumerate((*world.validators, *world.spare)):
        if validator in world.spare:
            register(world, validator, VALIDATOR)
        world.staking.topUp({"from": validator, "value": 1 + times * DEPOSIT_WEI})
        set_baseline(world, validator, times * 1_666)
    job = choose_trainers(world, open_job(world, name))
    mine_seed()
    expected, seed = recompute(world, job)
    tx = world.escrow.draw(job.id, job.trainers, {"from": world.stranger})
    event = tx.events["JobAssigned"]
    assert list(event["validators"]) == expected
    assert event["seed"] == hexed(seed)


def test_draw__validators_enough__binds_every_node_once(world, drawing):
    job = draw(world, drawing)
    assert bound(world, job.nodes) == [1] * 6
    (left,) = set(map(str, world.validators)) - set(job.validators)
    assert bound(world, [left]) == [0]


def test_draw__validators_enough__commits_to_the_crew(world, drawing):
    job = draw(world, drawing)
    assert status_of(world, job.id) == ASSIGNED
    commitment = world.escrow.job(job.id)["commitment"]
    assert commitment == world.escrow.crewHash(names_hash(job.trainers), job.crew)


def test_draw__validators_enough__tells_the_crew_in_its_event(world, drawing):
    tx = world.escrow.draw(drawing.id, drawing.trainers, {"from": world.stranger})
    event = tx.events["JobAssigned"]
    assert event["jobId"] == hexed(drawing.id)
    assert tuple(event["trainers"]) == drawing.trainers
    assert set(event["validators"]) <= set(world.validators)
    assert list(event["validatorKeys"]) == [node_key(v).address for v in event["validators"]]
