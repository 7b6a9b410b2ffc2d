"""What a benchmark is worth, and how that fades."""

from dataclasses import replace

import pytest

from backend.domain.rating import Measured, Reference, baseline_bps, faded_bps, periods_passed, rated_seconds

REFERENCE = Reference(seconds=2.0, joules=10.0)
LIKE_IT = Measured(1.0, 1.0, 2.0, 10.0, "modelled", 400_000)
DAY = 86_400.0


def test_baseline__machine_like_the_reference_without_errors__gets_65_percent():
    assert baseline_bps(LIKE_IT, REFERENCE) == 6500


@pytest.mark.parametrize(
    "better", [{"seconds": 1.0}, {"joules": 5.0}, {"accuracy": 1.0, "macro_f1": 1.0}], ids=str
)
def test_baseline__better_in_one_respect__is_higher(better):
    before = replace(LIKE_IT, accuracy=0.9, macro_f1=0.9)
    assert baseline_bps(replace(before, **better), REFERENCE) > baseline_bps(before, REFERENCE)


def test_baseline__whatever_is_claimed__stays_within_the_contracts_bounds():
    assert baseline_bps(replace(LIKE_IT, seconds=1e-12, joules=1e-12), REFERENCE) == 10_000
    assert baseline_bps(Measured(-1.0, -1.0, 1e12, 1e12, "measured", 0), REFERENCE) == 0


def test_baseline__no_energy_and_no_time__count_as_the_references():
    assert baseline_bps(replace(LIKE_IT, seconds=0.0, joules=0.0), REFERENCE) == 6500


@pytest.mark.parametrize(
    ("claimed", "observed", "rated"),
    [(3.0, 4.0, 3.0), (3.0, 2.5, 2.5), (0.1, 10.0, 8.0), (0.0, 0.5, 0.0)],
    ids=["believed", "longer than observed", "far shorter than observed", "shorter than any hand-over"],
)
def test_rated_seconds__claim_against_what_was_observed__takes_what_can_be(claimed, observed, rated):
    assert rated_seconds(claimed, observed) == rated


def test_faded__each_period__is_a_tenth_less_rounded_down():
    assert [faded_bps(6543, periods) for periods in range(4)] == [6543, 5888, 5299, 4769]
    assert faded_bps(6543, 200) == 0


def test_periods__of_thirty_days__the_first_is_free():
    month = 30 * DAY
    assert [periods_passed(0.0, at, month) for at in (-DAY, 0.0, month - 1, month, 2.5 * month)] == [
        0,
        0,
        0,
        1,
        2,
    ]
