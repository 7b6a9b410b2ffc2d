"""The sweep: what fell through the cracks is found by comparing every ticket that is not at its end with the chain."""

from __future__ import annotations

import structlog

from backend.domain import job as words
from backend.domain.ticket import HOLDS_FEE, Expired, Status, Ticket, Unfunded
from backend.errors import Conflict
from backend.ports import Clock, Tickets
from backend.settlement.mirror import FollowedMarket, take_in_job_event

log = structlog.get_logger()

S = Status
LIMIT = 10_000
UNPAID = (words.NONE,)
WAITING = (words.NONE, *words.HOLDING)
AGREES: dict[Status, tuple[str, ...]] = {
    S.QUOTED: UNPAID,
    S.FUNDED: (words.OPEN,),
    S.UPLOADED: (words.OPEN,),
    S.QUEUED: (words.OPEN, words.DRAWING),
    S.RUNNING: (words.ASSIGNED,),
    S.VERIFYING: (words.ASSIGNED,),
    S.SETTLING: (words.ASSIGNED,),
    S.INVALID: WAITING,
    S.FAILED: WAITING,
    S.EXPIRED: WAITING,
}
"""What the chain says of a ticket's job while nothing was missed."""


def reconcile(tickets: Tickets, market: FollowedMarket, clock: Clock) -> int:
    """Expire what is late, and take in again the events of jobs whose chain status is not their ticket's; how many
    tickets changed."""
    changed = 0
    for ticket in tickets.find(statuses=tuple(AGREES), limit=LIMIT):
        after = _catch_up(ticket, tickets, market)
        after = _expire(after, tickets, market, clock())
        changed += after.version != ticket.version
    return changed


def _catch_up(ticket: Ticket, tickets: Tickets, market: FollowedMarket) -> Ticket:
    status = market.job(ticket.job_id).status
    if status in _agreeing(ticket):
        return ticket
    if status == words.NONE:
        log.error("job.missing", ticket=ticket.id, job=ticket.job_id, status=ticket.status)
        return ticket
    for event in market.job_events(ticket.job_id):
        take_in_job_event(tickets, event)
    after = tickets.get(ticket.id)
    if after.version != ticket.version:
        log.info("ticket.caught_up", ticket=ticket.id, was=ticket.status, status=after.status, job=status)
    return after


def _agreeing(ticket: Ticket) -> tuple[str, ...]:
    """An exit that was never paid stays with no job; once there is one, its payment must have been seen."""
    if ticket.status in (S.INVALID, S.EXPIRED) and not ticket.transactions:
        return UNPAID
    return AGREES[ticket.status]


def _expire(ticket: Ticket, tickets: Tickets, market: FollowedMarket, now: float) -> Ticket:
    if now < ticket.deadline or ticket.status not in (HOLDS_FEE | {S.QUOTED}) - {S.INVALID, S.EXPIRED}:
        return ticket
    try:
        gone = ticket.transactions and market.job(ticket.job_id).status == words.NONE
        return tickets.advance(ticket.id, Unfunded() if gone else Expired())
    except Conflict as error:
        # It moved on between the look and the step.
        log.info("ticket.not_expired", ticket=ticket.id, why=error.message)
        return tickets.get(ticket.id)
