"""The market chain in memory: the contracts' rules about jobs, credits and deposits without cryptography."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend.adapters.memory.escrow import (
    ARBITER,
    ARBITRATION_S,
    CONTESTED,
    NAMED,
    TREASURY,
    EscrowRecord,
    MemoryEscrow,
)
from backend.domain import effects as fx
from backend.domain import job as words
from backend.domain.effects import Effect
from backend.domain.node import Node
from backend.domain.ticket import Ticket, VerdictRecord
from backend.errors import Conflict, NotYet, Unrecoverable
from backend.ports import ChainEvent, Clock, Roles
from fl_nodes.protocol.payout import commission
from fl_nodes.protocol.scores import decode
from fl_nodes.protocol.signing import bytes32

ESCROW = "0xE5C0000000000000000000000000000000000001"


class MemoryMarket(MemoryEscrow):
    """`ports.MarketChain`, what the settler needs beyond it, and (inherited) what others do on the chain.

    The draw of the validators is possible `draw_s` after the choice of the trainers.
    """

    def __init__(
        self, clock: Clock, commission_bps: int = 200, contest_s: float = 8.0, draw_s: float = 0.0
    ) -> None:
        super().__init__(clock, commission_bps, contest_s)
        self.draw_s = draw_s
        self.chain_id = 31337
        self.escrow_address = ESCROW

    def commission_bps(self) -> int:
        """Current commission for new jobs, in basis points."""
        return self._commission_bps

    def node(self, provider: str) -> Node:
        """A provider's standing."""
        return self.staking.node(provider)

    def block_hash(self, block: int) -> str:
        """Nothing is ever taken back here."""
        return f"0x{block:064x}"

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """All events from `from_block` on, in order, and the next block to ask for."""
        return self._journal.since(from_block)

    def roles(self, account: str) -> Roles:
        """The arbiter is one account, and there is no admin."""
        return Roles(arbiter=account == ARBITER)

    def block_time(self, block: int) -> int:  # noqa: ARG002 -- every act is now
        """A block's time, in Unix seconds."""
        return int(self._clock())

    def job_events(self, job_id: str) -> list[ChainEvent]:
        """The events of one job, in order."""
        return self._journal.of_job(job_id)

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """As `ports.MarketChain.carry_out`."""
        actions: dict[type, Callable[[Any, Ticket], str]] = {
            fx.Assign: self._assign,
            fx.RecordRound: self._record_round,
            fx.Settle: self._settle,
            fx.Fail: self._fail,
            fx.Cancel: self._cancel,
            fx.Reclaim: self._reclaim,
            fx.Release: self._release,
            fx.FinalizeSlash: self._finalize_slash,
            fx.PayOut: self._pay_out,
            fx.PayOutDeposit: self._pay_out_deposit,
        }
        if type(effect) not in actions:
            raise Unrecoverable(
                "chain.not_ours", f"{type(effect).__name__} is no effect of the market chain."
            )
        return actions[type(effect)](effect, ticket)

    # --- effects ---------------------------------------------------------------------------------------------

    def _assign(self, effect: fx.Assign, _: Ticket) -> str:
        job = self._held(effect.job_id)
        if job.record.status == words.ASSIGNED:
            return self._tx_of("JobAssigned", effect.job_id)
        if job.record.status != words.DRAWING:
            self._choose(job, words.ascending(effect.trainers))
        return self.draw(effect.job_id)

    def _choose(self, job: EscrowRecord, trainers: tuple[str, ...]) -> None:
        self._require(job, words.OPEN)
        self._require_before_deadline(job)
        for trainer in trainers:
            if not self.staking.is_available(trainer, "trainer"):
                raise Conflict("chain.rejected", f"Node {trainer} cannot be given a job now.")
        job_id = job.record.job_id
        self._jobs[job_id] = replace(job, trainers=trainers, draw_at=self._clock() + self.draw_s)
        self._become(job_id, words.DRAWING)
        self.staking.lock(trainers)
        self._tell("TrainersChosen", jobId=job_id, trainers=list(trainers), seedBlock=0)

    def _record_round(self, effect: fx.RecordRound, _: Ticket) -> str:
        job = self._held(effect.job_id)
        if job.next_round > effect.round:
            return self._tx_of("RoundRecorded", effect.job_id, round=effect.round)
        self._require(job, words.ASSIGNED)
        self._jobs[effect.job_id] = replace(job, next_round=effect.round + 1)
        return self._tell("RoundRecorded", jobId=effect.job_id, round=effect.round, root=effect.root)

    def _settle(self, effect: fx.Settle, ticket: Ticket) -> str:
        job, verdict = self._held(effect.job_id), _verdict(ticket)
        if job.record.status == words.SETTLED:
            return self._tx_of("JobSettled", effect.job_id)
        self._require_quorum(job, verdict)
        amounts = [int(amount) for amount in verdict.amounts_wei]
        cut = commission(job.record.fee_wei, job.record.commission_bps)
        if sum(amounts) != job.record.fee_wei - cut or len(amounts) != len(verdict.payees):
            raise Conflict("chain.rejected", "The verdict does not pay what the job's nodes are due.")
        if verdict.payees != job.trainers or len(verdict.scores) != len(job.trainers):
            raise Conflict("chain.rejected", "The verdict does not pay and score the job's trainers.")
        scored = zip(job.trainers, verdict.scores, strict=True)
        self._end(effect.job_id, words.SETTLED)
        self.staking.judge({t: decode(bytes32(w), t).accuracy_ppm for t, w in scored})
        for payee, amount in (*zip(verdict.payees, amounts, strict=True), (TREASURY, cut)):
            self._credit(payee, amount)
        said = {"resultHash": verdict.result_sha256, "evidenceHash": verdict.evidence_hash}
        paid = {"payees": list(verdict.payees), "amounts": amounts, "scores": list(verdict.scores)}
        return self._tell("JobSettled", jobId=effect.job_id, **said, **paid, commission=cut)

    def _fail(self, effect: fx.Fail, ticket: Ticket) -> str:
        job, verdict = self._held(effect.job_id), _verdict(ticket)
        if job.record.status == words.FAILED:
            return self._tx_of("JobFailed", effect.job_id)
        self._require_quorum(job, verdict)
        if not set(verdict.culprits) <= set(job.trainers):
            raise Conflict("chain.rejected", "The verdict names somebody who is no trainer of the job.")
        honest = tuple(t for t in job.trainers if t not in verdict.culprits)
        self._end(effect.job_id, words.FAILED)
        self._credit(job.record.customer, job.record.fee_wei)
        self._jobs[effect.job_id] = replace(
            self._jobs[effect.job_id],
            honest=honest,
            accusations=dict.fromkeys(verdict.culprits, NAMED),
            slash_ready_at=self._clock() + self._contest_s,
        )
        for culprit in verdict.culprits:
            self.staking.freeze(culprit)
        said = {"evidenceHash": verdict.evidence_hash, "culprits": list(verdict.culprits)}
        rest = {"honest": list(honest), "refund": job.record.fee_wei}
        return self._tell("JobFailed", jobId=effect.job_id, **said, **rest)

    def _cancel(self, effect: fx.Cancel, ticket: Ticket) -> str:
        job = self._held(effect.job_id)
        if job.record.status == words.CANCELLED:
            return self._tx_of("JobCancelled", effect.job_id)
        if job.record.status in (words.ASSIGNED, words.RECLAIMED):
            return self._reclaim(fx.Reclaim(effect.ticket_id, effect.job_id), ticket)
        self._require(job, words.OPEN, words.DRAWING)
        self._end(effect.job_id, words.CANCELLED)
        self._credit(job.record.customer, job.record.fee_wei)
        back = {"customer": job.record.customer, "refund": job.record.fee_wei}
        return self._tell("JobCancelled", jobId=effect.job_id, **back)

    def _reclaim(self, effect: fx.Reclaim, _: Ticket) -> str:
        job = self._held(effect.job_id)
        if job.record.status == words.RECLAIMED:
            return self._tx_of("JobReclaimed", effect.job_id)
        self._require(job, *words.HOLDING)
        if self._clock() < job.record.deadline:
            left = job.record.deadline - self._clock()
            raise NotYet("chain.not_yet", "The deadline of the job has not been reached on chain.", left)
        self._end(effect.job_id, words.RECLAIMED)
        self._pay(job.record.customer, job.record.fee_wei)
        back = {"customer": job.record.customer, "refund": job.record.fee_wei}
        return self._tell("JobReclaimed", jobId=effect.job_id, **back)

    def _release(self, effect: fx.Release, _: Ticket) -> str:
        job = self._held(effect.job_id)
        if not job.released:
            self._require(job, *words.ENDED)
            self._free(effect.job_id)
            self._tell("JobReleased", jobId=effect.job_id)
        return self._tx_of("JobReleased", effect.job_id)

    def _finalize_slash(self, effect: fx.FinalizeSlash, _: Ticket) -> str:
        job = self._held(effect.job_id)
        named = [culprit for culprit, state in job.accusations.items() if state == NAMED]
        contested = [culprit for culprit, state in job.accusations.items() if state == CONTESTED]
        if effect.after_silence and contested:
            left = job.slash_ready_at + ARBITRATION_S - self._clock()
            if left > 0:
                raise NotYet("chain.not_yet", "The arbiter may still decide.", left)
            return [self._lapse(effect.job_id, culprit) for culprit in contested][-1]
        if not named:
            return self._tx_of("SlashLapsed" if effect.after_silence else "SlashFinalized", effect.job_id)
        if self._clock() < job.slash_ready_at:
            raise NotYet(
                "chain.not_yet", "The accused may still contest.", job.slash_ready_at - self._clock()
            )
        return [self._slash(effect.job_id, culprit) for culprit in named][-1]

    def _pay_out(self, effect: fx.PayOut, ticket: Ticket) -> str:
        if self.job(ticket.job_id).status == words.RECLAIMED:
            return self._tx_of("JobReclaimed", ticket.job_id)
        amount = self.credits.pop(effect.account, 0)
        if not amount:
            return self._journal.tx_of("Withdrawn", account=effect.account)
        self._pay(effect.account, amount)
        return self._tell("Withdrawn", account=effect.account, amount=amount)

    def _pay_out_deposit(self, effect: fx.PayOutDeposit, _: Ticket) -> str:
        return self.staking.withdraw_credit(effect.account)


def _verdict(ticket: Ticket) -> VerdictRecord:
    if ticket.verdict is None:
        raise Conflict("chain.no_verdict", f"Ticket {ticket.id} is to end by a verdict but holds none.")
    return ticket.verdict
