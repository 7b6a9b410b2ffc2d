"""The stake behind the energy ledger: what the market chain says at a block, and who may sign because of it."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import Member, heaviest


@dataclass(frozen=True)
class NodeStake:
    """A node that has a weight: its provider's address, its key, deposit in wei x rating in basis points."""

    provider: str
    key: str
    weight: int


@dataclass(frozen=True)
class Stakes:
    """`NodeStaking.weights(3, block + 1)` at a block: every active node that is not frozen, in either role."""

    block: int
    block_hash: str
    nodes: tuple[NodeStake, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        """Who may sign: the heaviest, of equals those with the smaller key, in ascending order of their keys."""
        return heaviest([Member(n.key, n.weight) for n in self.nodes])


@dataclass(frozen=True)
class LedgerHead:
    """Where the energy ledger stands: `index` is the next epoch's, `checkpoint` the newest one's number (-1 before there is any),
    `called_at` (Unix seconds) when the next epoch was called for, 0 when it was not, `now` the chain's time.
    """

    index: int
    prev_hash: str
    checkpoint: int
    members: tuple[Member, ...]
    called_at: int
    proposer_seconds: int
    recovery_seconds: int
    now: int

    @property
    def is_stuck(self) -> bool:
        """Whether an epoch was called for so long ago that the keeper may name the members anew."""
        return bool(self.called_at) and self.now - self.called_at >= self.recovery_seconds

    @property
    def turn(self) -> int:
        """How many in the race may be passed over."""
        return (self.now - self.called_at) // self.proposer_seconds if self.called_at else 0


@dataclass(frozen=True)
class Sealing:
    """How an epoch was sealed: its jobs in the order of its tree, the signatures on it, and the members of its checkpoint."""

    jobs: tuple[JobSummary, ...]
    signatures: tuple[str, ...]
    members: tuple[Member, ...]
