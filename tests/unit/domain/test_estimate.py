"""When training should be over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.estimate import estimate
from backend.domain.spec import JobSpec
from backend.domain.ticket import Moment, Status, Ticket
from tests.support.tickets import new_ticket, round_record

STARTED = 1_000.0


def running(*closings: float, rounds: int = 10, **fields: object) -> Ticket:
    """A ticket at work since STARTED whose rounds closed at these times."""
    closed = tuple(replace(round_record(i + 1), closed_at=at) for i, at in enumerate(closings))
    return new_ticket(
        **{
            "status": Status.RUNNING,
            "spec": JobSpec(rounds=rounds),
            "rounds": closed,
            "timeline": (Moment(Status.RUNNING, STARTED),),
            "deadline": 10_000,
            **fields,
        }
    )


def test_estimate__before_the_first_round__is_none() -> None:
    assert estimate(running()) is None


def test_estimate__several_rounds__goes_by_the_middle_pace_and_ranges_over_all_but_the_first() -> None:
    told = estimate(running(1_100.0, 1_110.0, 1_130.0, 1_142.0))
    assert told is not None
    assert (told.finish_at, told.low, told.high) == (1_142 + 6 * 12, 1_142 + 6 * 10, 1_142 + 6 * 20)
    assert "6 rounds left at 12.0 s each (10.0 to 20.0 s)" in told.basis


def test_estimate__one_round__ranges_from_half_to_twice_its_pace() -> None:
    told = estimate(running(1_020.0, rounds=2))
    assert told is not None
    assert (told.low, told.finish_at, told.high) == (1_030, 1_040, 1_060)
    assert "1 round left" in told.basis


def test_estimate__would_be_late__ends_at_the_deadline() -> None:
    told = estimate(running(1_100.0, 1_200.0, deadline=1_500))
    assert told is not None
    assert (told.finish_at, told.high) == (1_500, 1_500)


@pytest.mark.parametrize(
    "over",
    [
        pytest.param(running(1_010.0, 1_020.0, rounds=2), id="no round left"),
        pytest.param(running(1_010.0, status=Status.VERIFYING), id="training is over"),
        pytest.param(running(1_010.0, 0.0), id="closing not recorded"),
    ],
)
def test_estimate__nothing_to_say__is_none(over: Ticket) -> None:
    assert estimate(over) is None
