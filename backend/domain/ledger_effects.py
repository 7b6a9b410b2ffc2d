"""What the ledger keeper makes the settler do on the carbon chain. These belong to no ticket."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import EpochTerms, Member


@dataclass(frozen=True)
class MakeCheckpoint:
    """Name who may sign from now on, as the market chain has them at a block; without signatures it is an anchor."""

    id: int
    market_block: int
    market_hash: str
    members: tuple[Member, ...]
    current: tuple[Member, ...] = ()
    signatures: tuple[str, ...] = ()
    ticket_id: str = ""

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"ledger/checkpoint/{self.id}/{self.market_block}"


@dataclass(frozen=True)
class SealEpoch:
    """Append an epoch, signed by a quorum of the members."""

    terms: EpochTerms
    jobs: tuple[JobSummary, ...]
    members: tuple[Member, ...]
    signatures: tuple[str, ...]
    ticket_id: str = ""

    @property
    def key(self) -> str:
        """Idempotency key: of what is sealed, whoever signed it."""
        return f"ledger/epoch/{self.terms.index}/{self.terms.checkpoint}/{self.terms.readings_root}"


@dataclass(frozen=True)
class CallProposer:
    """Say that there is an epoch to seal which the drawn proposer does not sign."""

    index: int
    checkpoint: int
    ticket_id: str = ""

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"ledger/call/{self.index}/{self.checkpoint}"


LedgerEffect = MakeCheckpoint | SealEpoch | CallProposer
