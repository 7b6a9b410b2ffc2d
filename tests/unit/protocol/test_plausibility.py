"""What an energy claim is worth: against one's own benchmark, and a benchmark against those of its like."""

from dataclasses import replace

import pytest

from fl_nodes.protocol import benchmark, plausibility
from fl_nodes.protocol.payout import Scheme, Work, shares
from fl_nodes.protocol.tasks import Benchmarked
from fl_nodes.protocol.verdict_tasks import EnergyBasis
from tests.unit.protocol.benchmarks import benchmarked, commitment

ARCHITECTURE = {"input_shape": [64], "classes": 10, "layers": [{"kind": "dense", "units": 10}]}
STEPS = 500
FEE = 10**18


def basis(*known: Benchmarked) -> EnergyBasis:
    return EnergyBasis(ARCHITECTURE, 1, {b.provider: b for b in known})


def counted(claims: dict[str, int], known: EnergyBasis | None) -> dict[str, int]:
    work = {t: [commitment(t, mj, STEPS)] for t, mj in claims.items()}
    return {t: claim.counted for t, claim in plausibility.claims(work, known).items()}


def paid(counts: dict[str, int]) -> dict[str, int]:
    work = [Work(t, 900_000, 900_000, 100, 1_000, mj, 0) for t, mj in counts.items()]
    return dict(zip(counts, shares(Scheme.COMPOSITE, FEE, 200, work), strict=True))


@pytest.mark.parametrize(("per_step", "per_mflop"), [(2.0, 0.02), (0.5, 0.0), (0.0, 0.3), (7.0, 1.0)])
def test_cost__of_a_machine_with_fixed_prices__gives_them_back(per_step, per_mflop):
    cost = benchmark.cost(benchmarked("0xA", per_step, per_mflop))
    assert cost.of(10_000, 0) == pytest.approx(per_step * 10_000, abs=20)
    assert cost.of(0, 10**12) == pytest.approx(per_mflop * 10**6, rel=0.02, abs=200)


def test_cost__readings_that_no_prices_give__are_the_lower_of_what_each_part_says():
    said = benchmarked("0xA")
    light, heavy = said.parts
    odd = replace(said, parts=(light, replace(heavy, energy=replace(heavy.energy, millijoules=1))))
    cost = benchmark.cost(odd)
    assert cost.per_flop == 0
    assert cost.of(benchmark.HEAVY.steps, benchmark.HEAVY.flops) <= 1
    no_steps = replace(said, parts=(replace(light, energy=replace(light.energy, millijoules=1)), heavy))
    cost = benchmark.cost(no_steps)
    assert cost.per_step == 0
    assert cost.of(benchmark.LIGHT.steps, benchmark.LIGHT.flops) <= 1


def test_claims__honest_ones_of_unlike_machines__all_count_as_they_are():
    known = basis(
        benchmarked("0xA", 2.0),
        benchmarked("0xB", 20.0, 0.2, "old cpu"),
        benchmarked("0xC", 0.2, 0.002, "gpu"),
    )
    claims = {"0xA": 1_000, "0xB": 12_000, "0xC": 90}
    assert counted(claims, known) == claims


def test_claims__a_tenth_of_what_the_benchmark_says__pay_no_more_than_the_honest_twin_gets():
    known = basis(*(benchmarked(t) for t in ("0xA", "0xB", "0xC", "0xLiar")))
    claims = {"0xA": 1_500, "0xB": 1_450, "0xC": 1_480, "0xLiar": 150}
    counts = counted(claims, known)
    assert {t: counts[t] for t in ("0xA", "0xB", "0xC")} == {t: claims[t] for t in ("0xA", "0xB", "0xC")}
    assert counts["0xLiar"] >= max(claims.values())
    assert paid(counts)["0xLiar"] <= min(paid(counts)[t] for t in ("0xA", "0xB", "0xC"))
    assert paid(counts)["0xLiar"] <= paid(claims | {"0xLiar": 1_500})["0xLiar"]
    assert paid(claims)["0xLiar"] > paid(claims | {"0xLiar": 1_500})["0xLiar"], "without the check it pays"


def test_claims__small_rounds_that_cost_all_five_times_as_much__a_tenth_is_still_not_believed():
    known = basis(*(benchmarked(t) for t in ("0xA", "0xB", "0xC")), benchmarked("0xLiar", 0.2, 0.002))
    claims = {"0xA": 5_200, "0xB": 4_900, "0xC": 5_500, "0xLiar": 520}
    counts = counted(claims, known)
    assert counts == claims | {"0xLiar": counts["0xLiar"]}
    assert paid(counts)["0xLiar"] <= min(paid(counts).values())


def test_claims__one_accomplice_claims_a_tenth_too__neither_is_believed():
    known = basis(*(benchmarked(t) for t in ("0xA", "0xB", "0xC", "0xD", "0xE")))
    counts = counted({"0xA": 5_200, "0xB": 4_900, "0xC": 5_500, "0xD": 500, "0xE": 500}, known)
    assert min(counts["0xD"], counts["0xE"]) >= 5_500


def test_claims__others_claim_ten_times_as_much__an_honest_node_loses_only_its_lead():
    known = basis(*(benchmarked(t) for t in ("0xA", "0xB", "0xC")))
    counts = counted({"0xA": 10_000, "0xB": 10_000, "0xC": 1_000}, known)
    assert counts["0xC"] == pytest.approx(10_000, rel=0.01)


def test_claims__benchmark_a_tenth_too__is_held_against_three_of_its_like():
    liar = benchmarked("0xLiar", 0.2, 0.002)
    known = basis(*(benchmarked(t) for t in ("0xA", "0xB", "0xC")), liar)
    counts = counted({"0xA": 1_500, "0xB": 1_450, "0xC": 1_480, "0xLiar": 150}, known)
    assert counts["0xLiar"] >= 1_500


def test_claims__frugal_benchmark_of_other_hardware__is_believed():
    frugal = benchmarked("0xF", 0.2, 0.002, hardware="gpu")
    known = basis(*(benchmarked(t) for t in ("0xA", "0xB", "0xC")), frugal)
    assert counted({"0xA": 1_500, "0xB": 1_450, "0xC": 1_480, "0xF": 120}, known)["0xF"] == 120


def test_plausible_benchmark__fewer_than_two_of_its_like__counts_as_it_is():
    own = benchmarked("0xA", 0.2, 0.002)
    assert plausibility.plausible_benchmark(own, [benchmarked("0xB")]) == own
    two = [benchmarked("0xB", 3.0), benchmarked("0xC")]
    assert plausibility.plausible_benchmark(own, two) == two[1]


def test_claims__without_a_benchmark__are_held_against_the_most_frugal_of_the_others():
    known = basis(benchmarked("0xA", 2.0), benchmarked("0xB", 20.0))
    counts = counted({"0xA": 1_200, "0xB": 12_000, "0xNew": 900}, known)
    assert counts["0xNew"] == 900
    assert counted({"0xA": 1_200, "0xB": 12_000, "0xNew": 90}, known)["0xNew"] >= 1_000


@pytest.mark.parametrize("known", [None, basis()])
def test_claims__nobody_has_a_benchmark__count_as_they_are(known):
    assert counted({"0xA": 1, "0xB": 10_000}, known) == {"0xA": 1, "0xB": 10_000}


def test_claims__nobody_is_believed__count_as_expected():
    known = basis(benchmarked("0xA"), benchmarked("0xB"))
    counts = counted({"0xA": 0, "0xB": 0}, known)
    assert counts["0xA"] == counts["0xB"]
    assert counts["0xA"] == pytest.approx(1_000, rel=0.01)


@pytest.mark.parametrize(
    "change",
    [
        {"provider": "0xOther"},
        {"number": 2},
        {"parts": ()},
        {"parts": tuple(reversed(benchmarked("0xA").parts))},
    ],
    ids=str,
)
def test_defect__not_the_benchmark_there_is__is_named(change):
    assert benchmark.defect(benchmarked("0xA")) == ""
    assert benchmark.defect(replace(benchmarked("0xA"), **change))
