"""Two notifiers over one outbox: a letter is sent by the one that may, and only by it."""

from types import SimpleNamespace
from typing import Any

from backend.adapters.memory import MemoryMail, MemoryTickets
from backend.domain.effects import AccountMail, SendAccountMail
from backend.notification.notifier import Notifier
from tests.support.clock import ManualClock

ASKED = SendAccountMail(AccountMail.CONFIRM, "a@example.org", "1")
OTHER = SendAccountMail(AccountMail.CONFIRM, "b@example.org", "2")


def notifier(tickets: MemoryTickets, mail: Any) -> Notifier:
    objects = SimpleNamespace()
    return Notifier(tickets, tickets.effects, objects, mail, str, 7.0, lambda _: "https://site/x?token=t")


def test_run_once__may_not_send__sends_nothing() -> None:
    tickets, mail = MemoryTickets(ManualClock()), MemoryMail()
    tickets.effects.add([ASKED])
    notifier(tickets, mail).run_once(lambda: False)
    assert mail.letters == []
    notifier(tickets, mail).run_once(lambda: True)
    assert len(mail.letters) == 1


def test_run_once__loses_the_lead_between_two_letters__leaves_the_rest_to_the_other() -> None:
    tickets, mail = MemoryTickets(ManualClock()), MemoryMail()
    tickets.effects.add([ASKED, OTHER])
    answers = iter([True, True, False])
    notifier(tickets, mail).run_once(lambda: next(answers))
    assert len(mail.letters) == 1
    notifier(tickets, mail).run_once()
    assert sorted(letter.to for letter in mail.letters) == ["a@example.org", "b@example.org"]
