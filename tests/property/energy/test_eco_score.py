"""The Eco Score is monotone in each of its inputs and stays within its bounds."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.energy.eco_score import HUNDREDTHS, WEIGHTS_PERCENT, EcoInputs, eco_score, together

AMOUNT = st.integers(0, 10**15)
INPUTS = st.builds(EcoInputs, AMOUNT, AMOUNT, st.integers(0, 10**7), AMOUNT, AMOUNT, st.integers(0, 10**6))


@given(INPUTS)
def test_score__anything__is_0_to_100_and_the_weighted_sum_of_its_parts(of: EcoInputs) -> None:
    score = eco_score(of)
    assert 0 <= score.hundredths <= HUNDREDTHS
    weighted = sum(WEIGHTS_PERCENT[name] * value for name, value in score.parts.items()) / 100
    assert weighted <= score.hundredths + 1 <= weighted + len(score.parts) + 1


@pytest.mark.parametrize("better", ["expected_millijoules", "busy_ms", "accuracy_ppm"])
@given(INPUTS, st.integers(1, 10**6))
def test_score__more_of_what_is_good__never_lower(better: str, of: EcoInputs, more: int) -> None:
    assert (
        eco_score(replace(of, **{better: getattr(of, better) + more})).hundredths >= eco_score(of).hundredths
    )


@pytest.mark.parametrize("worse", ["millijoules", "mg_per_kwh", "reserved_ms"])
@given(INPUTS, st.integers(1, 10**6))
def test_score__more_of_what_is_bad__never_higher(worse: str, of: EcoInputs, more: int) -> None:
    known = replace(of, reserved_ms=max(1, of.reserved_ms))
    raised = replace(known, **{worse: getattr(known, worse) + more})
    assert eco_score(raised).hundredths <= eco_score(known).hundredths


def test_score__as_the_benchmark_says_on_the_worlds_grid__is_half_of_those_parts() -> None:
    score = eco_score(EcoInputs(1000, 1000, 475_000, 50, 100, 900_000))
    assert score.parts == {"energy": 5000, "carbon": 5000, "use": 5000, "accuracy": 9000}
    assert score.told()["score"] == 56.0


def test_score__no_benchmark__is_never_better_for_it() -> None:
    known = EcoInputs(1000, 1, 475_000, 50, 100, 900_000)
    assert eco_score(replace(known, expected_millijoules=0)).hundredths <= eco_score(known).hundredths


@given(st.lists(INPUTS, min_size=1, max_size=5))
def test_together__several_jobs__score_within_what_each_scored_on_intensity_and_accuracy(
    several: list[EcoInputs],
) -> None:
    one = together(several)
    assert min(of.mg_per_kwh for of in several) <= one.mg_per_kwh <= max(of.mg_per_kwh for of in several)
    assert min(o.accuracy_ppm for o in several) <= one.accuracy_ppm <= max(o.accuracy_ppm for o in several)
    assert one.millijoules == sum(of.millijoules for of in several)


@given(INPUTS)
def test_together__one_job__is_that_job(of: EcoInputs) -> None:
    assert together([of]) == of


def test_score__negative_energy__is_refused() -> None:
    with pytest.raises(ValueError, match="never negative"):
        eco_score(EcoInputs(-1, 0, 0, 0, 0, 0))
