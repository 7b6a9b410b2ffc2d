import pytest
from escrow_world import VALIDATOR, mine_seed, open_job, refuses

pytestmark = pytest.mark.contracts


@pytest.fixture
def rater(world):
    world.staking.grantRole(world.staking.RATER_ROLE(), world.stranger, {"from": world.admin})
    return world.stranger


def test_set_rating__by_the_rater__changes_the_weight_in_the_draw(world, rater):
    nodes, before = world.staking.weights(VALIDATOR, 2**63)
    at = list(nodes).index(world.validators[0])
    tx = world.staking.setRating(world.validators[0], 10_000, {"from": rater})
    _, after = world.staking.weights(VALIDATOR, 2**63)
    assert after[at] == 2 * before[at]
    assert tx.events["RatingChanged"]["rating"] == 10_000


def test_set_rating__zero__is_never_drawn(world, rater):
    world.staking.setRating(world.validators[0], 0, {"from": rater})
    job = open_job(world)
    mine_seed()
    world.escrow.assign(job, world.trainers, {"from": world.operator})
    assert set(world.escrow.validators(job)) == set(world.validators[1:])


def test_set_rating__out_of_range_or_unknown_node__is_refused(world, rater):
    with refuses("NodeStaking_BadRating"):
        world.staking.setRating(world.validators[0], 10_001, {"from": rater})
    with refuses("NodeStaking_NotActive"):
        world.staking.setRating(world.customer, 1, {"from": rater})


def test_set_rating__without_the_role__is_refused(world):
    for account in (world.admin, world.operator, world.validators[0]):
        with refuses("AccessControlUnauthorizedAccount"):
            world.staking.setRating(world.validators[0], 10_000, {"from": account})
