"""GET /api/jobs/JOB/audit and /api/certificates/JOB/check: what `ecodml audit` and `ecodml certificate verify` check, run here.

For whoever looks; whoever must not trust this server runs them against chain nodes of his own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from flask import Blueprint

from backend.api.kept_answers import KeptAnswers
from backend.api.parts import ApiParts
from backend.api.public_jobs import word
from backend.domain.ticket import Ticket
from backend.errors import NotFound
from backend.verification import job_energy
from backend.verification.certificate_check import HONESTY, certificate_checks
from backend.verification.job_audit import audit
from backend.verification.job_crew import candidates
from backend.verification.job_evidence import Papers, terms_of
from backend.verification.job_pay import pay
from backend.verification.job_rounds import JobRounds
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import from_wire, to_wire

T = TypeVar("T")
GOOD_FOR_S = 15.0
LARGEST_PAPER_BYTES = 64_000_000


def blueprint(parts: ApiParts) -> Blueprint:
    """The two routes, with the answers they keep."""
    routes = Blueprint("job_audits", __name__, url_prefix="/api")
    kept = KeptAnswers(parts.clock, GOOD_FOR_S)

    @routes.get("/jobs/<job_id>/audit")
    def audited(job_id: str) -> dict[str, Any]:
        job = word(job_id)
        return kept.of(f"audit/{job}", lambda: _audit(parts, job))

    @routes.get("/certificates/<job_id>/check")
    def checked(job_id: str) -> dict[str, Any]:
        job = word(job_id)
        return kept.of(f"certificate/{job}", lambda: _check(parts, job))

    return routes


def _audit(parts: ApiParts, job: str) -> dict[str, Any]:
    if parts.read_job is None:
        raise NotFound(
            "audit.none", "This server audits no jobs: run `ecodml audit` against a node of the chain."
        )
    ticket = parts.tickets.by_job(job)
    history, papers = parts.read_job(job), _papers(parts, ticket)
    paid = pay(history, papers.terms)
    findings = (*audit(history, papers, parts.signatures), *_energy(parts, job, ticket))
    return {
        "job_id": job,
        "chain_id": history.chain_id,
        "escrow": history.escrow,
        "block": history.head,
        "status": history.status,
        "ok": all(finding.outcome is not Outcome.FAILED for finding in findings),
        "findings": [asdict(finding) for finding in findings],
        "candidates": [{**asdict(c), "weight": str(c.weight)} for c in candidates(history)],
        "pay": None if paid is None else to_wire(paid),
    }


def _energy(parts: ApiParts, job: str, ticket: Ticket | None) -> tuple[Finding, ...]:
    """What the carbon chain says of the job."""
    if parts.certificates is None or ticket is None:
        return ()
    certificate = job_energy.certified(parts.certificates.about(job), _published(ticket))
    if ticket.epoch is None:
        return (job_energy.sealed(job, None, None), certificate)
    index = ticket.epoch.index
    terms, jobs = parts.ledger.epoch(index).terms, parts.certificates.sealed(index)
    return (job_energy.sealed(job, terms, jobs), certificate)


def _papers(parts: ApiParts, ticket: Ticket | None) -> Papers:
    """What this server keeps of the job beside the chain; each paper is held against its hash on chain."""
    if ticket is None or not ticket.on_chain:
        return Papers()
    model = (ticket.files or {}).get("model.safetensors")
    return Papers(
        terms=terms_of(to_wire(ticket.spec)),
        model_sha256=model["sha256"] if model else None,
        verdict=_paper(parts, ticket, "verdict.json", lambda said: from_wire(VerdictTask, said)),
        rounds=_paper(parts, ticket, "rounds.json", lambda said: from_wire(JobRounds, said)),
    )


def _paper(parts: ApiParts, ticket: Ticket, name: str, read: Callable[[Any], T]) -> T | None:
    file = (ticket.files or {}).get(name)
    stored = parts.objects.stat(file["key"]) if file else None
    if stored is None or stored.size > LARGEST_PAPER_BYTES:
        return None
    with parts.objects.open(stored.key) as stream:
        return read(json.load(stream))


def _published(ticket: Ticket | None) -> tuple[int, ...] | None:
    record = ticket.certificate if ticket else None
    return record.mg_per_kwh if record and not record.refusal else None


def _check(parts: ApiParts, job: str) -> dict[str, Any]:
    ticket = parts.tickets.by_job(job)
    record = ticket.certificate if ticket else None
    said = parts.certificates.about(job) if parts.certificates else None
    if said is None:
        why = f" {record.refusal.message}" if record and record.refusal else ""
        raise NotFound("certificate.none", f"The carbon chain keeps no certificate of this job.{why}")
    checks = certificate_checks(said, _published(ticket))
    return {
        "job_id": job,
        "verified": all(check.ok for check in checks),
        "bound_micrograms": said.kept.bound,
        "of": record.of if record else None,
        "epoch": said.kept.epoch,
        "size": said.kept.size,
        "certified_at": said.kept.certified_at,
        "tx": said.kept.tx,
        "checks": [asdict(check) for check in checks],
        "honesty": HONESTY,
    }
