"""A payment that arrives when its quote was given up is refunded; a refund during a dispute is told."""

from __future__ import annotations

import pytest

from backend.domain.effects import Cancel, FinalizeSlash, MailKind, PayOut, Release, SendMail
from backend.domain.ticket import (
    Contested,
    Expired,
    Funded,
    RefundCredited,
    RefundPaid,
    Refused,
    Settled,
    Status,
    step,
)
from tests.support.jobs import FEE_WEI, quoted_ticket

PAID_TX, REFUND_TX, PAYOUT_TX = ("0x" + digit * 64 for digit in "123")
FUNDED = Funded(FEE_WEI, 99, PAID_TX)


def walk(*changes):
    ticket, made = quoted_ticket("t_1", "0x" + "c" * 40, 50), []
    for at, change in enumerate(changes):
        ticket, effects = step(ticket, change, float(at))
        made.extend(effects)
    return ticket, made


@pytest.mark.parametrize("given_up", [Expired(), Refused("ticket.cancelled", "Cancelled.")])
def test_funded__quote_given_up__cancels_once_and_refunds(given_up):
    ticket, made = walk(given_up, FUNDED, FUNDED)
    assert made == [Cancel("t_1", ticket.job_id)]
    assert ticket.deadline == 99
    ticket, made = step(ticket, RefundCredited("cancelled", FEE_WEI, REFUND_TX), 9.0)
    refund = (PayOut("t_1", ticket.customer, "refund"), Release("t_1", ticket.job_id))
    assert (ticket.status, made) == (Status.REFUNDING, refund)


@pytest.mark.parametrize("given_up", [Expired(), Refused("dataset.one_class", "One class.")])
def test_funded__repeated_after_an_exit_of_a_paid_ticket__changes_nothing(given_up):
    ticket, _ = walk(FUNDED, given_up)
    assert step(ticket, FUNDED, 9.0) == (ticket, ())


def test_refund_paid__while_disputed__mails_once_and_stays_disputed():
    failed = RefundCredited("failed", FEE_WEI, REFUND_TX, ("0xA",))
    ticket, made = walk(FUNDED, failed, Contested("0xA"), RefundPaid(PAYOUT_TX), RefundPaid(PAYOUT_TX))
    assert (ticket.status, ticket.transactions[-1]) == (Status.DISPUTED, PAYOUT_TX)
    assert made[-2:] == [
        FinalizeSlash("t_1", ticket.job_id, after_silence=True),
        SendMail("t_1", MailKind.REFUNDED),
    ]


def test_settled__after_the_deadline__is_no_refusal_any_more():
    ticket, _ = walk(FUNDED, Expired(), Settled(REFUND_TX))
    assert (ticket.status, ticket.refusal) == (Status.SETTLED, None)
