"""Audits a job's energy on the carbon chain: the epoch of the ledger that it is sealed in, and its green certificate."""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak

from backend.domain.green_proof import CertificateOnChain, SealedJobs
from backend.verification.certificate_check import certificate_checks
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import EpochTerms, bare


def adds_up(terms: EpochTerms, jobs: Sequence[JobSummary]) -> bool:
    """Whether an epoch's root and sums follow from its jobs."""
    root = "0x" + keccak_tree.root([job.leaf(keccak) for job in jobs], keccak).hex()
    added = (sum(j.readings for j in jobs), sum(j.millijoules for j in jobs), sum(j.micrograms for j in jobs))
    return (root, *added) == (terms.jobs_root, terms.readings, terms.millijoules, terms.micrograms)


def sealed(job_id: str, terms: EpochTerms | None, jobs: SealedJobs | None) -> Finding:
    """The job stands once in its epoch, which adds up and was not found wrong. None: it is in no epoch."""
    if terms is None or jobs is None:
        return unchecked("sealed", "The job's readings are in no epoch of the energy ledger.")
    own = [job for job in jobs.jobs if bare(job.job) == bare(job_id)]
    problems = []
    if len(own) != 1:
        problems.append(f"Epoch {terms.index} names the job {len(own)} times.")
    if not adds_up(terms, jobs.jobs):
        problems.append(f"The jobs of epoch {terms.index} do not add up to it.")
    if jobs.void:
        problems.append(f"Epoch {terms.index} was challenged and found wrong.")
    told = own[0] if own else None
    stands = "is final" if jobs.final else "can still be challenged"
    fine = (
        f"Epoch {terms.index} of the energy ledger, which {stands}, has {told.readings} readings of the job: "
        f"{told.millijoules} mJ and {told.micrograms} µgCO2e."
        if told
        else ""
    )
    return judged(
        "sealed",
        problems,
        fine,
        "What is said of the job's energy is not what two thirds of the stake signed.",
    )


def certified(said: CertificateOnChain | None, published: Sequence[int] | None) -> Finding:
    """The job's certificate holds; None: there is none."""
    if said is None:
        return unchecked("certificate", "The carbon chain keeps no certificate of this job.")
    wrong = [check.what for check in certificate_checks(said, published) if not check.ok]
    return judged(
        "certificate",
        [f"It is not so that {what}." for what in wrong],
        f"The job is proven to stay under {said.kept.bound} µgCO2e, transaction {said.kept.tx}.",
        "The certificate proves nothing about this job.",
    )
