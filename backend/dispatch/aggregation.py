"""How a round's accepted updates become the next global model: by the specification's rule, or by `auto`.

`auto` is the mean weighted by examples, with a second look: where scores make updates suspect, the mean without them and FLTrust's
sum are made too, and the best on the validation split is taken. A suspicion by itself leaves nothing out (docs/adr/0009).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import structlog

from backend.dispatch.job import Job
from backend.dispatch.preparation import Plan
from backend.dispatch.reveal_stage import Submission
from backend.dispatch.training_stage import training_spec
from backend.domain.spec import AUTO, JobSpec
from backend.domain.ticket import Ticket
from backend.federated.rules import Rule, tolerated
from backend.federated.suspicion import UpdateScore, suspects
from fl_nodes.protocol.architecture import statistics
from fl_nodes.protocol.operator_tasks import (
    Aggregated,
    AggregateTask,
    EvaluateTask,
    Metrics,
    PrivacyTerms,
    RootUpdateTask,
    WeightedUpdate,
)
from fl_nodes.protocol.tasks import ObjectRef, Role, Stored, TaskKind, ValidationReport
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


@dataclass(frozen=True)
class _Candidate:
    """A model that the round could end with."""

    rule: Rule
    updates: list[Submission]
    made: Aggregated
    metrics: dict[str, Any]


@dataclass(frozen=True)
class _Folding:
    """A round that is to be folded; `retry` sets a second try apart from the first."""

    job: Job
    ticket: Ticket
    plan: Plan
    number: int
    model: ObjectRef
    retry: str

    def candidate(self, rule: Rule, updates: Sequence[Submission], variant: str = "") -> _Candidate:
        """These updates folded by `rule`, and what the model is worth on the validation split."""
        variant = self.retry + variant
        root = self._root_update(updates) if rule is Rule.FLTRUST else None
        made = aggregate(
            self.job,
            self.ticket,
            self.number,
            self.model,
            updates,
            rule=rule,
            root_update=root,
            variant=variant,
        )
        return _Candidate(rule, list(updates), made, self._measured(f"{self.number}/evaluate{variant}", made))

    def _root_update(self, updates: Sequence[Submission]) -> ObjectRef:
        """For FLTrust, the evaluator trains on a few rows of the validation split, about as many steps as a trainer."""
        job, number = self.job, self.number
        task = RootUpdateTask(
            architecture=self.ticket.architecture,
            training=training_spec(self.ticket, number, ROOT),
            model=self.model,
            data=job.ref(self.plan.validation_key),
            steps=median_low(s.commitment.steps for s in updates),
            update=job.upload(job.key("rounds", number, "root-update.safetensors")),
        )
        made = job.ask_one(
            Role.EVALUATOR, TaskKind.ROOT_UPDATE, f"{number}/root-update", task, Stored, OPERATOR_SECONDS
        )
        job.stored(made)
        return job.ref(made.key)

    def _measured(self, name: str, made: Aggregated) -> dict[str, Any]:
        task = EvaluateTask(
            self.ticket.architecture,
            self.job.ref(made.model.key),
            self.job.ref(self.plan.validation_key),
            len(self.ticket.dataset.classes),
        )
        found = self.job.ask_one(Role.EVALUATOR, TaskKind.EVALUATE, name, task, Metrics, OPERATOR_SECONDS)
        values: dict[str, Any] = to_wire(found)
        return {field: values[field] for field in ("loss", "accuracy", "macro_f1", "examples")}


def fold(
    job: Job,
    ticket: Ticket,
    plan: Plan,
    number: int,
    model: ObjectRef,
    accepted: Sequence[Submission],
    reports: Sequence[ValidationReport],
    retry: str = "",
) -> Folded:
    """The accepted updates folded into the next global model; `retry` sets a second fold of a round apart from the first."""
    rule = _rule(ticket.spec)
    folding = _Folding(job, ticket, plan, number, model, retry)
    best, tried = folding.candidate(rule, accepted), 0
    for other in _others(folding, accepted, reports):
        tried += 1
        if other.metrics["loss"] < best.metrics["loss"]:
            best = other
    used = [s.commitment.trainer for s in best.updates]
    left = [s.commitment.trainer for s in accepted if s not in best.updates]
    if left or best.rule is not rule:
        log.warning("updates.mistrusted", ticket=job.id, round=number, left_out=left, rule=best.rule.value)
    aggregation = {
        "rule": best.rule.value,
        "tolerated": _tolerated(best.rule, ticket.spec, len(used)),
        "left_out": left,
        "tried": tried,
        "shares": dict(zip(used, best.made.shares, strict=True)) if best.made.shares else {},
        "measured": best.made.measured,
    }
    spent = best.made.privacy
    return Folded(best.made, best.metrics, aggregation, to_wire(spent) if spent else None)


def _others(
    folding: _Folding, accepted: Sequence[Submission], reports: Sequence[ValidationReport]
) -> Iterator[_Candidate]:
    """What `auto` tries where updates are suspect: the mean without them, then FLTrust with all."""
    suspected = _suspects(folding.ticket, accepted, reports)
    for place, left_out in enumerate(suspected, 1):
        rest = [s for i, s in enumerate(accepted) if i not in left_out]
        yield folding.candidate(Rule.MEAN, rest, f"-without-{place}")
    if suspected and _may_be_trusted(folding.ticket):
        yield folding.candidate(Rule.FLTRUST, accepted, "-trusted")


def aggregate(
    job: Job,
    ticket: Ticket,
    number: int,
    model: ObjectRef,
    accepted: Sequence[Submission],
    *,
    rule: Rule | None = None,
    root_update: ObjectRef | None = None,
    variant: str = "",
) -> Aggregated:
    """The aggregator folds these updates into the next global model by `rule`, the specification's where none is named;
    `variant` keeps several of one round apart.
    """
    spec = ticket.spec
    rule = rule or _rule(spec)
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
        rule=rule.value,
        tolerated=_tolerated(rule, spec, len(accepted)),
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


def _tolerated(rule: Rule, spec: JobSpec, updates: int) -> int:
    return tolerated(rule, updates, spec.tolerated_share)


def _may_be_trusted(ticket: Ticket) -> bool:
    """Whether FLTrust may stand in for the mean: not where variances could be lengthened, nor in the middle of what zeroing and
    clipping remember.
    """
    return not (statistics(ticket.architecture) or ticket.spec.zeroing or ticket.spec.clipping)


def _privacy(ticket: Ticket) -> PrivacyTerms | None:
    spec = ticket.spec
    if not spec.privacy_noise:
        return None
    # As many as are wanted, whoever delivers: a divisor that follows the data would tell of it.
    return PrivacyTerms(
        noise_multiplier=spec.privacy_noise,
        clip=spec.privacy_clip,
        delta=spec.privacy_delta,
        participants=ticket.spec.participants or len(ticket.trainers),
        adaptive=spec.privacy_adaptive,
    )


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
