"""The escrow contract in memory: its records, credits and accusations, and what customers, nodes and the arbiter do.

Signatures of verdicts are counted, not checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from backend.adapters.memory.journal import Journal
from backend.adapters.memory.staking import MemoryStaking
from backend.domain import job as words
from backend.domain.ticket import Ticket, VerdictRecord
from backend.errors import Conflict, NotYet
from backend.ports import Clock, JobOnChain

ARBITER = "0xA4B1000000000000000000000000000000000003"
TREASURY = "0x7EEa000000000000000000000000000000000002"
ZERO_HASH = "0x" + "0" * 64
MIN_VALIDATORS = 2
ARBITRATION_S = 30 * 86_400.0
NAMED, CONTESTED, ACQUITTED, SLASHED = "named", "contested", "acquitted", "slashed"


@dataclass(frozen=True)
class EscrowRecord:
    """A job with its people, rounds and accusations."""

    record: JobOnChain
    trainers: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    draw_at: float = 0.0
    released: bool = False
    next_round: int = 0
    honest: tuple[str, ...] = ()
    accusations: dict[str, str] = field(default_factory=dict)
    slash_ready_at: float = 0.0


class MemoryEscrow:
    """`credits` holds the DML wei that accounts can withdraw, `wallets` those that left the escrow for good."""

    def __init__(self, clock: Clock, commission_bps: int, contest_s: float) -> None:
        self.credits: dict[str, int] = {}
        self.wallets: dict[str, int] = {}
        self._journal = Journal()
        self.staking = MemoryStaking(self._journal.tell)
        self._clock = clock
        self._commission_bps = commission_bps
        self._contest_s = contest_s
        self._jobs: dict[str, EscrowRecord] = {}

    def job(self, job_id: str) -> JobOnChain:
        """The job's record."""
        held = self._jobs.get(job_id)
        return held.record if held else JobOnChain(job_id, "0x" + "0" * 40, 0, 0, words.NONE, 0)

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
        self._jobs[job_id] = EscrowRecord(
            JobOnChain(job_id, customer, fee_wei, deadline, words.OPEN, self._commission_bps)
        )
        said = {"customer": customer, "ref": ref, "specHash": spec_hash, "datasetHash": dataset_hash}
        agreed = {"fee": fee_wei, "deadline": deadline, "commissionBps": self._commission_bps}
        return self._tell("JobOpened", jobId=job_id, **said, **agreed)

    def draw(self, job_id: str) -> str:
        """Anybody has the validators drawn: not by lot here, but the first that are free."""
        job = self._held(job_id)
        self._require(job, words.DRAWING)
        self._require_before_deadline(job)
        if self._clock() < job.draw_at:
            left = job.draw_at - self._clock()
            raise NotYet("chain.not_yet", f"The validators of job {job_id} cannot be drawn yet.", left)
        barred = {*job.trainers, job.record.customer}
        drawn = tuple(v for v in self.staking.available("validator") if v not in barred)[:3]
        if len(drawn) < MIN_VALIDATORS:
            sentence = f"Only {len(drawn)} of the {MIN_VALIDATORS} validators that a job needs can be drawn."
            raise NotYet("chain.not_yet", sentence, 1.0)
        self._jobs[job_id] = replace(job, validators=drawn)
        self._become(job_id, words.ASSIGNED)
        self.staking.lock(drawn)
        keys = [self.staking.node(v).key for v in drawn]
        crew = {"trainers": list(job.trainers), "validators": list(drawn), "validatorKeys": keys}
        return self._tell("JobAssigned", jobId=job_id, **crew, seed=ZERO_HASH)

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

    # --- for the effects -----------------------------------------------------------------------

    def _held(self, job_id: str) -> EscrowRecord:
        return self._jobs.get(job_id) or EscrowRecord(self.job(job_id))

    def _require(self, job: EscrowRecord, *statuses: str) -> None:
        if job.record.status not in statuses:
            sentence = f"Job {job.record.job_id} is {job.record.status} on chain, which does not allow this."
            raise Conflict("chain.rejected", sentence)

    def _require_before_deadline(self, job: EscrowRecord) -> None:
        if self._clock() >= job.record.deadline:
            raise Conflict("chain.rejected", f"The deadline of job {job.record.job_id} has passed.")

    def _require_quorum(self, job: EscrowRecord, verdict: VerdictRecord) -> None:
        self._require(job, words.ASSIGNED)
        needed = len(job.validators) // 2 + 1
        if len(set(verdict.signatures)) < needed:
            sentence = (
                f"The verdict has {len(verdict.signatures)} of the {needed} validators' signatures it needs."
            )
            raise Conflict("chain.rejected", sentence)

    def _end(self, job_id: str, status: str) -> None:
        """A refund that does not name the nodes leaves them bound."""
        if status in (words.SETTLED, words.FAILED) or self._jobs[job_id].record.status == words.OPEN:
            self._free(job_id)
        self._become(job_id, status)

    def _free(self, job_id: str) -> None:
        job = self._jobs[job_id]
        self.staking.release((*job.trainers, *job.validators))
        self._jobs[job_id] = replace(job, released=True)

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

    def _lapse(self, job_id: str, culprit: str) -> str:
        self._accuse(job_id, culprit, ACQUITTED)
        self.staking.unfreeze(culprit)
        return self._tell("SlashLapsed", jobId=job_id, culprit=culprit)

    def _credit(self, account: str, amount: int) -> None:
        if amount:
            self.credits[account] = self.credits.get(account, 0) + amount

    def _pay(self, account: str, amount: int) -> None:
        self.wallets[account] = self.wallets.get(account, 0) + amount

    def _tx_of(self, name: str, job_id: str, **exactly: Any) -> str:
        return self._journal.tx_of(name, jobId=job_id, **exactly)

    def _tell(self, name: str, **said: Any) -> str:
        return self._journal.tell("JobEscrow", name, said)
