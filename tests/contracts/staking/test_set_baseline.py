import pytest
from escrow_world import DEPOSIT_WEI, NEWCOMER_BPS, VALIDATOR, lacks_role, leave, refuses, set_baseline

pytestmark = pytest.mark.contracts

ENDS_AND_ODD = [0, 1, 10_000]


def test_set_baseline__the_caller_is_not_a_rater__is_refused(world):
    for account in (world.admin, world.operator, world.validators[0]):
        with lacks_role(account, world.staking.RATER_ROLE()):
            world.staking.setBaseline(world.validators[0], 10_000, {"from": account})


def test_set_baseline__the_baseline_is_above_the_top__is_refused(world):
    with refuses("NodeStaking_BadBaseline", 10_001):
        set_baseline(world, world.validators[0], 10_001)


def test_set_baseline__the_node_never_registered__is_refused(world):
    with refuses("NodeStaking_NotActive", world.customer):
        set_baseline(world, world.customer, 1)


def test_set_baseline__the_node_has_left__is_refused(world):
    leave(world, world.validators[0])
    with refuses("NodeStaking_NotActive", world.validators[0]):
        set_baseline(world, world.validators[0], 1)


@pytest.mark.parametrize("baseline", ENDS_AND_ODD)
def test_set_baseline__the_node_is_there__is_half_of_the_rating(world, baseline):
    set_baseline(world, world.validators[0], baseline)
    assert world.staking.node(world.validators[0])["rating"] == (baseline + NEWCOMER_BPS) // 2
    assert world.staking.node(world.validators[1])["rating"] == NEWCOMER_BPS


@pytest.mark.parametrize("baseline", ENDS_AND_ODD)
def test_set_baseline__the_node_is_there__weighs_so_in_the_draw(world, baseline):
    set_baseline(world, world.validators[0], baseline)
    weights = dict(zip(*world.staking.weights(VALIDATOR, 2**63), strict=True))
    assert weights[world.validators[0]] == DEPOSIT_WEI * ((baseline + NEWCOMER_BPS) // 2)
    assert weights[world.validators[1]] == DEPOSIT_WEI * NEWCOMER_BPS


def test_set_baseline__the_node_is_there__tells_the_baseline_in_its_event(world):
    event = set_baseline(world, world.validators[0], 7_777).events["BaselineChanged"]
    assert (event["provider"], event["baseline"]) == (world.validators[0], 7_777)
