"""A round's panel of validators: what each is asked about the submitted work, and which of their reports are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.dispatch.reveal_stage import Submission
from backend.dispatch.training_stage import training_spec
from backend.domain.ticket import Ticket
from backend.verification.gate import report_defect
from fl_nodes.protocol import verdict
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


@dataclass(frozen=True)
class Panel:
    """The validators of a job and the work of one round, which started from `model`."""

    job: Job
    ticket: Ticket
    plan: Plan
    number: int
    model: ObjectRef
    work: tuple[Submission, ...]

    @property
    def quorum(self) -> int:
        """How many validators a verdict needs."""
        return verdict.quorum(len(self.ticket.validators))

    def scoring(self, validator: str) -> ValidateTask:
        """Score every update."""
        spec = self.ticket.spec
        pays = spec.scheme == Scheme.COMPOSITE and spec.weights.contribution > 0
        updates = tuple(UpdateToValidate(s.commitment, s.update) for s in self.work)
        validation = self.job.ref(self.plan.validation_key)
        unpaid = {} if pays else {"contribution_evaluations": 0}
        return self._task(validator, updates, validation=validation, **unpaid)

    def replaying(self, validator: str, segments: Mapping[str, Sequence[int]]) -> ValidateTask:
        """Re-run these segments, by trainer."""
        updates = []
        for s in self.work:
            picked = tuple(x for x in s.segments if x.index in segments.get(s.commitment.trainer, ()))
            if picked:
                shard = self.job.ref(s.shard_key)
                updates.append(UpdateToValidate(s.commitment, s.update, shard, picked))
        return self._task(validator, tuple(updates))

    def hand_out(self, asks: Mapping[str, ValidateTask], name: str) -> None:
        """Ask without waiting for reports."""
        self.job.hand_out(_questions(asks, name), VALIDATE_SECONDS)

    def reports(self, asks: Mapping[str, ValidateTask], name: str) -> list[ValidationReport]:
        """Ask, unless that was done, and wait; a report that is not about what was asked is dropped."""
        answered = self.job.answers(self.job.ask(_questions(asks, name), VALIDATE_SECONDS), ValidationReport)
        parts = self.job.parts
        taken = []
        for validator, report in sorted(answered.items()):
            defect = report_defect(
                asks[validator],
                report,
                self.job.key_of(validator),
                parts.market.chain_id,
                parts.market.escrow_address,
                parts.signatures.signer,
            )
            if defect:
                log.warning("report.dropped", ticket=self.job.id, node=validator, why=defect)
            else:
                taken.append(report)
        return taken

    def _task(self, validator: str, updates: tuple[UpdateToValidate, ...], **more: object) -> ValidateTask:
        trainers = [u.commitment.trainer for u in updates]
        return ValidateTask(
            job_id=self.ticket.job_id,
            round=self.number,
            validator=validator,
            architecture=self.ticket.architecture,
            training={t: training_spec(self.ticket, self.number, t) for t in trainers},
            model=self.model,
            updates=updates,
            trainer_keys={t: self.job.key_of(t) for t in trainers},
            **more,  # type: ignore[arg-type]
        )


def _questions(asks: Mapping[str, ValidateTask], name: str) -> list[Ask]:
    return [Ask(v, Role.VALIDATOR, TaskKind.VALIDATE, name, task) for v, task in asks.items()]
