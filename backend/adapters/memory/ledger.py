"""The energy ledger in memory, with the rules of `contracts/carbon`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eth_utils.crypto import keccak

from backend.domain.ledger_effects import CallProposer, LedgerEffect, MakeCheckpoint, SealEpoch
from backend.domain.stake import LedgerHead, Sealing, Stakes
from backend.errors import Conflict, NotFound, NotYet
from backend.ports import ChainEvent, Clock, Signatures
from fl_nodes.protocol.ledger_epoch import (
    GENESIS,
    CheckpointTerms,
    Member,
    SealedEpoch,
    bare,
    checkpoint_document,
    epoch_document,
    is_quorum,
    members_hash,
    race,
)
from fl_nodes.protocol.wire import to_wire

CHAIN_ID = 31338
ADDRESS = "0x00000000000000000000000000000000000001ED"
CHALLENGE_SECONDS, PROPOSER_SECONDS, RECOVERY_SECONDS = 30, 5, 600


class MemoryStakes:
    """`ports.StakesAt`: whatever a test puts into `now`."""

    def __init__(self, now: Stakes) -> None:
        self.now = now

    def stakes(self, block: int | None = None) -> Stakes:  # noqa: ARG002 -- the port's form
        """The same at every block."""
        return self.now


class MemoryLedger:
    """`ports.Ledger`; `epochs` are those that were sealed, `checkpoints` the members of each."""

    def __init__(self, clock: Clock, signatures: Signatures) -> None:
        self.chain_id, self.address = CHAIN_ID, ADDRESS
        self.epochs: list[SealedEpoch] = []
        self.checkpoints: list[tuple[Member, ...]] = []
        self.sealings: dict[int, Sealing] = {}
        self._blocks: list[int] = []
        self._clock = clock
        self._signatures = signatures
        self._called_at = 0
        self._jobs: dict[str, int] = {}
        self._events: list[ChainEvent] = []

    def head(self) -> LedgerHead:
        """Where it stands now."""
        return LedgerHead(
            index=len(self.epochs),
            prev_hash=self.epochs[-1].hash(keccak) if self.epochs else GENESIS,
            checkpoint=len(self.checkpoints) - 1,
            members=self.checkpoints[-1] if self.checkpoints else (),
            called_at=self._called_at,
            proposer_seconds=PROPOSER_SECONDS,
            recovery_seconds=RECOVERY_SECONDS,
            now=int(self._clock()),
        )

    def epoch(self, index: int) -> SealedEpoch:
        """A sealed epoch; NotFound `ledger.no_epoch`."""
        if not 0 <= index < len(self.epochs):
            raise NotFound("ledger.no_epoch", f"The energy ledger has no epoch {index}.")
        return self.epochs[index]

    def sealing(self, index: int) -> Sealing:
        """As the port says."""
        if index not in self.sealings:
            raise NotFound(
                "ledger.no_epoch", f"How epoch {index} of the energy ledger was sealed is not known."
            )
        return self.sealings[index]

    def is_sealed(self, job: str) -> bool:
        """Whether a job stands in any epoch."""
        return bare(job) in self._jobs

    def holds(self, job_id: str) -> bool:
        """Whether a job stands in an epoch."""
        return bare(job_id) in self._jobs

    def is_final(self, index: int) -> bool:
        """Nobody challenges here: once the window is over."""
        return self._clock() >= self.epoch(index).sealed_at + CHALLENGE_SECONDS

    def block_hash(self, block: int) -> str:
        """Nothing is ever taken back here."""
        return f"0x{block:064x}"

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Its events from `from_block` on, one to a block, and the next block to ask for."""
        return self._events[from_block:], max(from_block, len(self._events))

    def write(self, effect: LedgerEffect) -> str:
        """Do it once; Conflict `chain.rejected` as the contract refuses."""
        match effect:
            case SealEpoch():
                return self._seal(effect)
            case MakeCheckpoint():
                return self._checkpoint(effect)
            case CallProposer():
                return self._call(effect)

    def _seal(self, effect: SealEpoch) -> str:
        terms, head = effect.terms, self.head()
        if terms.index < head.index and self.epochs[terms.index].terms == terms:
            return self._tx_of("EpochSealed", "index", terms.index)
        due = (head.index, head.prev_hash, head.checkpoint)
        if (terms.index, terms.prev_hash, terms.checkpoint) != due or effect.members != head.members:
            raise Conflict("chain.rejected", f"Epoch {terms.index} is not the next of the ledger.")
        document = epoch_document(self.chain_id, self.address, terms)
        signers = self._quorum(document, effect.signatures, head)
        drawn = race(head.prev_hash, head.index, head.members, head.turn + 1, keccak)
        proposer = next((key for key in drawn if bare(key) in signers), None)
        if proposer is None:
            raise NotYet("chain.not_yet", f"The drawn proposer {drawn[0]} has not signed.", 1.0)
        for job in effect.jobs:
            if bare(job.job) in self._jobs:
                raise Conflict("chain.rejected", f"Job {job.job} stands in an epoch already.")
        sealed = SealedEpoch(terms, proposer, head.now)
        self._jobs |= {bare(job.job): terms.index for job in effect.jobs}
        self.epochs.append(sealed)
        self.sealings[terms.index] = Sealing(effect.jobs, effect.signatures, effect.members)
        self._called_at = 0
        jobs = [to_wire(replace(job, job="0x" + bare(job.job))) for job in effect.jobs]
        said = {"index": terms.index, "epochHash": sealed.hash(keccak), "jobs": jobs}
        return self._emit("EpochSealed", said)

    def _checkpoint(self, effect: MakeCheckpoint) -> str:
        head = self.head()
        if effect.id <= head.checkpoint:
            return self._tx_of("CheckpointMade", "id", effect.id)
        if self._blocks and effect.market_block <= self._blocks[-1]:
            raise Conflict("chain.rejected", "A checkpoint's market block is later than the one before.")
        if effect.signatures:
            said = members_hash(effect.members, keccak)
            terms = CheckpointTerms(effect.id, effect.market_block, effect.market_hash, said)
            self._quorum(checkpoint_document(self.chain_id, self.address, terms), effect.signatures, head)
        elif head.checkpoint >= 0 and not head.is_stuck:
            raise Conflict("chain.rejected", "A checkpoint is signed by the members of the one before.")
        self.checkpoints.append(effect.members)
        self._blocks.append(effect.market_block)
        self._called_at = 0
        return self._emit("CheckpointMade", {"id": effect.id, "anchored": not effect.signatures})

    def _call(self, effect: CallProposer) -> str:
        head = self.head()
        if (effect.index, effect.checkpoint) != (head.index, head.checkpoint):
            return ""
        if not self._called_at:
            self._called_at = head.now
            return self._emit("ProposerCalled", {"index": effect.index})
        return self._tx_of("ProposerCalled", "index", effect.index)

    def _quorum(self, document: dict[str, Any], signatures: tuple[str, ...], head: LedgerHead) -> set[str]:
        signers = [self._signatures.typed_signer(document, s) or "0x0" for s in signatures]
        order = [int(signer, 16) for signer in signers]
        if order != sorted(set(order)) or not is_quorum(signers, head.members):
            raise Conflict("chain.rejected", "Less than two thirds of the stake have signed, in order.")
        return {bare(signer) for signer in signers}

    def _emit(self, name: str, args: dict[str, Any]) -> str:
        tx = f"0x{len(self._events) + 1:064x}"
        self._events.append(ChainEvent("EnergyLedger", name, args, len(self._events), 0, tx))
        return tx

    def _tx_of(self, name: str, field: str, value: int) -> str:
        return next(e.tx for e in reversed(self._events) if e.name == name and e.args[field] == value)
