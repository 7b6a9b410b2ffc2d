"""Chain events become ticket changes and nodes' standings, each event at least once, and in the order of the chain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from backend.domain import job as words
from backend.domain.effects import SetBaseline
from backend.domain.ticket import (
    Arbitrated,
    Assigned,
    Change,
    Contested,
    Funded,
    RefundCredited,
    Refused,
    Settled,
    Slashed,
    Status,
    Ticket,
    Unfunded,
    Unrefunded,
    Unsettled,
)
from backend.errors import Conflict
from backend.ports import ChainEvent, Clock, Cursors, Effects, MarketChain, Nodes, Tickets
from backend.settlement.following import Follower
from backend.settlement.kinds import MARKET_KINDS

log = structlog.get_logger()

CURSOR = "market/events"
REFUNDS = {"JobFailed": "failed", "JobCancelled": "cancelled", "JobReclaimed": "reclaimed"}
NAMING = ("TrainersChosen", "JobAssigned")
CREDITED = (Status.REFUNDING, Status.REFUNDED, Status.DISPUTED)
UNSTARTED = (Status.FUNDED, Status.UPLOADED, Status.QUEUED)
LIMIT = 10_000
REDONE = (*MARKET_KINDS, SetBaseline.__name__)
FREEING = ("JobSettled", "JobFailed", "JobReleased")


class FollowedMarket(MarketChain, Protocol):
    """A market chain that can be followed: asked about one job's past."""

    def job_events(self, job_id: str) -> list[ChainEvent]:
        """The confirmed events of one job, in order."""


class Mirror:
    """Follows the market chain from a saved cursor. An interrupted batch is read again: changes repeat harmlessly."""

    def __init__(
        self,
        market: FollowedMarket,
        tickets: Tickets,
        nodes: Nodes,
        cursors: Cursors,
        effects: Effects,
        clock: Clock = time.time,
    ) -> None:
        self._market = market
        self._tickets = tickets
        self._nodes = nodes
        self._effects = effects
        self._follower = Follower(market, cursors, CURSOR, self._take_in, self._take_back, clock)

    def run_once(self) -> int:
        """Take in all that is new; how many events that was."""
        return self._follower.run_once()

    def follow(self) -> bool:
        """Take in all that is new; whether the chain still holds all that was read before."""
        return self._follower.holds()

    def _take_back(self, from_block: int, since: float) -> None:
        """What was paid, assigned, settled and refunded there is looked at again: each effect is done, or is done again."""
        again = self._effects.redo(REDONE, since)
        gone = [
            ticket for ticket in self._tickets.find(statuses=UNSTARTED, limit=LIMIT) if self._is_gone(ticket)
        ]
        for ticket in gone:
            self._tickets.advance(ticket.id, Unfunded())
        opened = [ticket.id for ticket in self._tickets.changed_since(since) if self._is_open_again(ticket)]
        for node in self._nodes.all():
            self._mirror_node(node.provider)
        unpaid = [ticket.id for ticket in gone]
        log.warning("market.taken_back", from_block=from_block, effects=again, unpaid=unpaid, opened=opened)

    def _is_gone(self, ticket: Ticket) -> bool:
        return self._market.job(ticket.job_id).status == words.NONE

    def _is_open_again(self, ticket: Ticket) -> bool:
        """Whether the chain no longer holds the end that the ticket tells of, so that it does not tell of it any more."""
        if ticket.status is Status.SETTLED:
            lost = self._market.job(ticket.job_id).status != words.SETTLED
        elif ticket.status in CREDITED:
            lost = self._market.job(ticket.job_id).status not in (words.NONE, *words.REFUNDED)
        else:
            return False
        if lost:
            self._tickets.advance(ticket.id, Unsettled() if ticket.status is Status.SETTLED else Unrefunded())
        return lost

    def _take_in(self, events: Sequence[ChainEvent]) -> None:
        touched: dict[str, None] = {}
        for event in events:
            if event.contract == "JobEscrow" and "jobId" in event.args:
                take_in_job_event(self._tickets, event)
                touched.update(dict.fromkeys(self._workers(event)))
            elif event.contract == "NodeStaking" and "provider" in event.args:
                touched[event.args["provider"]] = None
        for provider in touched:
            self._mirror_node(provider)

    def _mirror_node(self, provider: str) -> None:
        node = self._market.node(provider)
        self._nodes.mirror(replace(node, finished_jobs=self._tickets.finished(provider)))

    def _workers(self, event: ChainEvent) -> tuple[str, ...]:
        """Nodes whose number of jobs this event changes."""
        if event.name in FREEING:
            # Not from the ticket: it never hears of the trainers of a job that was cancelled before the draw.
            past = self._market.job_events(event.args["jobId"])
        else:
            past = [event]
        return tuple(node for e in past if e.name in NAMING for node in _named(e))


def take_in_job_event(tickets: Tickets, event: ChainEvent) -> None:
    """Advance the ticket that a job's event is about, where the job is ours."""
    changes = changes_of(event)
    if not changes:
        return
    ticket = tickets.by_job(event.args["jobId"])
    if ticket is None or (
        "customer" in event.args and event.args["customer"].lower() != ticket.customer.lower()
    ):
        log.info("event.not_ours", what=event.name, job=event.args["jobId"], tx=event.tx)
        return
    for change in changes:
        ticket = _advance(tickets, ticket, change, event)
    if event.name == "JobOpened" and ticket.status is Status.FUNDED and not _as_quoted(event, ticket):
        sentence = (
            "The job was paid for another specification or dataset than the quote's, so the fee goes back."
        )
        _advance(tickets, ticket, Refused("payment.not_as_quoted", sentence), event)


def _advance(tickets: Tickets, ticket: Ticket, change: Change, event: ChainEvent) -> Ticket:
    try:
        after = tickets.advance(ticket.id, change)
    except Conflict as error:
        # The chain has moved on in a way that the ticket cannot: a person must look, others must not wait for it.
        why = error.message
        log.error("event.forbidden", ticket=ticket.id, what=event.name, tx=event.tx, why=why)  # noqa: TRY400 -- a sentence
        return ticket
    log.info("event.mirrored", ticket=ticket.id, what=event.name, tx=event.tx, status=after.status.value)
    return after


def changes_of(event: ChainEvent) -> tuple[Change, ...]:
    """What a job's event means for its ticket."""
    said, tx = event.args, event.tx
    match event.name:
        case "JobOpened":
            return (Funded(said["fee"], said["deadline"], tx),)
        case "JobAssigned":
            return (Assigned(tuple(said["trainers"]), tuple(said["validators"]), tx),)
        case "JobSettled":
            return (Settled(tx),)
        case "JobFailed" | "JobCancelled" | "JobReclaimed":
            culprits = tuple(said.get("culprits", ()))
            return (RefundCredited(REFUNDS[event.name], said["refund"], tx, culprits),)
        case "SlashContested":
            return (Contested(said["culprit"]),)
        case "SlashArbitrated":
            return (Arbitrated(said["culprit"], said["guilty"]),)
        case "SlashLapsed":
            # The arbiter stayed silent for so long that the accused goes free.
            return (Arbitrated(said["culprit"], False),)
        case "SlashFinalized":
            shares = {node: str(share) for node, share in zip(said["honest"], said["shares"], strict=True)}
            return (Slashed(said["culprit"], said["amount"], shares, tx),)
    return ()


def _as_quoted(event: ChainEvent, ticket: Ticket) -> bool:
    """Whether the job commits to the specification and the dataset that were quoted."""
    quoted = {"specHash": ticket.spec.hash(), "datasetHash": ticket.dataset.sha256}
    return all(_bare(event.args[name]) == _bare(digest) for name, digest in quoted.items())


def _named(event: ChainEvent) -> tuple[str, ...]:
    return (*event.args["trainers"], *event.args.get("validators", ()))


def _bare(hex_digest: str) -> str:
    return hex_digest.lower().removeprefix("0x")
