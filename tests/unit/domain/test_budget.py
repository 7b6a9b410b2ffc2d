"""A customer who named an energy budget is told when it is exceeded, once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.domain.effects import MailKind, SendMail
from backend.domain.spec import JobSpec
from backend.domain.ticket import RoundClosed, Status, Ticket, step
from backend.domain.ticket_record import RoundRecord
from backend.errors import Invalid
from tests.support.tickets import new_ticket


def running(budget: int) -> Ticket:
    return new_ticket(status=Status.RUNNING, spec=JobSpec(rounds=4, energy_budget_joules=budget))


def closed(number: int, millijoules: int) -> RoundClosed:
    carbon: dict[str, Any] = {"0xA": {"millijoules": millijoules}, "0xB": {"millijoules": millijoules}}
    return RoundClosed(RoundRecord(number, "ab", "key", "cd", {}, (), 1.0, carbon=carbon))


def mails(effects: tuple[object, ...]) -> list[MailKind]:
    return [effect.kind for effect in effects if isinstance(effect, SendMail)]


def test_round_closed__within_the_budget__nothing_is_said() -> None:
    after, effects = step(running(20), closed(1, 10_000), 0.0)
    assert (after.alerts, mails(effects)) == ((), [])


def test_round_closed__over_the_budget__says_so_once_and_the_job_goes_on() -> None:
    after, _ = step(running(30), closed(1, 10_000), 0.0)
    after, effects = step(after, closed(2, 10_000), 0.0)
    assert mails(effects) == [MailKind.OVER_BUDGET]
    assert after.status is Status.RUNNING
    (alert,) = after.alerts
    assert (alert.code, alert.round) == ("energy.over_budget", 2)
    assert "40.0 J, more than the budget of 30 J; at this pace it will take 80 J" in alert.message
    last, effects = step(after, closed(3, 10_000), 0.0)
    assert (last.alerts, mails(effects)) == (after.alerts, [])


def test_round_closed__no_budget__never_alerts() -> None:
    after, effects = step(running(0), closed(1, 10**12), 0.0)
    assert (after.alerts, mails(effects)) == ((), [])


def test_spec__a_negative_budget__is_refused() -> None:
    with pytest.raises(Invalid, match="energy_budget_joules"):
        replace(JobSpec(), energy_budget_joules=-1)
