"""What a ticket does when the chain has paid, refunded, or taken a deposit.

Each function is the step for one kind of change, called by `ticket.step` in those statuses only that its table allows.
"""

from __future__ import annotations

from dataclasses import replace

from backend.domain.effects import Effect, FinalizeSlash, MailKind, PayOut, PayOutDeposit, Release, SendMail
from backend.domain.publication import published
from backend.domain.ticket_changes import Arbitrated, Contested, RefundCredited, RefundPaid, Settled, Slashed
from backend.domain.ticket_record import Accusation, Refusal, S, Ticket
from backend.domain.ticket_step import Step, with_tx

FORGETFUL = frozenset({S.QUEUED, S.RUNNING, S.VERIFYING})
"""Where a ticket may stand whose job was settled after the backup that it comes from."""


def settled(ticket: Ticket, change: Settled) -> Step:
    if ticket.status is S.SETTLED:
        # Another transaction did it, after the chain took the first one back.
        return with_tx(ticket, change.tx), ()
    if ticket.verdict is None and ticket.status in FORGETFUL:
        return _settled_before(ticket, change.tx)
    payees = ticket.verdict.payees if ticket.verdict else ()
    payouts = tuple(PayOut(ticket.id, payee, f"settled:{payee}") for payee in payees)
    paid = with_tx(replace(ticket, status=S.SETTLED, refusal=None), change.tx)
    return paid, (*payouts, *published(paid), SendMail(ticket.id, MailKind.SETTLED))


def _settled_before(ticket: Ticket, tx: str) -> Step:
    """A database that was put back from a backup may know less of a job than the chain: that is the truth about money."""
    sentence = (
        "The chain settled this job, and its nodes are paid; what the market knew of its last part was lost, and was put back "
        "from an older backup, so that its results may be missing here."
    )
    paid = replace(ticket, status=S.SETTLED, refusal=Refusal("job.settled_before", sentence))
    payouts = tuple(PayOut(ticket.id, payee, f"settled:{payee}") for payee in ticket.trainers)
    return with_tx(paid, tx), payouts


def refund_credited(ticket: Ticket, change: RefundCredited) -> Step:
    if ticket.refund_wei is not None:
        return with_tx(ticket, change.tx), ()
    was_settled = any(moment.status is S.SETTLED for moment in ticket.timeline)
    refusal = ticket.refusal or _refusal_for("unsettled" if was_settled else change.how)
    credited = replace(ticket, status=S.REFUNDING, refusal=refusal, refund_wei=str(change.refund_wei))
    effects: tuple[Effect, ...] = (PayOut(ticket.id, ticket.customer, "refund"),)
    if change.how != "failed":
        # A failed job's nodes were freed by its verdict, which names them.
        effects += (Release(ticket.id, ticket.job_id),)
    if change.culprits:
        credited = replace(credited, accusations=dict.fromkeys(change.culprits, Accusation.NAMED.value))
        effects += (FinalizeSlash(ticket.id, ticket.job_id),)
    return with_tx(credited, change.tx), effects


def refund_paid(ticket: Ticket, change: RefundPaid) -> Step:
    mail = SendMail(ticket.id, MailKind.REFUNDED)
    if ticket.status in (S.DISPUTED, S.REFUNDED):
        # An accusation may be contested, and even decided, while the settler is down and the refund waits.
        return with_tx(ticket, change.tx), (mail,)
    return with_tx(replace(ticket, status=S.REFUNDED), change.tx), (mail,)


def contested(ticket: Ticket, change: Contested) -> Step:
    if (ticket.accusations or {}).get(change.culprit) not in (None, Accusation.NAMED):
        return ticket, ()
    disputed = replace(_accused(ticket, change.culprit, Accusation.CONTESTED), status=S.DISPUTED)
    return disputed, (FinalizeSlash(ticket.id, ticket.job_id, after_silence=True),)


def arbitrated(ticket: Ticket, change: Arbitrated) -> Step:
    if (ticket.accusations or {}).get(change.culprit) == Accusation.SLASHED:
        return ticket, ()
    decided = _accused(ticket, change.culprit, Accusation.GUILTY if change.guilty else Accusation.ACQUITTED)
    still = Accusation.CONTESTED in (decided.accusations or {}).values()
    return (decided if still else replace(decided, status=S.REFUNDED)), ()


def _accused(ticket: Ticket, culprit: str, state: Accusation) -> Ticket:
    return replace(ticket, accusations={**(ticket.accusations or {}), culprit: state.value})


def slashed(ticket: Ticket, change: Slashed) -> Step:
    if ticket.slashed and change.culprit in ticket.slashed:
        return ticket, ()
    received = dict(ticket.deposits_received_wei or {})
    for node, share in change.shares_wei.items():
        received[node] = str(int(received.get(node, "0")) + int(share))
    ticket = _accused(ticket, change.culprit, Accusation.SLASHED)
    taken = {**(ticket.slashed or {}), change.culprit: str(change.amount_wei)}
    payouts = tuple(PayOutDeposit(ticket.id, node, change.culprit) for node in change.shares_wei)
    return with_tx(replace(ticket, slashed=taken, deposits_received_wei=received), change.tx), payouts


def _refusal_for(how: str) -> Refusal:
    sentences = {
        "cancelled": "The job was cancelled before it started.",
        "reclaimed": "The deadline passed and the fee was taken back from the escrow.",
        "failed": "The job failed verification.",
        "unsettled": "The chain took the settlement back, and the fee left the escrow before it was made again: no node was paid.",
    }
    return Refusal(f"job.{how}", sentences[how])
