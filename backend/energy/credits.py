"""The Eco Credits of a job: which claims its readings make against its baseline, and how they are proven to the carbon chain.

The rule itself is `fl_nodes/protocol/credit_rule.py`, for the nodes that sign an epoch hold it to that too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from backend.domain.credit_effects import FixedBaseline
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.credit_claim import CreditClaim
from fl_nodes.protocol.credit_rule import IntensityBand, claims
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import EpochContent, bare
from fl_nodes.protocol.reading import Keccak, LedgerReading


@dataclass(frozen=True)
class ProvenClaim:
    """A claim and its reading with their siblings up to the epoch's roots."""

    claim: CreditClaim
    reading: LedgerReading
    claim_proof: tuple[bytes, ...]
    reading_proof: tuple[bytes, ...]


@dataclass(frozen=True)
class CreditBatch:
    """All that a job may be issued from an epoch."""

    epoch: int
    summary: JobSummary
    job_proof: tuple[bytes, ...]
    claims: tuple[ProvenClaim, ...]


def job_claims(
    readings: Sequence[LedgerReading],
    fixed: FixedBaseline | None,
    started: int,
    chain_ug: int,
    intensity_band_ppm: IntensityBand,
    keccak: Keccak,
    least_millijoules: Mapping[str, int] = MappingProxyType({}),
) -> tuple[CreditClaim, ...]:
    """What a job's readings claim; nothing where its baseline was not fixed before its work began (both Unix seconds).

    `chain_ug` is what the chains took for the job, in µgCO2e; `least_millijoules` by node as `least_of` gives it.
    """
    if fixed is None or fixed.fixed_at > started:
        return ()
    return claims(readings, fixed.baseline, started, chain_ug, intensity_band_ppm, keccak, least_millijoules)


def least_of(energy: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """By node, what its work in one round took at the least, out of a ticket's `energy`: what claims are reckoned with where they
    say less (`fl_nodes/protocol/plausibility.py`).
    """
    return {node: int(of["least_millijoules"]) for node, of in energy.items() if "least_millijoules" in of}


def batch(content: EpochContent, job: str, keccak: Keccak) -> CreditBatch | None:
    """A job's claims that are worth something, with their proofs; None where there are none."""
    worth = [(i, c) for i, c in enumerate(content.claims) if bare(c.job) == bare(job) and c.amount_ug > 0]
    if not worth:
        return None
    readings = [r.leaf(keccak) for r in content.readings]
    made = [c.leaf(keccak) for c in content.claims]
    summaries = content.jobs
    at = next(i for i, s in enumerate(summaries) if bare(s.job) == bare(job))
    by_leaf = {leaf.hex(): i for i, leaf in enumerate(readings)}
    proven = []
    for i, claim in worth:
        where = by_leaf[bare(claim.reading)]
        proven.append(
            ProvenClaim(
                claim=claim,
                reading=content.readings[where],
                claim_proof=keccak_tree.proof(made, i, keccak),
                reading_proof=keccak_tree.proof(readings, where, keccak),
            )
        )
    return CreditBatch(
        epoch=content.index,
        summary=summaries[at],
        job_proof=keccak_tree.proof([s.leaf(keccak) for s in summaries], at, keccak),
        claims=tuple(proven),
    )
