"""The chains in memory: the contracts' rules about jobs, credits and deposits without cryptography.

Signatures of verdicts are counted, not checked, and validators are simply the first that are free.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from backend.adapters.memory.staking import MemoryStaking
from backend.domain import effects as fx
from backend.domain import job as words
from backend.domain.effects import Effect
from backend.domain.node import Node
from backend.domain.ticket import Ticket, VerdictRecord
from backend.errors import Conflict, NotYet, Unrecoverable
from backend.ports import ChainEvent, Clock, JobOnChain
from fl_nodes.protocol.payout import commission

ESCROW = "0xE5C0000000000000000000000000000000000001"
TREASURY = "0x7EEa000000000000000000000000000000000002"
ZERO_HASH = "0x" + "0" * 64
NAMED, CONTESTED, ACQUITTED, SLASHED = "named", "contested", "acquitted", "slashed"


@dataclass(frozen=True)
class _Job:
    record: JobOnChain
    trainers: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    next_round: int = 0
    honest: tuple[str, ...] = ()
    accusations: dict[str, str] = field(default_factory=dict)
    slash_ready_at: float = 0.0


class MemoryMarket:
    """`ports.MarketChain`, what the settler needs beyond it, and what customers, nodes and the arbiter do.

    Every act is a block of its own. `wallets` holds the DML wei that left the escrow for good.
    """

    def __init__(self, clock: Clock, commission_bps: int = 200, contest_s: float = 8.0) -> None:
        self.chain_id = 31337
        self.escrow_address = ESCROW
        self.staking = MemoryStaking(self._emit)
        self.credits: dict[str, int] = {}
        self.wallets: dict[str, int] = {}
        self._clock = clock
        self._commission_bps = commission_bps
        self._contest_s = contest_s
        self._jobs: dict[str, _Job] = {}
        self._events: list[ChainEvent] = []
        self._block = 0

    # --- ports.MarketChain -----------------------------------------------------------------------------------

    def job(self, job_id: str) -> JobOnChain:
        """The job's record."""
        held = self._jobs.get(job_id)
        return held.record if held else JobOnChain(job_id, "0x" + "0" * 40, 0, 0, words.NONE, 0)

    def commission_bps(self) -> int:
        """Current commission for new jobs, in basis points."""
        return self._commission_bps

    def node(self, provider: str) -> Node:
        """A provider's standing."""
        return self.staking.node(provider)

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """All events from `from_block` on, in order, and the next block to ask for."""
        return [e for e in self._events if e.block >= from_block], max(from_block, self._block + 1)

    def identity(self) -> int:
        """A number by which this chain is recognised."""
        return 1

    def job_events(self, job_id: str) -> list[ChainEvent]:
        """The events of one job, in order."""
        return [e for e in self._events if e.contract == "JobEscrow" and e.args.get("jobId") == job_id]

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """As `ports.MarketChain.carry_out`."""
        actions: dict[type, Callable[[Any, Ticket], str]] = {
            fx.Assign: self._assign,
            fx.RecordRound: self._record_round,
            fx.Settle: self._settle,
            fx.Fail: self._fail,
            fx.Cancel: self._cancel,
            fx.Reclaim: self._reclaim,
            fx.FinalizeSlash: self._finalize_slash,
            fx.PayOut: self._pay_out,
            fx.PayOutDeposit: self._pay_out_deposit,
        }
        if type(effect) not in actions:
            raise Unrecoverable(
                "chain.not_ours", f"{type(effect).__name__} is no effect of the market chain."
            )
        return actions[type(effect)](effect, ticket)

    # --- what others do --------------------------------------------------------------------------------------

    def open_job(
        self,
        customer: str,
        ref: str,
        fee_wei: int,
        deadline: int,
        spec_hash: str = ZERO_HASH,
        dataset_hash: str = ZERO_HASH,
    ) -> str:
        """A customer pays; the job's id. Conflict `chain.rejected` for a reference that was paid already."""
        job_id = "0x" + keccak(encode(["address", "bytes32"], [customer, bytes.fromhex(ref[2:])])).hex()
        self.open_job_as(job_id, customer, ref, fee_wei, deadline, spec_hash, dataset_hash)
        return job_id

    def open_job_for(self, ticket: Ticket, fee_wei: int | None = None) -> str:
        """The ticket's customer pays as quoted (or `fee_wei`); the transaction's hash."""
        fee = ticket.quote.fee_wei if fee_wei is None else fee_wei
        hashes = ("0x" + ticket.spec.hash(), "0x" + ticket.dataset.sha256.removeprefix("0x"))
        return self.open_job_as(ticket.job_id, ticket.customer, ticket.ref, fee, ticket.deadline, *hashes)

    def open_job_as(
        self,
        job_id: str,
        customer: str,
        ref: str,
        fee_wei: int,
        deadline: int,
        spec_hash: str = ZERO_HASH,
        dataset_hash: str = ZERO_HASH,
    ) -> str:
        """Open a job under an id of the test's choice; the transaction's hash."""
        if job_id in self._jobs:
            raise Conflict("chain.rejected", f"Job {job_id} is paid already.")
        self._jobs[job_id] = _Job(
            JobOnChain(job_id, customer, fee_wei, deadline, words.OPEN, self._commission_bps)
        )
        said = {"customer": customer, "ref": ref, "specHash": spec_hash, "datasetHash": dataset_hash}
        return self._tell("JobOpened", jobId=job_id, **said, fee=fee_wei, deadline=deadline)

    def contest(self, job_id: str, culprit: str) -> str:
        """An accused node objects."""
        job = self._jobs[job_id]
        if job.accusations.get(culprit) != NAMED or self._clock() >= job.slash_ready_at:
            raise Conflict("chain.rejected", f"{culprit} cannot contest.")
        self._accuse(job_id, culprit, CONTESTED)
        return self._tell("SlashContested", jobId=job_id, culprit=culprit, evidence=ZERO_HASH)

    def arbitrate(self, job_id: str, culprit: str, guilty: bool) -> str:
        """The arbiter decides."""
        if self._jobs[job_id].accusations.get(culprit) != CONTESTED:
            raise Conflict("chain.rejected", f"{culprit} did not contest.")
        tx = self._tell("SlashArbitrated", jobId=job_id, culprit=culprit, guilty=guilty)
        if guilty:
            self._slash(job_id, culprit)
        else:
            self._accuse(job_id, culprit, ACQUITTED)
            self.staking.unfreeze(culprit)
        return tx

    # --- effects ---------------------------------------------------------------------------------------------

    def _assign(self, effect: fx.Assign, _: Ticket) -> str:
        job = self._held(effect.job_id)
        if job.record.status == words.ASSIGNED:
            return self._tx_of("JobAssigned", effect.job_id)
        self._require(job, words.OPEN)
        if self._clock() >= job.record.deadline:
            raise Conflict("chain.rejected", f"The deadline of job {effect.job_id} has passed.")
        for trainer in effect.trainers:
            if not self.staking.is_available(trainer, "trainer"):
                raise Conflict("chain.rejected", f"Node {trainer} cannot be given a job now.")
        barred = {*effect.trainers, job.record.customer}
        drawn = tuple(v for v in self.staking.available("validator") if v not in barred)[:3]
        if len(drawn) < 2:
            raise NotYet(
                "chain.not_yet", f"Only {len(drawn)} of the 2 validators that a job needs can be drawn.", 1.0
            )
        self._jobs[effect.job_id] = replace(job, trainers=effect.trainers, validators=drawn)
        self._become(effect.job_id, words.ASSIGNED)
        self.staking.lock((*effect.trainers, *drawn))
        members = {"trainers": list(effect.trainers), "validators": list(drawn)}
        return self._tell("JobAssigned", jobId=effect.job_id, **members, seed=ZERO_HASH)

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
        if not set(verdict.payees) <= set(job.trainers):
            raise Conflict("chain.rejected", "The verdict pays somebody who is no trainer of the job.")
        self._end(effect.job_id, words.SETTLED)
        for payee, amount in (*zip(verdict.payees, amounts, strict=True), (TREASURY, cut)):
            self._credit(payee, effect.job_id, amount)
        said = {"resultHash": verdict.result_sha256, "scoresHash": verdict.scores_hash}
        paid = {"payees": list(verdict.payees), "amounts": amounts, "commission": cut}
        return self._tell("JobSettled", jobId=effect.job_id, **said, **paid)

    def _fail(self, effect: fx.Fail, ticket: Ticket) -> str:
        job, verdict = self._held(effect.job_id), _verdict(ticket)
        if job.record.status == words.FAILED:
            return self._tx_of("JobFailed", effect.job_id)
        self._require_quorum(job, verdict)
        if not set(verdict.culprits) <= set(job.trainers):
            raise Conflict("chain.rejected", "The verdict names somebody who is no trainer of the job.")
        honest = tuple(t for t in job.trainers if t not in verdict.culprits)
        self._end(effect.job_id, words.FAILED)
        self._credit(job.record.customer, effect.job_id, job.record.fee_wei)
        self._jobs[effect.job_id] = replace(
            self._jobs[effect.job_id],
            honest=honest,
            accusations=dict.fromkeys(verdict.culprits, NAMED),
            slash_ready_at=self._clock() + self._contest_s,
        )
        for culprit in verdict.culprits:
            self.staking.freeze(culprit)
        said = {"evidenceHash": verdict.evidence_hash, "scoresHash": verdict.scores_hash}
        named = {"culprits": list(verdict.culprits), "honest": list(honest)}
        return self._tell("JobFailed", jobId=effect.job_id, **said, **named, refund=job.record.fee_wei)

    def _cancel(self, effect: fx.Cancel, ticket: Ticket) -> str:
        job = self._held(effect.job_id)
        if job.record.status == words.CANCELLED:
            return self._tx_of("JobCancelled", effect.job_id)
        if job.record.status in (words.ASSIGNED, words.RECLAIMED):
            return self._reclaim(fx.Reclaim(effect.ticket_id, effect.job_id), ticket)
        self._require(job, words.OPEN)
        self._end(effect.job_id, words.CANCELLED)
        self._credit(job.record.customer, effect.job_id, job.record.fee_wei)
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

    def _finalize_slash(self, effect: fx.FinalizeSlash, _: Ticket) -> str:
        job = self._held(effect.job_id)
        named = [culprit for culprit, state in job.accusations.items() if state == NAMED]
        if not named:
            return self._tx_of("SlashFinalized", effect.job_id)
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
            paid = [
                e.tx for e in self._events if e.name == "Withdrawn" and e.args["account"] == effect.account
            ]
            return paid[-1] if paid else ""
        self._pay(effect.account, amount)
        return self._tell("Withdrawn", account=effect.account, amount=amount)

    def _pay_out_deposit(self, effect: fx.PayOutDeposit, _: Ticket) -> str:
        return self.staking.withdraw_credit(effect.account)

    # --- inside ----------------------------------------------------------------------------------------------

    def _held(self, job_id: str) -> _Job:
        return self._jobs.get(job_id) or _Job(self.job(job_id))

    def _require(self, job: _Job, *statuses: str) -> None:
        if job.record.status not in statuses:
            sentence = f"Job {job.record.job_id} is {job.record.status} on chain, which does not allow this."
            raise Conflict("chain.rejected", sentence)

    def _require_quorum(self, job: _Job, verdict: VerdictRecord) -> None:
        self._require(job, words.ASSIGNED)
        needed = len(job.validators) // 2 + 1
        if len(set(verdict.signatures)) < needed:
            sentence = (
                f"The verdict has {len(verdict.signatures)} of the {needed} validators' signatures it needs."
            )
            raise Conflict("chain.rejected", sentence)

    def _end(self, job_id: str, status: str) -> None:
        job = self._jobs[job_id]
        if job.record.status == words.ASSIGNED:
            self.staking.release((*job.trainers, *job.validators))
        self._become(job_id, status)

    def _become(self, job_id: str, status: str) -> None:
        job = self._jobs[job_id]
        self._jobs[job_id] = replace(job, record=replace(job.record, status=status))

    def _accuse(self, job_id: str, culprit: str, state: str) -> None:
        job = self._jobs[job_id]
        self._jobs[job_id] = replace(job, accusations={**job.accusations, culprit: state})

    def _slash(self, job_id: str, culprit: str) -> str:
        self._accuse(job_id, culprit, SLASHED)
        honest = self._jobs[job_id].honest or (TREASURY,)
        amount, shares = self.staking.slash(culprit, honest)
        split = {"amount": amount, "honest": list(honest), "shares": list(shares)}
        return self._tell("SlashFinalized", jobId=job_id, culprit=culprit, **split)

    def _credit(self, account: str, job_id: str, amount: int) -> None:
        if amount:
            self.credits[account] = self.credits.get(account, 0) + amount
            self._tell("Credited", account=account, jobId=job_id, amount=amount)

    def _pay(self, account: str, amount: int) -> None:
        self.wallets[account] = self.wallets.get(account, 0) + amount

    def _tx_of(self, name: str, job_id: str, **exactly: Any) -> str:
        wanted = {"jobId": job_id, **exactly}
        found = [e.tx for e in self._events if e.name == name and wanted.items() <= e.args.items()]
        return found[-1] if found else ""

    def _tell(self, name: str, **said: Any) -> str:
        return self._emit("JobEscrow", name, said)

    def _emit(self, contract: str, name: str, said: dict[str, Any]) -> str:
        self._block += 1
        tx = f"0x{self._block:064x}"
        self._events.append(ChainEvent(contract, name, said, self._block, 0, tx))
        return tx


class MemoryCarbon:
    """`ports.CarbonChain`; `recorded` maps a job to its energy root and millijoules."""

    def __init__(self) -> None:
        self.recorded: dict[str, tuple[str, int]] = {}
        self._transactions: dict[str, str] = {}

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:  # noqa: ARG002 -- the port's form
        """Append a job's energy to the ledger, once."""
        if not isinstance(effect, fx.RecordEnergy):
            raise Unrecoverable(
                "chain.not_ours", f"{type(effect).__name__} is no effect of the carbon chain."
            )
        if effect.job_id not in self.recorded:
            self.recorded[effect.job_id] = (effect.root, effect.millijoules)
            self._transactions[effect.job_id] = f"0x{len(self.recorded):064x}"
        return self._transactions[effect.job_id]


def _verdict(ticket: Ticket) -> VerdictRecord:
    if ticket.verdict is None:
        raise Conflict("chain.no_verdict", f"Ticket {ticket.id} is to end by a verdict but holds none.")
    return ticket.verdict
