"""How long a round waits for stragglers."""

import pytest

from backend.dispatch.deadlines import Patience, enough


@pytest.mark.parametrize(
    ("earlier", "seconds"),
    [
        ((), 600.0),
        ((0.0, 0.0), 600.0),
        ((20.0,), 60.0),
        ((20.0, 0.0, 40.0, 500.0), 120.0),
        ((1.0, 1.0), 30.0),
        ((400.0,), 600.0),
    ],
)
def test_seconds__earlier_rounds__their_median_thrice_between_floor_and_ceiling(
    earlier: tuple[float, ...], seconds: float
) -> None:
    assert Patience(30.0, 600.0, 3.0).seconds(earlier) == seconds


def test_enough__few_or_many_wanted__half_and_never_one() -> None:
    assert [enough(n) for n in (2, 3, 4, 5, 10)] == [2, 2, 2, 3, 5]
