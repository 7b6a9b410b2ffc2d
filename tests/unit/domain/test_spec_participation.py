"""Rounds in which not all trainers take part: what may be asked for, and what it costs."""

from dataclasses import replace
from typing import Any

import pytest

from backend.domain.spec import DatasetFacts, JobSpec, price
from backend.errors import Invalid

FACTS = DatasetFacts("d.csv", 10**7, "0" * 64, "csv", 10_000, 3, ("no", "yes"), (2,))
FLOPS = 10**6


@pytest.mark.parametrize(
    ("fields", "wanted", "asked"),
    [
        ({"trainers": 10}, 10, 10),
        ({"trainers": 10, "participants": 4}, 4, 4),
        ({"trainers": 10, "participants": 4, "over_selection": 0.3}, 4, 6),
        ({"trainers": 10, "participants": 5, "over_selection": 0.2}, 5, 6),
        ({"trainers": 10, "participants": 9, "over_selection": 1.0}, 9, 10),
        ({"trainers": 10, "participants": 10, "over_selection": 0.5}, 10, 10),
    ],
)
def test_spec__participants__are_wanted_and_some_more_are_asked(
    fields: dict[str, Any], wanted: int, asked: int
) -> None:
    spec = JobSpec(**fields)
    assert (spec.wanted, spec.asked) == (wanted, asked)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"participants": 1}, "spec.participants"),
        ({"participants": 5, "trainers": 4}, "spec.participants"),
        ({"participants": -1}, "spec.participants"),
        ({"over_selection": 0.2}, "spec.over_selection"),
        ({"participants": 3, "over_selection": 1.5}, "spec.over_selection"),
        ({"participants": 3, "over_selection": -0.1}, "spec.over_selection"),
        ({"trainers": 10, "participants": 4, "aggregation": "multi_krum"}, "spec.aggregation"),
    ],
)
def test_spec__participation_that_cannot_be__is_refused(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        JobSpec(**fields)
    assert refused.value.code == code


def test_price__half_the_trainers_a_round__costs_half_the_computing_and_the_same_data() -> None:
    everybody = JobSpec(trainers=10)
    half = replace(everybody, participants=5)
    asked = replace(half, over_selection=0.2)
    whole, less, more = (price(FACTS, spec, FLOPS) for spec in (everybody, half, asked))
    assert 2 * less.compute_wei == whole.compute_wei
    assert 10 * more.compute_wei == 6 * whole.compute_wei
    assert whole.data_wei == less.data_wei == more.data_wei
