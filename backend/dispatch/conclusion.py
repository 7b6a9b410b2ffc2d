"""How a job ends: exports and energy, then a verdict that a quorum of the job's validators signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from backend.dispatch.carbon_stage import energy_statement
from backend.dispatch.energy_basis import energy_basis, with_claims
from backend.dispatch.evidence import Signed, bundles
from backend.dispatch.exports import Known, export
from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.dispatch.redraw import require_drawn
from backend.domain.result_files import STATEMENT
from backend.domain.ticket import Refusal, Status, Ticket, TrainingFinished, VerdictRecord, VerdictSigned
from backend.energy.accounting import energy_by_trainer
from backend.errors import Recoverable
from backend.ports import StoredObject
from backend.verification.job_rounds import JobRounds
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol import verdict
from fl_nodes.protocol.payout import Scheme, shares
from fl_nodes.protocol.tasks import Commitment, Role, TaskKind, ValidationReport
from fl_nodes.protocol.verdict_tasks import VerdictSignature, VerdictTask
from fl_nodes.protocol.wire import to_wire

log = structlog.get_logger()

Papers = dict[str, dict[str, Any]]
"""Files of a ticket by name."""

SIGN_SECONDS = 300.0


def conclude_honest(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    evidence: Sequence[RoundEvidence],
) -> None:
    """Export and measure the result, then settle: every trainer is paid its share."""
    commitments, reports = _statements(evidence)
    unpaid = replace(
        _verdict_task(job, ticket, verdict.SETTLE, commitments, reports),
        energy_basis=energy_basis(job, ticket),
    )
    if ticket.status is Status.RUNNING:
        energy = energy_by_trainer(commitments)
        expected = {t: claim.expected for t, claim in verdict.claims_of(unpaid).items()}
        files, metrics = export(job, ticket, plan, Known(energy, evidence, expected))
        ticket = job.parts.tickets.advance(job.id, TrainingFinished(metrics, files, energy))
    result = ticket.rounds[-1]
    on_chain = job.parts.market.job(ticket.job_id)
    done, spec = verdict.work_of(unpaid), ticket.spec
    due = shares(Scheme(spec.scheme), on_chain.fee_wei, on_chain.commission_bps, done, spec.weights)
    task = replace(
        unpaid,
        result_sha256=result.model_sha256,
        result=job.ref(result.model_key),
        payees=ticket.trainers,
        amounts_wei=tuple(str(amount) for amount in due),
    )
    _conclude(job, ticket, plan, evidence, task, None)


def conclude_failed(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    evidence: Sequence[RoundEvidence],
    reason: Refusal,
) -> None:
    """Refund the customer; the culprits that the replays show, if any, lose their deposits to the honest trainers. Only the words
    of those count whom the chain names as the job's validators now."""
    commitments, said = _statements(evidence)
    reports = [report for report in said if report.validator in ticket.validators]
    task = replace(
        _verdict_task(job, ticket, verdict.FAIL, commitments, reports), culprits=verdict.culprits(reports)
    )
    _conclude(job, ticket, plan, evidence, task, reason)


def _verdict_task(
    job: Job,
    ticket: Ticket,
    outcome: str,
    commitments: Sequence[Commitment],
    reports: Sequence[ValidationReport],
) -> VerdictTask:
    on_chain = job.parts.market.job(ticket.job_id)
    return VerdictTask(
        job_id=ticket.job_id,
        chain_id=job.parts.market.chain_id,
        escrow=job.parts.market.escrow_address,
        outcome=outcome,
        trainers=ticket.trainers,
        validator_keys={v: job.key_of(v) for v in ticket.validators},
        trainer_keys={t: job.key_of(t) for t in ticket.trainers},
        fee_wei=str(on_chain.fee_wei),
        commission_bps=on_chain.commission_bps,
        scheme=ticket.spec.scheme,
        weights=ticket.spec.weights,
        rounds=ticket.spec.rounds,
        result_sha256="0" * 64,
        reports=tuple(reports),
        commitments=tuple(commitments),
    )


def _conclude(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    evidence: Sequence[RoundEvidence],
    task: VerdictTask,
    reason: Refusal | None,
) -> None:
    signatures = _signatures(job, ticket, task)
    require_drawn(job, ticket)
    settles = task.outcome == verdict.SETTLE
    record = VerdictRecord(
        outcome=task.outcome,
        result_sha256=task.result_sha256,
        evidence_hash=verdict.evidence_hash(task.reports),
        payees=task.payees,
        amounts_wei=task.amounts_wei,
        scores=tuple("0x" + word.hex() for word in verdict.score_words(task)) if settles else (),
        culprits=task.culprits,
        signatures=signatures,
        fee_wei=task.fee_wei,
        work=tuple(to_wire(w) for w in verdict.work_of(task)),
    )
    energy = with_claims(energy_by_trainer(task.commitments), task)
    stated, carbon = energy_statement(job, ticket, evidence, {}, None)
    papers = _papers(job, ticket, plan, evidence, task, signatures) | {STATEMENT: _paper(stated)}
    job.parts.tickets.advance(job.id, VerdictSigned(record, reason, energy, papers, carbon))
    log.info(
        "verdict.signed",
        ticket=job.id,
        outcome=task.outcome,
        culprits=list(task.culprits),
        signatures=len(signatures),
    )


def _signatures(job: Job, ticket: Ticket, task: VerdictTask) -> tuple[str, ...]:
    """Of a quorum of the validators; Recoverable without one."""
    objection = verdict.objection(task)
    if objection:
        raise Recoverable(
            "verdict.objection", f"The verdict of {job.id} does not follow from its reports: {objection}."
        )
    document = verdict.typed_data(task)
    # The name says what is asked: after another draw it is something else.
    name = f"verdict-{task.outcome}-{verdict.evidence_hash(task.reports)[:12]}"
    questions = [Ask(v, Role.VALIDATOR, TaskKind.SIGN_VERDICT, name, task) for v in ticket.validators]
    answers = job.answers(job.ask(questions, SIGN_SECONDS), VerdictSignature)
    signatures = []
    for validator, answer in sorted(answers.items()):
        signed_by = (
            job.parts.signatures.typed_signer(document, answer.signature) if answer.signature else None
        )
        if signed_by == job.key_of(validator):
            signatures.append(answer.signature)
        else:
            log.warning(
                "verdict.unsigned", ticket=job.id, node=validator, why=answer.refusal or "bad signature"
            )
    quorum = verdict.quorum(len(ticket.validators))
    if len(signatures) < quorum:
        raise Recoverable(
            "verdict.no_quorum", f"{len(signatures)} of {quorum} validators needed have signed {job.id}."
        )
    return tuple(signatures)


def _papers(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    evidence: Sequence[RoundEvidence],
    task: VerdictTask,
    signatures: tuple[str, ...],
) -> Papers:
    """For whoever audits the verdict: what was said, how the rounds went, the model if there is a result, and a bundle of evidence
    against each culprit.
    """
    # A link to the model is for the validators alone.
    said = job.save_json(job.key("verdict.json"), replace(task, result=None))
    papers = {"verdict.json": _paper(said), "rounds.json": _paper(_rounds(job, ticket, plan, evidence))}
    if task.result is not None:
        key, model = ticket.rounds[-1].model_key, task.result
        papers["model.safetensors"] = {"key": key, "sha256": model.sha256, "size": model.size}
    return papers | bundles(job, ticket, plan, evidence, Signed(task, said, signatures))


def _rounds(job: Job, ticket: Ticket, plan: Plan, evidence: Sequence[RoundEvidence]) -> StoredObject:
    """How the model came about, for the same reader."""
    shas = {key: job.ref(key).sha256 for key in (plan.initial_model_key, *(s.key for s in plan.shards))}
    told = JobRounds(
        initial_model_sha256=shas[plan.initial_model_key],
        shards={s.trainer: shas[s.key] for s in plan.shards},
        architecture=ticket.architecture,
        rounds=tuple(evidence),
    )
    return job.save_json(job.key("rounds.json"), told)


def _paper(stored: StoredObject) -> dict[str, Any]:
    return {"key": stored.key, "sha256": stored.sha256, "size": stored.size}


def _statements(
    evidence: Sequence[RoundEvidence],
) -> tuple[tuple[Commitment, ...], tuple[ValidationReport, ...]]:
    commitments = tuple(c for said in evidence for c in said.commitments)
    return commitments, tuple(r for said in evidence for r in said.reports)
