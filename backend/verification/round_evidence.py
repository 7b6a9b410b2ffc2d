"""Everything that was said in one round, as it is kept and as its root on chain covers it."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol import challenge
from fl_nodes.protocol.hashing import digest, merkle_root
from fl_nodes.protocol.tasks import Commitment, ValidationReport


@dataclass(frozen=True)
class Opening:
    """How a replayed segment's start and end stand under its trainer's checkpoint root; no path where there is no checkpoint."""

    trainer: str
    segment: int
    start_path: tuple[str, ...] = ()
    end_path: tuple[str, ...] = ()


@dataclass(frozen=True)
class RoundEvidence:
    """A round's nonce, commitments and reports, kept as one object; `model_sha256` is of the model it led to.

    `unrevealed` are commitments that were taken and never revealed: they count in the challenge's seed and in the root.
    """

    round: int
    nonce: str
    commitments: tuple[Commitment, ...]
    reports: tuple[ValidationReport, ...]
    model_sha256: str = ""
    unrevealed: tuple[Commitment, ...] = ()
    openings: tuple[Opening, ...] = ()

    def root(self) -> str:
        """Merkle root (hex) over nonce commitment, commitments, those of them that were not revealed, reports and the next
        model's hash."""
        committed = (*self.commitments, *self.unrevealed)
        leaves = [challenge.commit(self.nonce), *map(digest, committed), *map(digest, self.reports)]
        return merkle_root([*leaves, self.model_sha256] if self.model_sha256 else leaves)

    def seed(self) -> str:
        """The round's challenge seed (hex)."""
        return challenge.seed(self.nonce, (*self.commitments, *self.unrevealed))
