"""One process leads, another takes over when it falls silent, and none ever believes that it leads for longer than its lease."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.adapters.memory import MemoryTickets
from backend.bootstrap.in_turn import in_turn
from backend.bootstrap.lead import LEASE_SECONDS, Lead
from backend.errors import Recoverable
from tests.support.clock import ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def tickets(clock: ManualClock) -> MemoryTickets:
    return MemoryTickets(clock)


def lead(tickets: MemoryTickets, clock: Callable[[], float], owner: str) -> Lead:
    return Lead(tickets, "settler", owner, clock=clock)


def renew(*leads: Lead) -> list[bool]:
    for each in leads:
        each.renew()
    return [each() for each in leads]


def test_lead__two_of_them__one_leads_until_it_steps_down(tickets: MemoryTickets, clock: ManualClock) -> None:
    one, two = lead(tickets, clock, "one"), lead(tickets, clock, "two")
    assert [one(), two()] == [False, False]
    for _ in range(5):
        assert renew(one, two) == [True, False]
        clock.advance(LEASE_SECONDS / 2)
    one.step_down()
    assert renew(two, one) == [True, False]


def test_lead__falls_silent__the_other_leads_and_it_knows_that_it_does_not(
    tickets: MemoryTickets, clock: ManualClock
) -> None:
    one, two = lead(tickets, clock, "one"), lead(tickets, clock, "two")
    renew(one)
    clock.advance(LEASE_SECONDS)
    assert [one(), two()] == [False, False]
    assert renew(two, one) == [True, False]


def test_lead__database_away__leads_for_its_lease_and_no_longer(
    tickets: MemoryTickets, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> bool:
        raise Recoverable("database.unreachable", "Gone.")

    one = lead(tickets, clock, "one")
    renew(one)
    monkeypatch.setattr(tickets, "claim", away)
    clock.advance(LEASE_SECONDS - 1)
    assert renew(one) == [True]
    clock.advance(1)
    assert renew(one) == [False]


def test_in_turn__two_processes_hand_out__one_after_the_other(tickets: MemoryTickets) -> None:
    given: list[str] = []

    def faucet(address: str) -> tuple[int, int]:
        assert not tickets.claim("faucet", "somebody else", 1.0), "nobody else may send meanwhile"
        given.append(address)
        return 1, 2

    turn = in_turn(faucet, tickets, "faucet")
    assert turn is not None
    assert (turn("a"), turn("b")) == ((1, 2), (1, 2))
    assert given == ["a", "b"]
    assert tickets.claim("faucet", "somebody else", 1.0)
    assert in_turn(None, tickets, "faucet") is None
