"""What can be checked of a job's green certificate with nothing believed but the carbon chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.domain.green_proof import CertificateOnChain, KeptCertificate
from fl_nodes.protocol.green import factors_commitment

HONESTY = "It proves arithmetic over signed readings, not that they were metered honestly (docs/green-certificate.md)."


@dataclass(frozen=True)
class Check:
    """One thing that must be so, and whether it is."""

    what: str
    ok: bool


def certificate_checks(said: CertificateOnChain, published: Sequence[int] | None) -> list[Check]:
    """All checks. `published` are the factors said to have been used, in the order of the circuit's slots, if anybody says."""
    number = said.kept.epoch
    checks = [
        Check(
            f"the job's summary stands in epoch {number} of the energy ledger",
            said.summary in said.epoch.jobs,
        ),
        Check(f"epoch {number} is final", said.epoch.final),
        Check("the proof in the certificate's transaction is valid for its bound", said.proven),
    ]
    if published is not None:
        fits = _fits(published, said.kept)
        checks.append(Check("the published factors are those that the proof commits to", fits))
    return checks


def _fits(published: Sequence[int], kept: KeptCertificate) -> bool:
    try:
        return factors_commitment(list(published)) == kept.factors
    except ValueError:
        return False
