"""The next epoch of the energy ledger: which jobs go into it, and all that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_claim import CreditClaim
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.job_summary import NO_COMMITMENT
from fl_nodes.protocol.ledger_epoch import EpochContent, EpochTerms, NodeRating
from fl_nodes.protocol.ledger_tasks import EpochPapers
from fl_nodes.protocol.reading import LedgerReading
from fl_nodes.protocol.tasks import Commitment

MAX_JOBS = 64
"""So that a transaction fits a block; their readings may be any number."""


@dataclass(frozen=True)
class JobPapers:
    """One job that waits for sealing: its readings, the signed commitments they follow from, its trainers' keys, and where there
    are any its claims with the baseline behind them, the commitment for a certificate and the salt (hex) that opens it.
    """

    job: str
    readings: tuple[LedgerReading, ...]
    said: tuple[Commitment, ...]
    keys: Mapping[str, str]
    claims: tuple[CreditClaim, ...] = ()
    baseline: CreditBaseline | None = None
    commitment: str = NO_COMMITMENT
    salt: str = ""


def next_epoch(
    index: int,
    checkpoint: int,
    prev_hash: str,
    jobs: Sequence[JobPapers],
    ratings: Sequence[NodeRating],
) -> EpochPapers:
    """The epoch that holds these jobs, `MAX_JOBS` at most, those without readings left out; ValueError where none is left."""
    taken = [job for job in jobs if job.readings][:MAX_JOBS]
    if not taken:
        raise ValueError("an epoch holds the readings of one job at least")
    content = EpochContent(
        index=index,
        checkpoint=checkpoint,
        prev_hash=prev_hash,
        readings=tuple(r for job in taken for r in job.readings),
        claims=tuple(c for job in taken for c in job.claims),
        baselines=tuple(job.baseline for job in taken if job.baseline is not None and job.claims),
        ratings=tuple(sorted(ratings, key=lambda rating: int(rating.node, 16))),
        commitments={job.job: job.commitment for job in taken if job.commitment != NO_COMMITMENT},
        salts={job.job: job.salt for job in taken if job.commitment != NO_COMMITMENT},
    )
    said = tuple(c for job in taken for c in job.said)
    keys = {node: key for job in taken for node, key in job.keys.items()}
    return EpochPapers(content, said, keys)


def papers_key(terms: EpochTerms) -> str:
    """Where the papers of an epoch stand among the objects: what is on chain of it names them."""
    return f"ledger/epochs/{terms.index}-{digest(terms)[:32]}.json"
