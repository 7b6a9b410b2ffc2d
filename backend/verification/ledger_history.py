"""The energy ledger's past as its events tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.ports import ChainEvent
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import EpochTerms, Member, SealedEpoch


@dataclass(frozen=True)
class EpochRecord:
    """A sealed epoch with its jobs and signatures; `called_at` (Unix seconds) is when it was called for, 0 when it was not."""

    sealed: SealedEpoch
    said_hash: str
    jobs: tuple[JobSummary, ...]
    signatures: tuple[str, ...]
    called_at: int
    tx: str


@dataclass(frozen=True)
class CheckpointRecord:
    """Who might sign from then on; `anchored` where the keeper named them."""

    id: int
    market_block: int
    market_hash: str
    members: tuple[Member, ...]
    anchored: bool
    signatures: tuple[str, ...]


@dataclass(frozen=True)
class LedgerHistory:
    """All of it, in the order of the chain; `proposer_seconds` is the contract's."""

    chain_id: int
    ledger: str
    proposer_seconds: int
    epochs: tuple[EpochRecord, ...]
    checkpoints: tuple[CheckpointRecord, ...]


def ledger_history(
    chain_id: int, ledger: str, proposer_seconds: int, events: Sequence[ChainEvent]
) -> LedgerHistory:
    """From all events of the ledger, in order."""
    epochs, checkpoints, called_at = [], [], 0
    for event in events:
        said = event.args
        if event.name == "ProposerCalled":
            called_at = int(said["calledAt"])
        elif event.name == "CheckpointMade":
            checkpoints.append(_checkpoint(said))
            called_at = 0
        elif event.name == "EpochSealed":
            epochs.append(epoch_record(said, called_at, event.tx))
            called_at = 0
    return LedgerHistory(chain_id, ledger, proposer_seconds, tuple(epochs), tuple(checkpoints))


def sealed_epoch(said: Mapping[str, Any]) -> SealedEpoch:
    """From the contract's struct; words as 0x hex."""
    terms = EpochTerms(
        index=int(said["index"]),
        checkpoint=int(said["checkpoint"]),
        prev_hash=said["prevHash"],
        readings_root=said["readingsRoot"],
        claims_root=said["claimsRoot"],
        jobs_root=said["jobsRoot"],
        rating_root=said["ratingRoot"],
        readings=int(said["readings"]),
        millijoules=int(said["millijoules"]),
        micrograms=int(said["micrograms"]),
    )
    return SealedEpoch(terms, str(said["proposer"]), int(said["sealedAt"]))


def epoch_record(said: Mapping[str, Any], called_at: int, tx: str) -> EpochRecord:
    """From the event's arguments; words as 0x hex."""
    jobs = tuple(
        JobSummary(j["job"], int(j["readings"]), int(j["millijoules"]), int(j["micrograms"]), j["commitment"])
        for j in said["jobs"]
    )
    sealed = sealed_epoch(said["epoch"])
    return EpochRecord(sealed, said["epochHash"], jobs, tuple(said["signatures"]), called_at, tx)


def _checkpoint(said: Mapping[str, Any]) -> CheckpointRecord:
    return CheckpointRecord(
        id=int(said["id"]),
        market_block=int(said["marketBlock"]),
        market_hash=said["marketHash"],
        members=tuple(Member(m["key"], int(m["weight"])) for m in said["members"]),
        anchored=bool(said["anchored"]),
        signatures=tuple(said["signatures"]),
    )
