"""Who trains a round: the cleanest, but every turn makes a node dearer."""

import numpy as np
import pytest

from backend.energy.federated_selection import (
    Member,
    Slots,
    carbon_weight,
    drawn,
    eased,
    jain,
    paced,
    planned,
    rounds_due,
)

NONE_YET = np.zeros(4)


def _slots(grams: list[list[float]], per_hour: int = 9) -> Slots:
    return Slots(np.arange(len(grams)), np.array(grams, float), per_hour)


def test_drawn__same_turns__takes_the_cleanest():
    members = [Member("a", 30, 2), Member("b", 10, 2), Member("c", 20, 2)]

    assert drawn(members, 2, weight=1.0, seed=1) == ("b", "c")


def test_drawn__many_turns_already__lets_others_go_first():
    members = [Member("clean", 1, 5), Member("dirty", 3, 0)]

    assert drawn(members, 1, weight=1.0, seed=1) == ("dirty",)
    assert drawn(members, 1, weight=10.0, seed=1) == ("clean",)


def test_drawn__equals__by_seed_alone():
    members = [Member(f"node{i}", 1, 0) for i in range(20)]

    assert drawn(members, 5, 1.0, seed=3) == drawn(members[::-1], 5, 1.0, seed=3)
    assert drawn(members, 5, 1.0, seed=3) != drawn(members, 5, 1.0, seed=4)


def test_drawn__fewer_than_wanted__takes_all():
    assert drawn([Member("a", 1, 0)], 3, 1.0, seed=1) == ("a",)


def test_planned__cleaner_hour_ahead__waits_for_it():
    found = planned(_slots([[5, 5, 5, 5], [1, 1, 1, 1]]), NONE_YET, 1.0, wanted=2, rounds=1)

    assert [one.hour for one in found] == [1]


def test_planned__hour_is_full__goes_to_the_next_best():
    found = planned(_slots([[5, 5], [1, 1], [3, 3]], per_hour=1), np.zeros(2), 10.0, wanted=2, rounds=3)

    assert [one.hour for one in found] == [1, 2, 0]


def test_planned__node_not_there__is_not_taken_and_too_few_hold_no_round():
    away = float("inf")
    found = planned(_slots([[1, away, 2, away], [1, away, away, away]]), NONE_YET, 1.0, wanted=2, rounds=5)

    assert {one.hour for one in found} == {0}
    assert all(one.nodes.tolist() == [0, 2] for one in found)
    assert planned(_slots([[1, 1, 1, 1]]), NONE_YET, 1.0, wanted=5, rounds=1) == []


def test_planned__many_rounds__is_what_choosing_anew_each_time_gives():
    random = np.random.default_rng(1)
    grams = random.uniform(1, 9, (6, 30))
    turns = np.zeros(30)
    expected = []
    for _ in range(12):
        price = 0.7 * grams + turns
        crews = np.argsort(price, axis=1)[:, :4]
        hour = int(np.argmin(np.take_along_axis(price, crews, 1).sum(axis=1)))
        expected.append((hour, sorted(crews[hour].tolist())))
        turns[crews[hour]] += 1

    found = planned(Slots(np.arange(6), grams, 99), np.zeros(30), 0.7, wanted=4, rounds=12)

    assert [(one.hour, one.nodes.tolist()) for one in found] == expected


def test_paced__slow_node__keeps_fast_ones_waiting_in_long_rounds_only():
    joules = paced(np.array([100.0, 100.0]), np.array([10.0, 30.0]), 0.5, [10, 30])

    assert joules[0].tolist() == [1000, float("inf")]
    assert joules[1].tolist() == [2000, 3000]


def test_due__deadline_far__only_the_part_of_the_hours_ahead():
    assert rounds_due(left=10, hours_left=100, ahead=24) == 3
    assert rounds_due(left=10, hours_left=24, ahead=24) == 10
    assert rounds_due(left=0, hours_left=5, ahead=2) == 0


def test_weight__floor__is_kept_and_used():
    random = np.random.default_rng(2)
    day = Slots(np.arange(24), random.lognormal(0, 0.6, (24, 50)), 6)
    weight = carbon_weight(day, 7, nodes=50, wanted=5, rounds=100, floor=0.9)
    turns = np.zeros(50)
    for one in planned(Slots(day.hours, day.micrograms, 42), turns, weight, 5, 100):
        turns[one.nodes] += 1

    assert 0.9 <= jain(turns) < 0.93


def test_weight__nothing_there__is_zero():
    assert carbon_weight(Slots(np.arange(1), np.zeros((1, 3)), 1), 1, 3, 1, 1, 0.9) == 0


def test_eased__turns_differ_too_much__weighs_carbon_less():
    assert eased(4.0, np.array([0, 10, 0, 10]), 10, 0.9) < 4
    assert eased(4.0, np.array([5, 5, 5, 5]), 10, 0.9) == 4


@pytest.mark.parametrize(
    ("turns", "index"), [([3, 3, 3], 1), ([1, 0, 0, 0], 0.25), ([0, 0], 1), ([2, 1], 0.9)]
)
def test_jain__turns__is_its_index(turns: list[int], index: float):
    assert jain(turns) == pytest.approx(index)
