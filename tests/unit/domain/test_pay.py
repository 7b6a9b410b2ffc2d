"""What a ticket says of its payment."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.pay import pay_of
from backend.domain.ticket import Ticket
from tests.support.jobs import FEE_WEI, fail_verdict, quoted_ticket, settle_verdict

TRAINERS = tuple("0x" + digits * 20 for digits in ("a1", "a2", "a3"))


def settled() -> Ticket:
    ticket = quoted_ticket("one", "0x" + "cc" * 20, 2_000_000_000)
    spec = replace(ticket.spec, scheme="accuracy")
    return replace(ticket, spec=spec, verdict=settle_verdict(TRAINERS))


def test_pay_of__settled__explains_the_amounts_of_the_verdict() -> None:
    ticket = settled()
    pay = pay_of(ticket)
    assert pay is not None
    assert tuple(line.amount_wei for line in pay.lines) == ticket.verdict.amounts_wei
    assert sum(pay.amounts_wei) + int(pay.commission_wei) == FEE_WEI


def test_pay_of__amounts_that_do_not_follow_from_the_scores__are_not_explained_away() -> None:
    ticket = settled()
    amounts = ticket.verdict.amounts_wei
    swapped = replace(ticket.verdict, amounts_wei=(amounts[2], amounts[1], amounts[0]))
    assert pay_of(replace(ticket, verdict=swapped)) is None
    assert pay_of(replace(ticket, spec=replace(ticket.spec, scheme="composite"))) is None


def test_pay_of__nothing_paid__has_nothing_to_explain() -> None:
    assert pay_of(replace(settled(), verdict=None)) is None
    assert pay_of(replace(settled(), verdict=fail_verdict(TRAINERS[:1]))) is None
