from itertools import pairwise

import pytest
from escrow_world import (
    DEPOSIT_WEI,
    NOBODY,
    TRAINER,
    VALIDATOR,
    ascending,
    node_key,
    ref,
    register,
    set_baseline,
)
from sortition import recompute_draw

pytestmark = pytest.mark.contracts

EVER = 2**63
SEEDS = [ref(f"seed {i}") for i in range(40)]
ENDS = [bytes(32), b"\xff" * 32]


@pytest.fixture
def crowded(world):
    """Seven validators of unequal weights, one of them a trainer too, and one that is on its way out."""
    for i, validator in enumerate(world.validators):
        world.staking.topUp({"from": validator, "value": 1 + 10**6 * i})
    for i, newcomer in enumerate(world.spare):
        register(world, newcomer, VALIDATOR | (TRAINER if i == 0 else 0), DEPOSIT_WEI * 10**i)
    baselines = (4_000, 9_999, 10_000, 5_000, 7_777, 0, 42)
    for validator, baseline in zip((*world.validators, *world.spare), baselines, strict=True):
        set_baseline(world, validator, baseline)
    world.staking.requestExit({"from": world.spare[1]})
    return world


def drawn(world, seed, count, barred=(), customer=NOBODY):
    nodes, _ = world.staking.draw(seed, EVER, customer, ascending(barred), count)
    return [str(n) for n in nodes]


def test_draw__the_reference_draws_too__draws_the_same_for_every_seed(crowded):
    nodes, weights = crowded.staking.weights(VALIDATOR, EVER)
    candidates, weights = [str(n) for n in nodes], list(weights)
    barred = ascending([*crowded.trainers, crowded.spare[0]])
    winners = set()
    for seed in (*SEEDS, *ENDS):
        expected = recompute_draw(seed, candidates, weights, {*barred, str(crowded.customer)}, 3)
        assert drawn(crowded, seed, 3, barred, crowded.customer) == expected
        winners.update(expected)
    assert len(winners) > 3


def test_draw__more_are_asked_for_than_there_are__draws_all_that_weigh_something(crowded):
    someone = {*map(str, crowded.validators), *map(str, crowded.spare)} - {str(crowded.spare[1])}
    for seed in SEEDS[:5]:
        assert set(drawn(crowded, seed, 20)) == someone


def test_draw__nobody_is_asked_for__draws_nobody(crowded):
    assert drawn(crowded, SEEDS[0], 0) == []


def test_draw__somebody_is_barred__leaves_the_order_of_the_others_alone(crowded):
    for seed in SEEDS[:10]:
        everybody = drawn(crowded, seed, 20)
        for barred in everybody:
            others = [node for node in everybody if node != barred]
            assert drawn(crowded, seed, 20, [barred]) == others
            assert drawn(crowded, seed, 20, customer=barred) == others


def test_draw__somebody_joins_or_leaves_or_adds_to_a_deposit__leaves_the_order_of_the_others_alone(crowded):
    def orders():
        return [drawn(crowded, seed, 20) for seed in SEEDS[:10]]

    def without(node, lists):
        return [[other for other in names if other != str(node)] for names in lists]

    newcomer, raised, gone = crowded.stranger, crowded.validators[1], crowded.validators[2]
    changes = [
        (newcomer, lambda: register(crowded, newcomer, VALIDATOR, 3 * DEPOSIT_WEI)),
        (raised, lambda: crowded.staking.topUp({"from": raised, "value": 50 * DEPOSIT_WEI})),
        (gone, lambda: crowded.staking.requestExit({"from": gone})),
    ]
    histories = [(None, orders())]
    for node, change in changes:
        change()
        histories.append((node, orders()))
    for (_, before), (node, after) in pairwise(histories):
        assert before != after
        assert without(node, before) == without(node, after)


def test_draw__keys_are_given__is_those_of_the_nodes_drawn(crowded):
    for seed in SEEDS[:5]:
        nodes, keys = crowded.staking.draw(seed, EVER, NOBODY, [], 3)
        assert list(keys) == [node_key(n).address for n in nodes]
