"""Audits one job: everything that the escrow, the draw and the validators promise, derived again from chain data.

The order of the findings is that of a job's life. Whoever is to trust a verdict needs no word of the operator's: only the
chain, and where reports or a model are to be checked too, those files.
"""

from __future__ import annotations

from backend.ports import Signatures
from backend.verification import job_accusations, job_crew, job_evidence, job_opening, job_rounds, job_verdict
from backend.verification.job_credits import credits_add_up
from backend.verification.job_evidence import Papers
from backend.verification.job_history import JobHistory
from fl_nodes.protocol.finding import Finding


def audit(history: JobHistory, papers: Papers, checked_by: Signatures) -> tuple[Finding, ...]:
    """Every promise about the job, and whether it holds."""
    return (
        job_opening.contracts(history),
        job_opening.opening(history),
        job_opening.life(history),
        job_crew.trainers(history),
        job_crew.draw(history),
        job_opening.rounds(history),
        job_verdict.signatures(history, checked_by),
        job_evidence.specification(history, papers.terms),
        job_verdict.shares(history, papers.terms.scheme, papers.terms.weights)
        if papers.terms
        else job_verdict.shares(history, None),
        job_accusations.refund(history),
        job_accusations.accusations(history),
        credits_add_up(history),
        job_evidence.result(history, papers.model_sha256),
        job_evidence.evidence(history, papers, checked_by),
        job_rounds.lineage(
            history, papers.rounds, papers.terms.spec if papers.terms else None, papers.verdict
        ),
    )
