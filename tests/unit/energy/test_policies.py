"""Policies: the published formula, what each promises, and that each does what it says of itself."""

from dataclasses import replace

import pytest

from backend.energy.objectives import (
    mean_mg_per_kwh,
    round_on,
    scale,
    score_parts,
    totals,
    waits,
    weighted_score,
    within,
)
from backend.energy.policies.carbon_greedy import CarbonGreedy
from backend.energy.policies.learned import ENOUGH, Learned, Outcome
from backend.energy.policies.nsga2 import searched_front
from backend.energy.policies.pareto import Pareto, enumerated, front
from backend.energy.policies.standard import Standard
from backend.energy.policies.weighted import Weighted
from backend.energy.scheduling import Compression
from fl_nodes.protocol.power import FULL, LEVELS_PPM, millijoules_at, seconds_at
from tests.support.placements import NOON, drawn, state, work

ALL = (Standard(), Weighted(), CarbonGreedy(), Pareto(), Learned(()))


def chosen(policy, asked, nodes):
    schedule = policy.choose(asked, nodes)
    assert schedule is not None
    return schedule


def test_levels__half_the_dynamic_power__saves_what_the_cube_law_says():
    assert millijoules_at(100_000, FULL) == 100_000
    # 0.7 of the frequency, 0.3 static: 0.3 / 0.7 + 0.7 x 0.49 = 0.771571...
    assert millijoules_at(100_000, LEVELS_PPM.index(700_000)) == 77_158
    assert seconds_at(7.0, LEVELS_PPM.index(700_000)) == 10.0


def test_weighted_score__worked_example__is_the_formula():
    quick, slow = state("quick", seconds=5.0, millijoules=200_000), state("slow", load_ppm=400_000)
    parts = score_parts(slow, round_on(work(), slow, FULL), 200_000, scale([quick, slow]))

    assert parts == {"qos": 0.5, "energy": 0.5, "renewable": 0.8, "load": 0.8}
    assert weighted_score(parts) == pytest.approx(0.4 * 0.5 + 0.3 * 0.5 + 0.3 * 0.8 + 0.1 * 0.8)


@pytest.mark.parametrize("policy", ALL, ids=lambda p: p.name)
def test_choose__too_few_nodes__is_none(policy):
    assert policy.choose(work(), [state("one")]) is None


@pytest.mark.parametrize("policy", ALL, ids=lambda p: p.name)
def test_choose__every_policy__takes_as_many_as_wanted_and_says_why_not_the_others(policy):
    nodes = drawn(3, 6)
    schedule = chosen(policy, work(), nodes)
    taken = {p.node for p in schedule.placements}

    assert len(taken) == 2
    assert set(schedule.passed_over) == {n.node for n in nodes} - taken
    assert schedule.reasons


@pytest.mark.parametrize("policy", ALL, ids=lambda p: p.name)
def test_choose__work_that_may_not_wait__starts_at_once(policy):
    nodes = [state(n, mg_per_kwh=(900_000, 1_000)) for n in "abc"]

    assert chosen(policy, work(), nodes).wait_hours == 0


@pytest.mark.parametrize("policy", [Weighted(), CarbonGreedy()], ids=lambda p: p.name)
def test_choose__a_better_hour_before_the_deadline__is_waited_for(policy):
    nodes = [state(n, mg_per_kwh=(500_000, 400_000, 100_000, 300_000)) for n in "abc"]

    assert chosen(policy, work(may_wait=True), nodes).wait_hours == 2


@pytest.mark.parametrize("policy", [Weighted(), CarbonGreedy(), Pareto()], ids=lambda p: p.name)
def test_choose__a_better_hour_too_close_to_the_deadline__is_not_waited_for(policy):
    nodes = [state(n, mg_per_kwh=(500_000, 400_000, 100_000)) for n in "abc"]
    asked = work(may_wait=True, latest_end=NOON + 2 * 3600 + 30)

    schedule = chosen(policy, asked, nodes)

    assert schedule.wait_hours <= 1
    assert asked.at + totals(asked, schedule.placements, schedule.wait_hours).seconds <= asked.latest_end


def test_carbon__a_saving_smaller_than_forecasts_are_off__is_not_waited_for():
    nodes = [state(n, mg_per_kwh=(500_000, 495_000)) for n in "abc"]

    assert chosen(CarbonGreedy(), work(may_wait=True), nodes).wait_hours == 0


@pytest.mark.parametrize("seed", range(6))
def test_carbon__small_cases__no_combination_emits_less(seed):
    nodes, asked = drawn(seed, 5, 3), work(rounds=3, latest_end=NOON + 150)
    least = min(p.total.micrograms for p in enumerated(asked, nodes))
    schedule = chosen(CarbonGreedy(), asked, nodes)

    assert totals(asked, schedule.placements, 0).micrograms <= least


def test_weighted__a_crew_in_step__only_the_slowest_sets_the_pace():
    levels = (0, 1, 2, 3, 4)
    nodes = [state("quick", seconds=4.0, levels=levels), state("slow", levels=levels)]
    by_node = {p.node: p for p in chosen(Weighted(), work(), nodes).placements}

    assert by_node["quick"].level < by_node["slow"].level
    assert by_node["quick"].seconds <= by_node["slow"].seconds


def test_within__a_node_whose_speed_cannot_be_set__runs_at_full():
    assert within(work(), [state("a")], 1_000.0)[0].level == FULL


def near(found, exact):
    """Whether a point is at most 3 % worse in anything."""
    return all(f <= 1.03 * e for f, e in zip(found.objectives, exact.objectives, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_pareto__small_cases__nsga_ii_finds_the_front_of_all_combinations(seed):
    nodes, asked = drawn(seed, 6, 4), work(may_wait=True, latest_end=NOON + 3 * 3600, seed=seed)
    exact = front(enumerated(asked, nodes))
    found = searched_front(asked, nodes)
    missed = [p for p in exact if not any(f.objectives == p.objectives for f in found)]
    far = [p for p in missed if not any(near(f, p) for f in found)]

    assert len(missed) <= len(exact) * 0.2
    assert far == []


def test_pareto__the_same_seed__chooses_the_same():
    nodes, asked = drawn(1, 12), work(wanted=4, may_wait=True, seed=7)

    assert Pareto().choose(asked, nodes) == Pareto().choose(asked, nodes)


def test_pareto__the_chosen_one__is_on_the_front_it_shows():
    nodes, asked = drawn(2, 8), work(may_wait=True)
    schedule = chosen(Pareto(), asked, nodes)

    assert totals(asked, schedule.placements, schedule.wait_hours) in schedule.front


def test_pareto__a_compressed_form_that_costs_less__is_taken():
    asked = work(compressed=Compression(600_000, 500_000))

    assert chosen(Pareto(), asked, drawn(1, 4)).compressed
    assert not chosen(Pareto(), work(), drawn(1, 4)).compressed


def outcomes(multiples, each):
    return [Outcome(node, (0.0,), m) for node, m in multiples.items() for _ in range(each)]


def test_learned__too_few_outcomes__decides_as_weighted_and_says_so():
    nodes = drawn(4, 5)
    schedule = chosen(Learned(outcomes({"a": 2.0}, ENOUGH - 1)), work(), nodes)

    assert schedule.placements == chosen(Weighted(), work(), nodes).placements
    assert f"{ENOUGH - 1} of {ENOUGH}" in schedule.reasons[0]


def test_learned__a_node_that_takes_five_times_what_it_claims__is_passed_over():
    nodes = [state("claims much less", millijoules=60_000, features=(0.0,))]
    nodes += [state(n, features=(0.0,)) for n in ("b", "c")]
    told = outcomes({"claims much less": 5.0, "b": 1.0, "c": 1.0}, 10)

    before, after = (chosen(Learned(o), work(), nodes) for o in ((), told))

    assert "claims much less" in {p.node for p in before.placements}
    assert "claims much less" in after.passed_over


def test_learned__a_node_never_seen__is_tried():
    nodes = [state(n, features=(0.0,)) for n in ("b", "c", "new")]
    schedule = chosen(Learned(outcomes({"b": 1.0, "c": 1.0}, 30)), work(wanted=1), nodes)

    assert schedule.placements[0].node == "new"
    assert any("no outcome yet" in reason for reason in schedule.reasons)


def test_mean_intensity__a_run_over_two_hours__weighs_them_by_time():
    node = state("a", mg_per_kwh=(100_000, 400_000))

    assert mean_mg_per_kwh(node, NOON, NOON + 2700, 3600.0) == 325_000


def test_waits__deadline_near__only_now():
    assert list(waits(work(may_wait=True, latest_end=NOON + 50), 10.0)) == [0]
    assert list(waits(work(may_wait=True, latest_end=NOON + 3 * 3600), 10.0)) == [0, 1, 2]


def test_site_power__covers_its_part__lowers_the_net_intensity():
    sunny = state("a", site_ppm=(250_000,))

    assert mean_mg_per_kwh(sunny, NOON, NOON, 60.0) == 150_000
    assert replace(sunny, site_ppm=(1_000_000,)).millijoules == sunny.millijoules
