"""The third stage of a round: validators score every update and re-run the segments that the challenge gave them.

No segment counts on the word of one validator where two were drawn for it, and none stays without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.dispatch.reveal_stage import Submission
from backend.dispatch.training_stage import training_spec
from backend.domain.ticket import Ticket
from backend.errors import Recoverable
from backend.verification.gate import report_defect
from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.payout import Scheme
from fl_nodes.protocol.tasks import (
    ObjectRef,
    Role,
    TaskKind,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)

log = structlog.get_logger()

VALIDATE_SECONDS = 600.0

Segments = dict[str, dict[str, list[int]]]
"""Validator -> trainer -> the segments it is to re-run."""


def validate(
    job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef, work: Sequence[Submission]
) -> list[ValidationReport]:
    """Every validator scores every update and re-runs its segments; what is missing or in doubt goes to others."""
    panel = ticket.validators
    validation = job.ref(plan.validation_key)
    asks = {}
    for validator in panel:
        updates = tuple(_to_validate(job, s, s.replayers.get(validator, ())) for s in work)
        asks[validator] = replace(
            _validate_task(job, ticket, number, validator, model, updates), validation=validation
        )
    reports = _reports(job, asks, f"{number}/validate")
    quorum = len(panel) // 2 + 1
    if len(reports) < quorum:
        raise Recoverable(
            "validators.too_few", f"{len(reports)} of {len(panel)} validators answered, {quorum} are needed."
        )
    reports += _ask_others(job, ticket, number, model, work, reports)
    for s in work:
        for index, votes in _votes(number, s, reports).items():
            if len(votes) < min(s.witnesses_due(index), quorum):
                raise Recoverable(
                    "replays.missing",
                    f"Segment {index} of {s.commitment.trainer} in round {number} was re-run by {len(votes)} validators only.",
                )
    return reports


def _ask_others(
    job: Job,
    ticket: Ticket,
    number: int,
    model: ObjectRef,
    work: Sequence[Submission],
    reports: Sequence[ValidationReport],
) -> list[ValidationReport]:
    """Segments that lack a witness, or on which the witnesses disagree, go to one more validator, until two agree or
    nobody is left: one voice never makes a culprit.
    """
    by_trainer = {s.commitment.trainer: s for s in work}
    extra: list[ValidationReport] = []
    asked = {(v, s.commitment.trainer, i) for s in work for v, theirs in s.replayers.items() for i in theirs}
    answered = [r.validator for r in reports]
    order = [*answered, *(v for v in ticket.validators if v not in answered)]
    while fresh := _next(order, number, work, [*reports, *extra], asked):
        asks = {}
        for validator, segments in sorted(fresh.items()):
            asked |= {(validator, t, i) for t, indices in segments.items() for i in indices}
            updates = tuple(_to_validate(job, by_trainer[t], segments[t]) for t in sorted(segments))
            asks[validator] = _validate_task(job, ticket, number, validator, model, updates)
        # The name says what is asked: whoever asks again after a crash may ask for something else.
        extra += _reports(job, asks, f"{number}/replay-{digest(fresh)[:12]}")
    return extra


def _next(
    order: Sequence[str],
    number: int,
    work: Sequence[Submission],
    reports: Sequence[ValidationReport],
    asked: set[tuple[str, str, int]],
) -> Segments:
    unresolved = set(verdict.unresolved(reports))
    fresh: Segments = {}
    for s in work:
        trainer = s.commitment.trainer
        for index, votes in _votes(number, s, reports).items():
            if len(votes) >= s.witnesses_due(index) and (number, trainer, index) not in unresolved:
                continue
            others = [v for v in order if v not in votes and (v, trainer, index) not in asked]
            if others:
                fresh.setdefault(others[0], {}).setdefault(trainer, []).append(index)
    return fresh


def _votes(
    number: int, submission: Submission, reports: Sequence[ValidationReport]
) -> dict[int, dict[str, bool]]:
    seen = verdict.witnesses(reports)
    trainer = submission.commitment.trainer
    return {s.index: seen.get((number, trainer, s.index), {}) for s in submission.segments}


def _reports(job: Job, asks: dict[str, ValidateTask], name: str) -> list[ValidationReport]:
    questions = [Ask(v, Role.VALIDATOR, TaskKind.VALIDATE, name, task) for v, task in asks.items()]
    answered = job.answers(job.ask(questions, VALIDATE_SECONDS), ValidationReport)
    market = job.parts.market
    taken = []
    for validator, report in sorted(answered.items()):
        defect = report_defect(
            asks[validator],
            report,
            job.key_of(validator),
            market.chain_id,
            market.escrow_address,
            job.parts.signatures.signer,
        )
        if defect:
            log.warning("report.dropped", ticket=job.id, node=validator, why=defect)
        else:
            taken.append(report)
    return taken


def _validate_task(
    job: Job,
    ticket: Ticket,
    number: int,
    validator: str,
    model: ObjectRef,
    updates: tuple[UpdateToValidate, ...],
) -> ValidateTask:
    task = ValidateTask(
        job_id=ticket.job_id,
        round=number,
        validator=validator,
        architecture=ticket.architecture,
        training={u.commitment.trainer: training_spec(ticket, number, u.commitment.trainer) for u in updates},
        model=model,
        updates=updates,
        trainer_keys={u.commitment.trainer: job.key_of(u.commitment.trainer) for u in updates},
    )
    pays = ticket.spec.scheme == Scheme.COMPOSITE and ticket.spec.weights.contribution > 0
    return task if pays else replace(task, contribution_evaluations=0)


def _to_validate(job: Job, submission: Submission, indices: Sequence[int]) -> UpdateToValidate:
    segments = tuple(s for s in submission.segments if s.index in indices)
    shard = job.ref(submission.shard_key) if segments else None
    return UpdateToValidate(submission.commitment, submission.update, shard, segments)
