"""Keeps the energy ledger: takes the jobs whose readings are final, has those who hold the stake check and sign the next epoch.

One process at a time does this, by a lease of its own; jobs never wait for it. It keeps nothing: after a crash it makes the epoch
again from the tickets that are in none, and only one epoch can ever be the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from eth_utils.crypto import keccak

from backend.dispatch import worker_objects
from backend.dispatch.epoch_papers import Extras, job_papers
from backend.dispatch.ledger_ballot import Ballot
from backend.dispatch.looking import look_again
from backend.domain.ledger_effects import CallProposer, LedgerEffect, MakeCheckpoint, SealEpoch
from backend.domain.stake import LedgerHead
from backend.domain.ticket import Ticket
from backend.energy.epochs import JobPapers, next_epoch, papers_key
from backend.errors import NotFound
from backend.ports import Clock, Effects, Ledger, Nodes, Objects, Signatures, StakesAt, Tasks, Tickets
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.ledger_epoch import (
    CheckpointTerms,
    EpochContent,
    EpochTerms,
    Member,
    NodeRating,
    bare,
    checkpoint_document,
    epoch_document,
    members_hash,
    objection,
    race,
)
from fl_nodes.protocol.ledger_tasks import CheckpointTask, SealTask
from fl_nodes.protocol.ledger_tasks import Ledger as LedgerName
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import WireError, to_wire

log = structlog.get_logger()

LEASE = "ledger-keeper"
LEASE_SECONDS = 15.0
LOOK_SECONDS = 1.0
SIGN_SECONDS = 60.0
PROPOSER_PATIENCE_SECONDS = 10.0
"""How long the drawn proposer may keep a quorum waiting before it is called."""
FEW_JOBS = 100
KINDS = ("MakeCheckpoint", "SealEpoch", "CallProposer")


@dataclass(frozen=True)
class KeeperParts:
    """What the keeper needs of the world. `epoch_seconds` is how long a job's readings wait for others' at most."""

    tickets: Tickets
    effects: Effects
    nodes: Nodes
    tasks: Tasks
    objects: Objects
    signatures: Signatures
    ledger: Ledger
    stakes: StakesAt
    market: tuple[int, str]
    clock: Clock
    epoch_seconds: float = 60.0
    extras: Extras = lambda _, papers: papers


@dataclass
class _Epoch:
    """An epoch that is being signed."""

    terms: EpochTerms
    content: EpochContent
    ballot: Ballot
    tickets: tuple[str, ...]


@dataclass
class _Checkpoint:
    """A checkpoint that is being signed."""

    effect: MakeCheckpoint
    ballot: Ballot


class LedgerKeeper:
    """The loop. `owner` names this process to the lease."""

    def __init__(self, parts: KeeperParts, owner: str) -> None:
        self._parts = parts
        self._owner = owner
        self._since: dict[str, float] = {}
        self._passed_over: set[str] = set()
        self._epoch: _Epoch | None = None
        self._checkpoint: _Checkpoint | None = None
        self._queued: str | None = None

    def run(self, stop: Callable[[], bool]) -> None:
        """Look again and again until `stop()`."""
        look_again(self.run_once, LOOK_SECONDS, stop, "ledger")

    def run_once(self) -> None:
        """One look, if this process holds the lease: go on with what is being signed, else begin what is due."""
        if not self._parts.tickets.claim(LEASE, self._owner, LEASE_SECONDS):
            return
        if self._settler_is_busy():
            return
        head = self._parts.ledger.head()
        if self._checkpoint is not None:
            self._go_on_with_checkpoint(self._checkpoint, head)
        elif self._epoch is not None:
            self._go_on_with_epoch(self._epoch, head)
        else:
            self._begin(head)

    def _settler_is_busy(self) -> bool:
        if self._queued is not None and self._parts.effects.state(self._queued) == "open":
            return True
        self._queued = None
        return bool(self._parts.effects.pending(KINDS, 1))

    # --- what is due -----------------------------------------------------------------------------------------

    def _begin(self, head: LedgerHead) -> None:
        waiting = self._due()
        if not waiting:
            return
        stakes = self._parts.stakes.stakes()
        if not stakes.members:
            log.warning("ledger.no_stake", block=stakes.block)
            return
        where = head.checkpoint + 1, stakes.block, stakes.block_hash, stakes.members
        if head.checkpoint < 0 or head.is_stuck:
            self._queue(MakeCheckpoint(*where))
        elif {bare(m.key) for m in stakes.members} != {bare(m.key) for m in head.members}:
            self._checkpoint = self._have_checkpoint_signed(MakeCheckpoint(*where, head.members))
        else:
            self._have_epoch_signed(waiting, head)

    def _due(self) -> list[Ticket]:
        """Those that wait for an epoch, once the first of them has waited for long enough or they are many."""
        now, unsealed = self._parts.clock(), self._parts.tickets.unsealed(FEW_JOBS + len(self._passed_over))
        waiting = [ticket for ticket in unsealed if ticket.id not in self._passed_over]
        self._since = {t.id: self._since.get(t.id, now) for t in waiting}
        longest = max((now - since for since in self._since.values()), default=0.0)
        return waiting if longest >= self._parts.epoch_seconds or len(waiting) >= FEW_JOBS else []

    # --- epochs ----------------------------------------------------------------------------------------------

    def _have_epoch_signed(self, waiting: list[Ticket], head: LedgerHead) -> None:
        parts = self._parts
        # The chain may hold a job whose ticket has not heard of it yet.
        missing = [ticket for ticket in waiting if not parts.ledger.holds(ticket.job_id)]
        found = [papers for ticket in missing if (papers := self._papers(ticket)) is not None]
        if not found:
            return
        ratings = [
            NodeRating(node.provider, node.rating_bps) for node in parts.nodes.all() if node.state == "Active"
        ]
        made = next_epoch(head.index, head.checkpoint, head.prev_hash, found, ratings)
        if why := objection(made.content, keccak):
            log.error("ledger.unsound", epoch=head.index, why=why)
            return
        terms = made.content.terms(keccak)
        key = papers_key(terms)
        parts.objects.put(key, canonical_json(to_wire(made)))
        task = SealTask(self._name(), terms, worker_objects.ref(parts.objects, key))
        document = epoch_document(parts.ledger.chain_id, parts.ledger.address, terms)
        name = f"epoch-{key.rpartition('/')[2]}"
        ballot = self._ballot(name, TaskKind.SEAL_EPOCH, task, document, head.members)
        self._epoch = _Epoch(terms, made.content, ballot, tuple(ticket.id for ticket in missing))
        log.info("epoch.proposed", epoch=terms.index, jobs=len(made.content.jobs), readings=terms.readings)

    def _go_on_with_epoch(self, epoch: _Epoch, head: LedgerHead) -> None:
        due = (epoch.terms.index, epoch.terms.prev_hash, epoch.terms.checkpoint)
        if due != (head.index, head.prev_hash, head.checkpoint):
            self._give_up(epoch.ballot)
            return
        ballot = epoch.ballot
        ballot.count()
        if not ballot.has_quorum:
            if ballot.is_over:
                log.warning("epoch.no_quorum", epoch=head.index, refusals=ballot.refusals)
                self._no_quorum(ballot, head)
            return
        drawn = race(head.prev_hash, head.index, head.members, head.turn + 1, keccak)
        if any(ballot.signed(key) for key in drawn):
            effect = SealEpoch(epoch.terms, epoch.content.jobs, head.members, ballot.signatures)
            if self._parts.effects.state(effect.key) == "failed":
                # The chain refused this very epoch before: a person must look, other jobs do not wait.
                log.error("epoch.refused", epoch=head.index, tickets=epoch.tickets)
                self._passed_over.update(epoch.tickets)
            else:
                self._queue(effect)
            self._give_up(ballot)
        elif not head.called_at and ballot.seconds > PROPOSER_PATIENCE_SECONDS:
            log.warning("epoch.proposer_silent", epoch=head.index, proposer=drawn[0])
            self._queue(CallProposer(head.index, head.checkpoint))

    def _papers(self, ticket: Ticket) -> JobPapers | None:
        parts = self._parts
        try:
            papers = job_papers(ticket, parts.objects, parts.nodes)
            if papers.readings:
                return parts.extras(ticket, papers)
            log.info("ledger.nothing_to_seal", ticket=ticket.id)
        except (NotFound, WireError, ValueError) as error:
            # A person must look; the other jobs do not wait for it.
            log.error("ledger.unreadable", ticket=ticket.id, why=str(error))  # noqa: TRY400 -- a sentence
        self._passed_over.add(ticket.id)
        return None

    # --- checkpoints -----------------------------------------------------------------------------------------

    def _have_checkpoint_signed(self, effect: MakeCheckpoint) -> _Checkpoint:
        ledger = self._parts.ledger
        said = members_hash(effect.members, keccak)
        terms = CheckpointTerms(effect.id, effect.market_block, effect.market_hash, said)
        task = CheckpointTask(self._name(), terms, effect.members)
        document = checkpoint_document(ledger.chain_id, ledger.address, terms)
        name = f"checkpoint-{effect.id}-{effect.market_block}"
        ballot = self._ballot(name, TaskKind.SIGN_CHECKPOINT, task, document, effect.current)
        log.info("checkpoint.proposed", checkpoint=effect.id, members=len(effect.members))
        return _Checkpoint(effect, ballot)

    def _go_on_with_checkpoint(self, checkpoint: _Checkpoint, head: LedgerHead) -> None:
        effect, ballot = checkpoint.effect, checkpoint.ballot
        ballot.count()
        if head.checkpoint != effect.id - 1:
            self._give_up(ballot)
        elif ballot.has_quorum:
            members, current = effect.members, effect.current
            where = (effect.id, effect.market_block, effect.market_hash)
            self._queue(MakeCheckpoint(*where, members, current, ballot.signatures))
            self._give_up(ballot)
        elif ballot.is_over:
            log.warning("checkpoint.no_quorum", checkpoint=effect.id, refusals=ballot.refusals)
            self._no_quorum(ballot, head)

    # --- what they share -------------------------------------------------------------------------------------

    def _ballot(
        self,
        name: str,
        kind: TaskKind,
        task: object,
        document: dict[str, object],
        members: tuple[Member, ...],
    ) -> Ballot:
        parts = self._parts
        ballot = Ballot(parts.tasks, parts.nodes, parts.signatures, parts.clock, document, members)
        ballot.open(name, kind, to_wire(task), SIGN_SECONDS)
        return ballot

    def _no_quorum(self, ballot: Ballot, head: LedgerHead) -> None:
        """Try again; and say on chain that there is something to seal, or the ledger could stand still for ever."""
        self._give_up(ballot)
        if not head.called_at:
            self._queue(CallProposer(head.index, head.checkpoint))

    def _give_up(self, ballot: Ballot) -> None:
        """Nothing more is asked; what is due is looked at anew."""
        ballot.close()
        self._epoch = self._checkpoint = None

    def _queue(self, effect: LedgerEffect) -> None:
        self._parts.effects.add([effect])
        self._queued = effect.key

    def _name(self) -> LedgerName:
        ledger = self._parts.ledger
        return LedgerName(ledger.chain_id, ledger.address, *self._parts.market)
