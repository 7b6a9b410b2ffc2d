"""Claiming less energy than was used does not pay: not as wages, not as credits, whatever the factor and wherever it is hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha3_256

from hypothesis import given, settings
from hypothesis import strategies as st

from fl_nodes.protocol import plausibility
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_rule import claims
from fl_nodes.protocol.payout import PERCENT, WEIGHTS, Scheme, Work, shares
from fl_nodes.protocol.plausibility import BELIEVED_PERCENT
from fl_nodes.protocol.reading import LedgerReading, micrograms
from fl_nodes.protocol.tasks import EnergyReading
from fl_nodes.protocol.verdict_tasks import EnergyBasis
from tests.unit.protocol.benchmarks import benchmarked, commitment

ARCHITECTURE = {"input_shape": [64], "classes": 10, "layers": [{"kind": "dense", "units": 10}]}
STEPS, EXAMPLES, FEE, BPS = 2_000, 10_000, 10**18, 200
POT = FEE - FEE * BPS // 10_000
ENERGY_PART = Fraction(WEIGHTS.energy_efficiency, PERCENT)
SPREAD = 1.3
"""How far machines of one class are apart, in the benchmark and again in the job."""

APART = Fraction(int(SPREAD * 100) ** 2 + 100, 10_000)
"""Both together, and what rounding adds."""

CHEAT = f"0x{255:040x}"
JOB = "11" * 32
GRID = 400_000

noise = st.floats(1.0, SPREAD)
factor = st.floats(0.001, 1.0)
hardware = st.sampled_from(["cpu", "the only one of its kind, it says"])


@dataclass(frozen=True)
class Class:
    """A job's trainers on the same hardware: by name the truth about their benchmark (mJ per step) and their job (mJ)."""

    benchmarks: dict[str, float]
    jobs: dict[str, int]

    def claimed(
        self, benchmark_factor: float, job_factor: float, hardware: str = "cpu"
    ) -> dict[str, plausibility.Claim]:
        """The claims where the cheat says only these parts of the truth, and this of its hardware."""
        known = {
            t: benchmarked(t, b * benchmark_factor, 0.01 * b * benchmark_factor, hardware)
            if t == CHEAT
            else benchmarked(t, b, 0.01 * b)
            for t, b in self.benchmarks.items()
        }
        said = {t: max(1, int(mj * job_factor)) if t == CHEAT else mj for t, mj in self.jobs.items()}
        work = {t: [commitment(t, mj, STEPS, examples=EXAMPLES)] for t, mj in said.items()}
        return plausibility.claims(work, EnergyBasis(ARCHITECTURE, 1, known))


@st.composite
def classes(draw: st.DrawFn) -> Class:
    price, multiple = draw(st.floats(0.5, 10)), draw(st.floats(0.8, 6))
    names = [CHEAT, *(f"0x{i:040x}" for i in range(1, draw(st.integers(3, 7)) + 1))]
    benchmarks = {name: price * draw(noise) for name in names}
    # As much for a step and its arithmetic as the benchmark says, times what small rounds cost more.
    jobs = {
        name: round((price * STEPS + 0.01 * price * 1_280 * EXAMPLES / 1e6) * multiple * draw(noise))
        for name in names
    }
    return Class(benchmarks, jobs)


def wages(counted: dict[str, int]) -> dict[str, int]:
    work = [Work(t, 900_000, 900_000, EXAMPLES, 1_000, mj, 500_000, 1_000) for t, mj in counted.items()]
    return dict(zip(counted, shares(Scheme.COMPOSITE, FEE, BPS, work), strict=True))


@settings(max_examples=200)
@given(classes(), factor, factor, hardware)
def test_wages__any_under_report__gain_no_more_than_twice_the_median_rate_of_the_energy_part(
    of: Class, benchmark_factor: float, job_factor: float, hardware: str
) -> None:
    honest = {t: c.counted for t, c in of.claimed(1.0, 1.0).items()}
    told = {t: c.counted for t, c in of.claimed(benchmark_factor, job_factor, hardware).items()}
    rates = {t: Fraction(EXAMPLES * 1_000_000, mj) for t, mj in honest.items()}
    others = sorted(rate for t, rate in rates.items() if t != CHEAT)
    median = others[-(-len(rates) // 2) - 1]
    most = 2 * median / (2 * median + sum(others)) - rates[CHEAT] / (rates[CHEAT] + sum(others))
    gain = wages(told)[CHEAT] - wages(honest)[CHEAT]
    assert gain <= POT * ENERGY_PART * max(most, Fraction(0)) + POT * Fraction(1, 1000)
    assert gain <= POT * ENERGY_PART * Fraction(2, len(rates))


@settings(max_examples=200)
@given(classes(), factor, st.floats(0.001, 0.99 * BELIEVED_PERCENT / 100 / float(APART)))
def test_wages__claim_far_below_what_the_class_needs__is_never_believed(
    of: Class, benchmark_factor: float, job_factor: float
) -> None:
    assert not of.claimed(benchmark_factor, job_factor)[CHEAT].plausible


@given(classes())
def test_claims__everybody_honest__all_are_believed(of: Class) -> None:
    assert all(claim.plausible for claim in of.claimed(1.0, 1.0).values())


def reading(node: str, millijoules: int, number: int = 1) -> LedgerReading:
    return LedgerReading(JOB, number, node, 10, millijoules, 0, "measured", 50_000, "ES", GRID)


def credited(of: Class, said: list[LedgerReading], found: dict[str, plausibility.Claim]) -> dict[str, int]:
    """Credits in µg by node, against the mean of what they all really took."""
    mean = sum(of.jobs.values()) // len(of.jobs)
    fixed = CreditBaseline(JOB, mean, micrograms(mean, GRID), mean, len(said), "22" * 32)
    least = {t: c.least_of_a_round for t, c in found.items()}
    made = claims(said, fixed, 0, 0, lambda *_: 0, lambda data: sha3_256(data).digest(), least)
    return {c.node: c.amount_ug for c in made}


@settings(max_examples=200)
@given(classes(), factor, factor, hardware)
def test_credits__any_under_report__are_for_no_more_than_machines_of_one_class_are_apart(
    of: Class, benchmark_factor: float, job_factor: float, hardware: str
) -> None:
    found = of.claimed(benchmark_factor, job_factor, hardware)
    mean = sum(of.jobs.values()) // len(of.jobs)
    backed = micrograms(mean, GRID) - micrograms(int(of.jobs[CHEAT] / APART), GRID)
    got = credited(of, [reading(t, c.claimed) for t, c in found.items()], found)
    assert got.get(CHEAT, 0) <= max(0, backed) + 2


@settings(max_examples=100)
@given(classes(), factor)
def test_credits__training_hidden_in_setting_up__brings_the_job_nothing(of: Class, job_factor: float) -> None:
    honest, told = of.claimed(1.0, 1.0), of.claimed(1.0, job_factor)
    hidden = of.jobs[CHEAT] - told[CHEAT].claimed
    truth = [reading(t, c.claimed) for t, c in honest.items()]
    moved = [reading(t, c.claimed) for t, c in told.items()]
    setup = [reading(CHEAT, hidden, 0)] if hidden else []
    before, after = credited(of, truth, honest), credited(of, [*moved, *setup], told)
    assert sum(after.values()) <= sum(before.values()) + 4 * len(moved)


def test_wages__setting_up__is_neither_rewarded_nor_held_against_anyone() -> None:
    known = EnergyBasis(ARCHITECTURE, 1, {t: benchmarked(t) for t in ("0xA", "0xB", "0xC")})
    work = {t: [commitment(t, 5_000, STEPS, examples=EXAMPLES)] for t in known.baselines}
    with_setup = {
        t: [replace(c, setup_energy=EnergyReading(10**9, "modelled", 400_000, "m", 1.0)) for c in mine]
        for t, mine in work.items()
    }
    assert plausibility.claims(work, known) == plausibility.claims(with_setup, known)


def test_credits__reading_of_nothing__claims_no_more_than_one_of_the_truth() -> None:
    names = [CHEAT, *(f"0x{i:040x}" for i in range(1, 4))]
    of = Class(dict.fromkeys(names, 2.0), dict.fromkeys(names, 12_000))
    found = of.claimed(1.0, 0.0001)
    said = [reading(t, 0 if t == CHEAT else c.claimed) for t, c in found.items()]
    assert credited(of, said, found)[CHEAT] == 0


def test_credits__half_of_the_truth__would_pay_without_what_the_class_needed() -> None:
    names = [CHEAT, *(f"0x{i:040x}" for i in range(1, 4))]
    of = Class(dict.fromkeys(names, 2.0), dict.fromkeys(names, 12_000))
    found = of.claimed(1.0, 0.5)
    said = [reading(t, c.claimed) for t, c in found.items()]
    assert found[CHEAT].plausible
    assert credited(of, said, found)[CHEAT] == 0
    assert credited(of, said, {})[CHEAT] > 0
