"""How a round's accepted updates become the next global model: by the specification's rule, or by `auto`.

`auto` is the mean weighted by examples, with a second look: where scores make updates suspect, the mean without them is made
too, and the operator's evaluator measures both. A suspicion by itself leaves nothing out (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import structlog

from backend.dispatch.job import Job
from backend.dispatch.preparation import Plan
from backend.dispatch.round_stages import Submission, training_spec
from backend.domain.spec import AUTO, JobSpec
from backend.domain.ticket import Ticket
from backend.federated.rules import Rule, tolerated
from backend.federated.suspicion import UpdateScore, suspects
from fl_nodes.protocol.architecture import statistics
from fl_nodes.protocol.tasks import (
    Aggregated,
    AggregateTask,
    EvaluateTask,
    Metrics,
    ObjectRef,
    PrivacyTerms,
    Role,
    RootUpdateTask,
    Stored,
    TaskKind,
    ValidationReport,
    WeightedUpdate,
)
from fl_nodes.protocol.wire import to_wire

log = structlog.get_logger()

OPERATOR_SECONDS = 600.0
PPM = 1_000_000
ROOT = "root"
"""Whose training FLTrust's root update is, in place of a trainer."""


@dataclass(frozen=True)
class Folded:
    """The next model, its metrics on the validation split, and what the ticket says of how it was made."""

    made: Aggregated
    metrics: dict[str, Any]
    aggregation: dict[str, Any]
    privacy: dict[str, Any] | None


def fold(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    number: int,
    model: ObjectRef,
    accepted: Sequence[Submission],
    reports: Sequence[ValidationReport],
) -> Folded:
    """The accepted updates folded into the next global model."""
    trusted = _root_update(job, ticket, plan, number, model, accepted)
    made = aggregate(job, ticket, number, model, accepted, root_update=trusted)
    metrics = _measure(job, ticket, plan, f"{number}/evaluate", made)
    used, tried = list(accepted), 0
    for tried, left_out in enumerate(_suspects(ticket, accepted, reports), 1):
        rest = [s for i, s in enumerate(accepted) if i not in left_out]
        other = aggregate(job, ticket, number, model, rest, variant=f"-without-{tried}")
        found = _measure(job, ticket, plan, f"{number}/evaluate-without-{tried}", other)
        if found["loss"] < metrics["loss"]:
            made, metrics, used = other, found, rest
    names = [s.commitment.trainer for s in used]
    left = [s.commitment.trainer for s in accepted if s not in used]
    if left:
        log.warning("updates.left_out", ticket=job.id, round=number, nodes=left)
    aggregation = {
        "rule": _rule(ticket.spec).value,
        "tolerated": _tolerated(ticket.spec, len(used)),
        "left_out": left,
        "tried": tried,
        "shares": dict(zip(names, made.shares, strict=True)) if made.shares else {},
        "measured": made.measured,
    }
    return Folded(made, metrics, aggregation, to_wire(made.privacy) if made.privacy else None)


def aggregate(
    job: Job,
    ticket: Ticket,
    number: int,
    model: ObjectRef,
    accepted: Sequence[Submission],
    *,
    root_update: ObjectRef | None = None,
    variant: str = "",
) -> Aggregated:
    """The aggregator folds these updates into the next global model; `variant` keeps several of one round apart."""
    spec = ticket.spec
    state_key = ticket.rounds[-1].state_key if ticket.rounds else None
    task = AggregateTask(
        job_id=ticket.job_id,
        round=number,
        model=model,
        updates=tuple(WeightedUpdate(s.update, s.commitment.examples) for s in accepted),
        server_optimizer=spec.server_optimizer,
        server_learning_rate=spec.server_learning_rate,
        next_model=job.upload(job.key("rounds", number, f"model{variant}.safetensors")),
        next_state=job.upload(job.key("rounds", number, f"state{variant}.safetensors")),
        state=job.ref(state_key) if state_key else None,
        averaged=statistics(ticket.architecture),
        rule=_rule(spec).value,
        tolerated=_tolerated(spec, len(accepted)),
        zeroing=spec.zeroing,
        clipping=spec.clipping,
        privacy=_privacy(ticket),
        root_update=root_update,
    )
    made = job.ask_one(
        Role.AGGREGATOR,
        TaskKind.AGGREGATE,
        f"{number}/aggregate{variant}",
        task,
        Aggregated,
        OPERATOR_SECONDS,
    )
    job.stored(made.model)
    return made


def _rule(spec: JobSpec) -> Rule:
    return Rule.MEAN if spec.aggregation == AUTO else Rule(spec.aggregation)


def _tolerated(spec: JobSpec, updates: int) -> int:
    return tolerated(_rule(spec), updates, spec.tolerated_share)


def _privacy(ticket: Ticket) -> PrivacyTerms | None:
    spec = ticket.spec
    if not spec.privacy_noise:
        return None
    # All who hold the job, whoever delivers: a divisor that follows the data would tell of it.
    return PrivacyTerms(
        noise_multiplier=spec.privacy_noise,
        clip=spec.privacy_clip,
        delta=spec.privacy_delta,
        participants=len(ticket.trainers),
        adaptive=spec.privacy_adaptive,
    )


def _root_update(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    number: int,
    model: ObjectRef,
    accepted: Sequence[Submission],
) -> ObjectRef | None:
    """For FLTrust, the evaluator trains on a few rows of the validation split, about as many steps as a trainer."""
    if _rule(ticket.spec) is not Rule.FLTRUST:
        return None
    task = RootUpdateTask(
        architecture=ticket.architecture,
        training=training_spec(ticket, number, ROOT),
        model=model,
        data=job.ref(plan.validation_key),
        steps=median_low(s.commitment.steps for s in accepted),
        update=job.upload(job.key("rounds", number, "root-update.safetensors")),
    )
    made = job.ask_one(
        Role.EVALUATOR, TaskKind.ROOT_UPDATE, f"{number}/root-update", task, Stored, OPERATOR_SECONDS
    )
    job.stored(made)
    return job.ref(made.key)


def _suspects(
    ticket: Ticket, accepted: Sequence[Submission], reports: Sequence[ValidationReport]
) -> tuple[Collection[int], ...]:
    """Sets of accepted updates that `auto` tries to do without. Never under differential privacy: whether one node's update
    counts would depend on the others'.
    """
    if ticket.spec.aggregation != AUTO or ticket.spec.privacy_noise:
        return ()
    scores = []
    for submission in accepted:
        given = [s for r in reports for s in r.scores if s.trainer == submission.commitment.trainer]
        if not given:
            return ()
        scores.append(
            UpdateScore(
                loss=median_low(s.loss_ppm for s in given) / PPM,
                norm=median_low(s.norm_ppm for s in given) / PPM,
                cosine=median_low(s.cosine_ppm for s in given) / PPM,
            )
        )
    return suspects(scores, ticket.rounds[-1].metrics["loss"] if ticket.rounds else None)


def _measure(job: Job, ticket: Ticket, plan: Plan, name: str, made: Aggregated) -> dict[str, Any]:
    task = EvaluateTask(
        ticket.architecture,
        job.ref(made.model.key),
        job.ref(plan.validation_key),
        len(ticket.dataset.classes),
    )
    found = job.ask_one(Role.EVALUATOR, TaskKind.EVALUATE, name, task, Metrics, OPERATOR_SECONDS)
    values: dict[str, Any] = to_wire(found)
    return {field: values[field] for field in ("loss", "accuracy", "macro_f1", "examples")}
