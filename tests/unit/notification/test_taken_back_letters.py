"""The chain takes back how a job ended: no letter says what is no longer so, and the last one says that an earlier one lied."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from backend.adapters.memory import MemoryMail, MemoryTickets
from backend.domain.effects import MailKind, SendMail
from backend.domain.ticket import Moment, RefundCredited, RefundPaid, Settled, Status, Ticket, Unsettled
from backend.notification.notifier import Notifier
from tests.support.clock import ManualClock
from tests.support.jobs import quoted_ticket, settle_verdict

PAYEES = ("0x" + "a1" * 20,)
SETTLED = replace(
    quoted_ticket("t_1", "0x" + "c1" * 20, 99),
    status=Status.SETTLED,
    verdict=settle_verdict(PAYEES),
    transactions=("0xab",),
    timeline=(Moment(Status.SETTLED, 5.0),),
)


class Desk:
    """A notifier, its outbox and what it sent."""

    def __init__(self, ticket: Ticket = SETTLED) -> None:
        self.clock = ManualClock()
        self.tickets, self.mail = MemoryTickets(self.clock), MemoryMail()
        self.tickets.add(ticket)
        self.notifier = Notifier(
            self.tickets, self.tickets.effects, SimpleNamespace(), self.mail, str, 7.0, lambda _: None
        )

    def subjects(self) -> list[str]:
        self.clock.advance(60)
        self.notifier.run_once()
        return [letter.subject for letter in self.mail.letters]

    def refund(self) -> None:
        self.tickets.advance("t_1", RefundCredited("reclaimed", 7, "0xcd"))
        self.tickets.advance("t_1", RefundPaid("0xcd"))


@pytest.fixture
def desk() -> Desk:
    made = Desk()
    made.tickets.effects.add([SendMail("t_1", MailKind.SETTLED)])
    return made


def test_ready__the_settlement_was_taken_back__is_sent_once_it_is_made_again(desk: Desk) -> None:
    desk.tickets.advance("t_1", Unsettled())
    assert desk.subjects() == []
    desk.tickets.advance("t_1", Settled("0xagain"))
    assert desk.subjects() == ["EcoDML: your model is ready"]


def test_ready__refunded_before_it_was_sent__only_the_refund_is_told(desk: Desk) -> None:
    desk.refund()
    assert desk.subjects() == ["EcoDML: your fee was returned"]
    assert desk.tickets.effects.state(SendMail("t_1", MailKind.SETTLED).key) == "done"


def test_refunded__after_a_letter_that_the_nodes_were_paid__says_that_it_no_longer_holds(desk: Desk) -> None:
    desk.subjects()
    desk.refund()
    assert desk.subjects() == ["EcoDML: your model is ready", "EcoDML: your fee was returned"]
    said = desk.mail.letters[-1].text
    assert "it no longer holds" in said
    assert "no node was paid" in said


def test_refunded__the_refund_was_taken_back__waits_for_it() -> None:
    desk = Desk(replace(SETTLED, status=Status.EXPIRED, timeline=()))
    desk.tickets.effects.add([SendMail("t_1", MailKind.REFUNDED)])
    assert desk.subjects() == []
    desk.refund()
    assert desk.subjects() == ["EcoDML: your fee was returned"]
    assert "it no longer holds" not in desk.mail.letters[-1].text


def test_refunded__the_payment_itself_is_gone__there_is_nothing_to_tell() -> None:
    desk = Desk(replace(SETTLED, status=Status.EXPIRED, transactions=()))
    asked = SendMail("t_1", MailKind.REFUNDED)
    desk.tickets.effects.add([asked])
    assert desk.subjects() == []
    assert desk.tickets.effects.state(asked.key) == "done"
