"""A chain takes back what it said of a ticket: the record follows it, and what is owed is asked for again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain import ticket as t
from backend.domain.credit_effects import FixedBaseline
from backend.domain.effects import Cancel, Fail, MailKind, PayOut, Release, SendMail
from backend.domain.ticket import Status, step
from tests.unit.domain.test_ticket import CHEATED, STRAIGHT, TX, walk
from tests.unit.domain.test_ticket_credits import BASELINE, CREDIT

OTHERS = t.Assigned(("0xA", "0xB"), ("0xD",), "0xredrawn")


def test_unsettled__settled_ticket__is_about_to_be_settled_again_and_says_so_once() -> None:
    settled, _ = walk(*STRAIGHT)
    lost, effects = step(settled, t.Unsettled(), 20.0)
    assert (lost.status, effects) == (Status.SETTLING, ())
    assert step(lost, t.Unsettled(), 21.0) == (lost, ())
    again, effects = step(lost, t.Settled("0xagain"), 22.0)
    assert again.status is Status.SETTLED
    # Of the same keys as before: nobody is paid or written to twice.
    assert {e.key for e in effects} <= {e.key for e in walk(*STRAIGHT)[1]}


def test_unsettled__put_back_from_an_older_backup__stands_where_it_stood() -> None:
    settled, _ = walk(*STRAIGHT[:5], "settled")
    lost, _ = step(settled, t.Unsettled(), 20.0)
    assert (lost.status, lost.refusal) == (Status.RUNNING, None)


@pytest.mark.parametrize("noticed", [True, False])
def test_refund__after_a_settlement_that_was_taken_back__says_that_no_node_was_paid(noticed: bool) -> None:
    ticket, _ = walk(*STRAIGHT)
    if noticed:
        ticket, _ = step(ticket, t.Unsettled(), 20.0)
    credited, effects = step(ticket, t.RefundCredited("reclaimed", 5, "0xreclaim"), 21.0)
    assert (credited.status, credited.refund_wei) == (Status.REFUNDING, "5")
    assert credited.refusal is not None
    assert credited.refusal.code == "job.unsettled"
    assert effects == (PayOut("t_1", "0xCustomer", "refund"), Release("t_1", "0xjob"))
    _, effects = step(credited, t.RefundPaid("0xreclaim"), 22.0)
    assert effects == (SendMail("t_1", MailKind.REFUNDED),)


def test_unrefunded__by_a_verdict__fails_again() -> None:
    refunded, _ = walk(*CHEATED)
    lost, effects = step(refunded, t.Unrefunded(), 20.0)
    assert (lost.status, lost.refund_wei, effects) == (Status.FAILED, None, (Fail("t_1", "0xjob"),))


def test_unrefunded__by_the_customer_alone__is_refunded_for_it() -> None:
    running, _ = walk(*STRAIGHT[:5])
    credited, _ = step(running, t.RefundCredited("reclaimed", 5, TX), 9.0)
    lost, effects = step(credited, t.Unrefunded(), 20.0)
    assert (lost.status, lost.refund_wei, effects) == (Status.EXPIRED, None, (Cancel("t_1", "0xjob"),))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (STRAIGHT[:5], Status.RUNNING),
        (STRAIGHT[:7], Status.VERIFYING),
        (STRAIGHT[:8], Status.VERIFYING),
        (CHEATED[:6], Status.RUNNING),
    ],
)
def test_drawn_anew__at_work_or_judged__is_judged_by_whom_the_chain_names(
    path: tuple[str, ...], status: Status
) -> None:
    before, _ = walk(*path)
    drawn, effects = step(before, OTHERS, 20.0)
    assert (drawn.status, drawn.validators, drawn.verdict, effects) == (status, ("0xD",), None, ())
    assert step(drawn, OTHERS, 21.0) == (drawn, ())


@pytest.mark.parametrize("status", [Status.SETTLED, Status.REFUNDED, Status.EXPIRED])
def test_drawn_anew__job_has_ended__changes_nothing(status: Status) -> None:
    ended = replace(walk(*STRAIGHT)[0], status=status)
    assert step(ended, OTHERS, 20.0) == (ended, ())


def test_drawn_anew__the_same_validators__judged_as_it_was() -> None:
    settling, _ = walk(*STRAIGHT[:8])
    drawn, _ = step(settling, replace(OTHERS, validators=("0xC",)), 20.0)
    assert (drawn.status, drawn.verdict) == (Status.SETTLING, settling.verdict)


def test_unrecorded__only_what_these_transactions_brought_is_gone() -> None:
    credits_ = (CREDIT, replace(CREDIT, serial="0x02", tx="0xkept"))
    certificate = t.CertificateRecord(1, "budget", 3, tx="0xcertified")
    whole = replace(
        walk(*STRAIGHT)[0],
        baseline=FixedBaseline(BASELINE, 7, "0xfixed"),
        credits=credits_,
        certificate=certificate,
    )
    poorer, effects = step(whole, t.Unrecorded((CREDIT.tx, "0xcertified")), 20.0)
    assert (poorer.credits, poorer.certificate, poorer.baseline) == (credits_[1:], None, whole.baseline)
    assert effects == ()
    assert step(poorer, t.Unrecorded(("0xfixed",)), 21.0)[0].baseline is None


def test_carbon__done_again_by_another_transaction__the_ticket_names_that_one() -> None:
    fixed = FixedBaseline(BASELINE, 7, "0xfixed")
    ticket = replace(walk(*STRAIGHT)[0], baseline=fixed, credits=(CREDIT,))
    ticket, _ = step(ticket, t.CreditIssued(replace(CREDIT, tx="0xagain")), 20.0)
    ticket, _ = step(ticket, t.BaselineFixed(replace(fixed, fixed_at=9, tx="0xlater")), 21.0)
    assert ticket.credits == (replace(CREDIT, tx="0xagain"),)
    assert ticket.baseline == replace(fixed, fixed_at=9, tx="0xlater")
