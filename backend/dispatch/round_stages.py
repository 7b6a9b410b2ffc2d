"""The stages of one round, each asking workers and checking what they answer: train, reveal, validate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.domain.ticket import Ticket
from backend.errors import Recoverable
from backend.verification.gate import (
    checkpoints_needed,
    commitment_defect,
    repeated_updates,
    report_defect,
    reveal_defect,
)
from fl_nodes.protocol import challenge, verdict
from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.tasks import (
    Commitment,
    ObjectRef,
    Reveal,
    RevealTask,
    Role,
    SegmentToReplay,
    TaskKind,
    TrainingSpec,
    TrainTask,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)

log = structlog.get_logger()

REVEAL_SECONDS = 300.0
VALIDATE_SECONDS = 600.0


@dataclass(frozen=True)
class Submission:
    """A committed and revealed update, with the segments that the challenge picked."""

    commitment: Commitment
    update: ObjectRef
    shard_key: str
    segments: tuple[SegmentToReplay, ...]


def training_spec(ticket: Ticket, round_number: int, trainer: str) -> TrainingSpec:
    """The fixed sequence of one trainer's round."""
    spec = ticket.spec
    return TrainingSpec(
        optimizer=spec.optimizer,
        learning_rate=spec.learning_rate,
        batch_size=spec.batch_size,
        local_epochs=spec.local_epochs,
        segment_steps=spec.segment_steps,
        seed=derive_seed(spec.seed, round_number, trainer),
    )


def train(
    job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef, earlier: Sequence[Commitment]
) -> list[Commitment]:
    """Every trainer trains on its shard and commits; commitments that do not pass the gate are dropped."""
    published = challenge.commit(job.nonce(number))
    deadline = job.parts.clock() + job.parts.round_seconds
    asks = {
        s.trainer: TrainTask(
            job_id=ticket.job_id,
            round=number,
            trainer=s.trainer,
            architecture=ticket.architecture,
            training=training_spec(ticket, number, s.trainer),
            model=model,
            shard=job.ref(s.key),
            examples=s.examples,
            challenge_commitment=published,
            deadline_unix_s=deadline,
        )
        for s in plan.shards
    }
    questions = [Ask(t, Role.TRAINER, TaskKind.TRAIN, f"{number}/train", task) for t, task in asks.items()]
    answered = job.answers(job.ask(questions, job.parts.round_seconds), Commitment)
    market = job.parts.market
    taken = []
    for trainer, commitment in answered.items():
        defect = commitment_defect(
            asks[trainer],
            commitment,
            job.key_of(trainer),
            market.chain_id,
            market.escrow_address,
            job.parts.signatures.signer,
        )
        if defect:
            log.warning("commitment.dropped", ticket=job.id, round=number, node=trainer, why=defect)
        else:
            taken.append(commitment)
    for trainer, why in repeated_updates(taken, earlier).items():
        log.warning("update.repeated", ticket=job.id, round=number, node=trainer, why=why)
    return sorted(taken, key=lambda c: c.trainer.lower())


def reveal(
    job: Job, ticket: Ticket, plan: Plan, number: int, commitments: Sequence[Commitment]
) -> list[Submission]:
    """Draw the challenge, now that all have committed; each trainer reveals its update and the checkpoints it names."""
    drawn = challenge.seed(job.nonce(number), commitments)
    asks: dict[str, RevealTask] = {}
    picked: dict[str, tuple[int, ...]] = {}
    for c in commitments:
        picked[c.trainer] = challenge.segments_to_replay(
            drawn, c.trainer, c.segments, ticket.spec.replayed_segments
        )
        needed = checkpoints_needed(picked[c.trainer], c.segments)
        asks[c.trainer] = RevealTask(
            job_id=ticket.job_id,
            round=number,
            trainer=c.trainer,
            update=job.upload(update_key(job, number, c.trainer)),
            checkpoints={str(i): job.upload(checkpoint_key(job, number, c.trainer, i)) for i in needed},
        )
    questions = [Ask(t, Role.TRAINER, TaskKind.REVEAL, f"{number}/reveal", task) for t, task in asks.items()]
    revealed = job.answers(job.ask(questions, REVEAL_SECONDS), Reveal)
    shard_keys = {s.trainer: s.key for s in plan.shards}
    submissions = []
    for c in commitments:
        if c.trainer not in revealed:
            log.warning("reveal.missing", ticket=job.id, round=number, node=c.trainer)
            continue
        answer = revealed[c.trainer]
        needed = checkpoints_needed(picked[c.trainer], c.segments)
        keys = [update_key(job, number, c.trainer), *(x.stored.key for x in answer.checkpoints)]
        stored = {
            key: job.parts.objects.stat(key) for key in keys if key.startswith(job.key("rounds", number, ""))
        }
        defect = reveal_defect(c, answer, needed, stored, keys[0])
        if defect:
            log.warning("reveal.dropped", ticket=job.id, round=number, node=c.trainer, why=defect)
            continue
        segments = tuple(_segment(job, number, c, answer, index) for index in picked[c.trainer])
        submissions.append(Submission(c, job.ref(keys[0]), shard_keys[c.trainer], segments))
    return submissions


def validate(
    job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef, work: Sequence[Submission]
) -> list[ValidationReport]:
    """Every validator scores every update; one of them re-runs its segments, others too on a mismatch."""
    panel = list(ticket.validators)
    reports = _ask_panel(job, ticket, plan, number, model, work, panel)
    quorum = len(panel) // 2 + 1
    if len(reports) < quorum:
        raise Recoverable(
            "validators.too_few", f"{len(reports)} of {len(panel)} validators answered, {quorum} are needed."
        )
    reports += _replay_unseen(job, ticket, number, model, work, reports)
    return reports + _recheck(job, ticket, number, model, work, reports)


def _ask_panel(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    number: int,
    model: ObjectRef,
    work: Sequence[Submission],
    panel: list[str],
) -> list[ValidationReport]:
    validation = job.ref(plan.validation_key)
    asks = {}
    for place, validator in enumerate(panel):
        updates = tuple(
            _to_validate(job, s, s.segments if (i + number) % len(panel) == place else ())
            for i, s in enumerate(work)
        )
        asks[validator] = replace(
            _validate_task(job, ticket, number, validator, model, updates), validation=validation
        )
    return _reports(job, asks, f"{number}/validate")


def _replay_unseen(
    job: Job,
    ticket: Ticket,
    number: int,
    model: ObjectRef,
    work: Sequence[Submission],
    reports: Sequence[ValidationReport],
) -> list[ValidationReport]:
    """Segments whose validator did not answer go to one that did."""
    seen = verdict.witnesses(reports)
    left = [s for s in work if any((number, s.commitment.trainer, x.index) not in seen for x in s.segments)]
    if not left:
        return []
    validator = reports[0].validator
    updates = tuple(_to_validate(job, s, s.segments) for s in left)
    return _reports(
        job,
        {validator: _validate_task(job, ticket, number, validator, model, updates)},
        f"{number}/replay-left",
    )


def _recheck(
    job: Job,
    ticket: Ticket,
    number: int,
    model: ObjectRef,
    work: Sequence[Submission],
    reports: Sequence[ValidationReport],
) -> list[ValidationReport]:
    """A mismatch goes to another validator until two agree or nobody is left: one voice never makes a culprit."""
    by_trainer = {s.commitment.trainer: s for s in work}
    extra: list[ValidationReport] = []
    asked: set[tuple[str, int, str]] = set()
    while True:
        votes = verdict.witnesses([*reports, *extra])
        fresh: dict[str, dict[str, list[int]]] = {}
        for key in verdict.unresolved([*reports, *extra]):
            _, trainer, segment = key
            others = [
                v for v in ticket.validators if v not in votes[key] and (trainer, segment, v) not in asked
            ]
            if others:
                fresh.setdefault(others[0], {}).setdefault(trainer, []).append(segment)
                asked.add((trainer, segment, others[0]))
        if not fresh:
            return extra
        asks = {}
        for validator, doubts in fresh.items():
            updates = tuple(
                _to_validate(
                    job, by_trainer[t], tuple(x for x in by_trainer[t].segments if x.index in doubts[t])
                )
                for t in sorted(doubts)
            )
            asks[validator] = _validate_task(job, ticket, number, validator, model, updates)
        extra += _reports(job, asks, f"{number}/recheck-{len(asked)}")


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
    return ValidateTask(
        job_id=ticket.job_id,
        round=number,
        validator=validator,
        architecture=ticket.architecture,
        training={u.commitment.trainer: training_spec(ticket, number, u.commitment.trainer) for u in updates},
        model=model,
        updates=updates,
        trainer_keys={u.commitment.trainer: job.key_of(u.commitment.trainer) for u in updates},
    )


def _to_validate(job: Job, submission: Submission, segments: tuple[SegmentToReplay, ...]) -> UpdateToValidate:
    shard = job.ref(submission.shard_key) if segments else None
    return UpdateToValidate(submission.commitment, submission.update, shard, segments)


def _segment(job: Job, number: int, commitment: Commitment, answer: Reveal, index: int) -> SegmentToReplay:
    revealed = {c.index: c for c in answer.checkpoints}
    given: dict[str, Any] = {}
    if index > 0:
        given["start"] = job.ref(checkpoint_key(job, number, commitment.trainer, index))
        given["start_path"] = revealed[index].path
    if index + 1 < commitment.segments:
        given["end"] = job.ref(checkpoint_key(job, number, commitment.trainer, index + 1))
        given["end_path"] = revealed[index + 1].path
    return SegmentToReplay(index, **given)


def update_key(job: Job, number: int, trainer: str) -> str:
    """Where a trainer's update of a round is kept."""
    return job.key("rounds", number, "updates", f"{trainer}.safetensors")


def checkpoint_key(job: Job, number: int, trainer: str, index: int) -> str:
    """Where a checkpoint that a trainer revealed is kept."""
    return job.key("rounds", number, "checkpoints", trainer, f"{index}.safetensors")
