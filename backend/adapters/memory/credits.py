"""Eco Credits in memory, by the rules of `contracts/carbon/CarbonCredit.sol`, each refusal under the name of its error."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from eth_utils.crypto import keccak

from backend.adapters.memory.journal import Journal
from backend.domain.credit_effects import FixBaseline, IssueCredits
from backend.domain.credits import Certificate, Holding, credit_id, zone_and_vintage
from backend.energy.credits import CreditBatch, ProvenClaim, batch
from backend.errors import Conflict, NotFound, NotYet
from backend.ports import ChainEvent, Clock
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_rule import METHOD, actual_ug, least_uncertainty_ug
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.keccak_tree import stands_under
from fl_nodes.protocol.ledger_epoch import EpochContent, EpochTerms, SealedEpoch, bare
from fl_nodes.protocol.reading import SECONDS_PER_HOUR

CONTRACT = "CarbonCredit"
NOBODY = "0" * 40


class SealedEpochs(Protocol):
    """The energy ledger, as far as credits ask it."""

    def is_sealed(self, job: str) -> bool:
        """Whether a job stands in any epoch."""

    def is_final(self, index: int) -> bool:
        """Whether anything may be built on an epoch."""

    def epoch(self, index: int) -> SealedEpoch:
        """A sealed epoch."""


@dataclass
class _Account:
    """What was issued for a job."""

    baseline: CreditBaseline
    fixed_at: int
    claims: int = 0
    micrograms: int = 0


@dataclass
class MemoryCredits:
    """`contents` says what sealed epochs hold; events go to the `journal`."""

    ledger: SealedEpochs
    contents: Callable[[int], EpochContent]
    journal: Journal
    clock: Clock
    jobs: dict[str, _Account] = field(default_factory=dict)
    serials: set[bytes] = field(default_factory=set)
    hours: dict[tuple[str, int], int] = field(default_factory=dict)
    held: dict[tuple[str, int], int] = field(default_factory=dict)
    issued: dict[int, int] = field(default_factory=dict)
    retired: list[Certificate] = field(default_factory=list)

    def fix(self, effect: FixBaseline) -> str:
        """As `Web3Credits.fix`."""
        said, job = effect.baseline, bare(effect.job_id)
        if job in self.jobs:
            return self.journal.tx_of("BaselineFixed", job=effect.job_id)
        if self.ledger.is_sealed(effect.job_id):
            raise _refused("JobSealed")
        if not all((said.millijoules, said.micrograms, said.hour_millijoules, said.node_rounds)):
            raise _refused("BadBaseline")
        self.jobs[job] = _Account(said, int(self.clock()))
        return self.journal.tell(
            CONTRACT,
            "BaselineFixed",
            {
                "job": effect.job_id,
                "baselineHash": "0x" + said.digest(keccak).hex(),
                "millijoules": said.millijoules,
                "micrograms": said.micrograms,
                "hourMillijoules": said.hour_millijoules,
                "nodeRounds": said.node_rounds,
                "decision": said.decision,
                "fixedAt": self.jobs[job].fixed_at,
            },
        )

    def issue(self, effect: IssueCredits) -> str:
        """As `Web3Credits.issue`."""
        due = batch(self.contents(effect.epoch), effect.job_id, keccak)
        if due is None:
            return ""
        if not self.ledger.is_final(effect.epoch):
            raise NotYet("credits.window", f"Epoch {effect.epoch} may still be challenged.", 1.0)
        left = self._left(due)
        if left:
            return self.issue_claims(due.epoch, due.summary, due.job_proof, left)
        return self.journal.tx_of("CreditIssued", job=effect.job_id)

    def issue_claims(
        self, epoch: int, summary: JobSummary, job_proof: Sequence[bytes], claims: Sequence[ProvenClaim]
    ) -> str:
        """What the contract's `issue` does: all of the claims or none; Conflict `chain.rejected` names the error."""
        account = self.jobs.get(bare(summary.job))
        if account is None:
            raise _refused("NoBaseline")
        if not self.ledger.is_final(epoch):
            raise _refused("NotFinal")
        terms = self.ledger.epoch(epoch).terms
        if not stands_under(bytes.fromhex(bare(terms.jobs_root)), summary.leaf(keccak), job_proof, keccak):
            raise _refused("UnknownJob")
        serials, hours, total = set(self.serials), dict(self.hours), account.micrograms
        for proven in claims:
            self._admit(proven, account, terms, serials, hours)
            total += proven.claim.amount_ug
        if account.claims + len(claims) > account.baseline.node_rounds:
            raise _refused("TooManyRounds")
        counted = min(summary.readings, account.baseline.node_rounds) * account.baseline.micrograms
        if total > max(0, counted - summary.micrograms):
            raise _refused("BeyondTheJob")
        self.serials, self.hours = serials, hours
        account.claims, account.micrograms = account.claims + len(claims), total
        return [self._mint(proven, epoch) for proven in claims][-1] if claims else ""

    def retire(self, holder: str, token: int, micrograms: int, beneficiary: str, reason: str) -> Certificate:
        """Use up what a holder has, for ever."""
        has = self.held.get((bare(holder), token), 0)
        if not 0 < micrograms <= has:
            raise _refused("NothingToRetire" if micrograms <= 0 else "InsufficientBalance")
        self.held[bare(holder), token] = has - micrograms
        number = len(self.retired) + 1
        said = {"certificate": number, "holder": holder, "id": token, "amount": micrograms}
        tx = self.journal.tell(
            CONTRACT, "CreditRetired", {**said, "beneficiary": beneficiary, "reason": reason}
        )
        made = Certificate(
            number,
            holder,
            int(self.clock()),
            *zone_and_vintage(token),
            hex(token),
            micrograms,
            beneficiary,
            reason,
            tx,
        )
        self.retired.append(made)
        return made

    def block_hash(self, block: int) -> str:
        """Nothing is ever taken back here."""
        return f"0x{block:064x}"

    def stands(self, tx: str) -> bool:
        """As the port says."""
        return any(event.tx == tx for event in self.journal.since(0)[0])

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """As `ports.Credits`."""
        found, following = self.journal.since(from_block)
        return [event for event in found if event.contract == CONTRACT], following

    def holdings(self, account: str) -> tuple[Holding, ...]:
        """As `ports.Credits`."""
        own = sorted((token, held) for (owner, token), held in self.held.items() if owner == bare(account))
        told, _ = self.journal.since(0)
        issued = [e.args for e in told if e.name == "CreditIssued" and bare(e.args["node"]) == bare(account)]
        return tuple(
            Holding(
                *zone_and_vintage(token),
                hex(token),
                held,
                sum(said["amount"] for said in issued if said["id"] == token),
            )
            for token, held in own
        )

    def certificates(self, account: str | None = None) -> tuple[Certificate, ...]:
        """As `ports.Credits`."""
        return tuple(c for c in self.retired if account is None or bare(c.holder) == bare(account))

    def certificate(self, number: int) -> Certificate:
        """As `ports.Credits`."""
        if not 0 < number <= len(self.retired):
            raise NotFound("credits.no_certificate", f"There is no certificate {number}.")
        return self.retired[number - 1]

    def _admit(
        self,
        proven: ProvenClaim,
        account: _Account,
        terms: EpochTerms,
        serials: set[bytes],
        hours: dict[tuple[str, int], int],
    ) -> None:
        """One claim after the other, in the contract's order of questions."""
        claim, reading, fixed = proven.claim, proven.reading, account.baseline
        if bare(reading.job) != bare(fixed.job):
            raise _refused("OtherJob")
        if reading.round == 0:
            raise _refused("NoRound")
        if account.fixed_at > claim.started or claim.started >= (reading.hour + 1) * SECONDS_PER_HOUR:
            raise _refused("FixedTooLate")
        root = bytes.fromhex(bare(terms.readings_root))
        if not stands_under(root, reading.leaf(keccak), proven.reading_proof, keccak):
            raise _refused("UnknownReading")
        root = bytes.fromhex(bare(terms.claims_root))
        if not _follows(proven, fixed) or not stands_under(
            root, claim.leaf(keccak), proven.claim_proof, keccak
        ):
            raise _refused("UnknownClaim")
        if claim.uncertainty_ug < least_uncertainty_ug(reading):
            raise _refused("TooCertain")
        if bare(reading.node) == NOBODY:
            raise _refused("ZeroAddress")
        serial = claim.serial(keccak)
        if serial in serials:
            raise _refused("AlreadyIssued")
        if claim.amount_ug == 0:
            raise _refused("NothingAvoided")
        place = bare(reading.node), reading.hour
        hours[place] = hours.get(place, 0) + fixed.millijoules
        if hours[place] > fixed.hour_millijoules:
            raise _refused("HourExhausted")
        serials.add(serial)

    def _mint(self, proven: ProvenClaim, epoch: int) -> str:
        claim, amount = proven.claim, proven.claim.amount_ug
        month = datetime.fromtimestamp(claim.hour * SECONDS_PER_HOUR, UTC)
        token = credit_id(claim.zone, month.year, month.month)
        owner = bare(claim.node), token
        self.held[owner] = self.held.get(owner, 0) + amount
        self.issued[token] = self.issued.get(token, 0) + amount
        return self.journal.tell(
            CONTRACT,
            "CreditIssued",
            {
                "job": claim.job,
                "node": claim.node,
                "id": token,
                "round": claim.round,
                "epoch": epoch,
                "serial": "0x" + claim.serial(keccak).hex(),
                "claimLeaf": "0x" + claim.leaf(keccak).hex(),
                "amount": amount,
            },
        )

    def _left(self, due: CreditBatch) -> list[ProvenClaim]:
        fixed = self.jobs[bare(due.summary.job)].baseline
        hours, left = dict(self.hours), []
        for proven in due.claims:
            place = bare(proven.claim.node), proven.claim.hour
            if proven.claim.serial(keccak) in self.serials:
                continue
            hours[place] = hours.get(place, 0) + fixed.millijoules
            if hours[place] <= fixed.hour_millijoules:
                left.append(proven)
        return left


def _follows(proven: ProvenClaim, fixed: CreditBaseline) -> bool:
    """Whether the claim says of its reading and its baseline what the contract computes of them."""
    claim, reading = proven.claim, proven.reading
    return (
        (bare(claim.job), claim.round, bare(claim.node), claim.hour, claim.zone, claim.method)
        == (bare(reading.job), reading.round, bare(reading.node), reading.hour, reading.zone, METHOD)
        and (claim.baseline_ug, claim.actual_ug) == (fixed.micrograms, actual_ug(reading))
        and bare(claim.baseline) == fixed.digest(keccak).hex()
        and bare(claim.reading) == reading.leaf(keccak).hex()
    )


def _refused(error: str) -> Conflict:
    return Conflict("chain.rejected", f"{CONTRACT}_{error}")
