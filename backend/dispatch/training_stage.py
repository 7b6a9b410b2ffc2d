"""The first stage of a round: trainers train and commit, before anybody knows which segments will be re-run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from backend.dispatch.deadlines import enough
from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.domain.spec import training_spec as spec_of_training
from backend.domain.task import Task
from backend.domain.ticket import Ticket
from backend.verification.gate import commitment_defect, repeated_updates
from fl_nodes.protocol import challenge, participation
from fl_nodes.protocol.power import FULL, seconds_at
from fl_nodes.protocol.tasks import Commitment, ObjectRef, Role, TaskKind, TrainingSpec, TrainTask
from fl_nodes.protocol.wire import from_wire

log = structlog.get_logger()

CLEARED = "-cleared"
"""Sets apart a model that was made again without an update whose replays left a doubt, and the round that starts from it."""


@dataclass(frozen=True)
class Trained:
    """How a round's training closed: who was asked, what was taken, and seconds until the last of that."""

    asked: tuple[str, ...]
    commitments: tuple[Commitment, ...]
    seconds: float

    @property
    def late(self) -> tuple[str, ...]:
        """Those who were asked and from whom nothing was taken."""
        committed = {c.trainer for c in self.commitments}
        return tuple(trainer for trainer in self.asked if trainer not in committed)


def update_key(job: Job, number: int, trainer: str) -> str:
    """Where a trainer's update of a round is kept."""
    return job.key("rounds", number, "updates", f"{trainer}.safetensors")


def training_spec(ticket: Ticket, round_number: int, trainer: str) -> TrainingSpec:
    """The fixed sequence of one trainer's round."""
    return spec_of_training(ticket.spec, round_number, trainer)


def train(
    job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef, earlier: Sequence[Commitment]
) -> Trained:
    """The trainers drawn for this round train on their shards and commit; what does not pass the gate is dropped.

    The round closes when as many as are wanted have committed, or with enough of them when the others are late or gone: they
    are out of this round and asked again when they are next drawn. How it closed is stored before anything follows from it.
    """
    key = job.key("rounds", number, "trained.json")
    closed = job.load_json(key)
    if closed is not None:
        return from_wire(Trained, closed)
    asks = _tasks(job, ticket, plan, number, model)
    cleared = bool(ticket.rounds) and CLEARED in ticket.rounds[-1].model_key
    questions = _questions(asks, number, CLEARED if cleared else "")
    desk = _Desk(job, number, asks, ticket.spec.participants or len(asks), patience(job, ticket))
    desk.take(job.ask(questions, _ceiling(job, ticket), desk.may_close))
    taken = tuple(sorted(desk.taken.values(), key=lambda c: c.trainer.lower()))
    for trainer, why in repeated_updates(taken, earlier).items():
        log.warning("update.repeated", ticket=job.id, round=number, node=trainer, why=why)
    trained = Trained(tuple(asks), taken, desk.seconds)
    job.save_json(key, trained)
    job.withdraw(questions)
    return trained


def train_ahead(job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef) -> None:
    """Have a round's trainers start before the round before it is closed: on the model that it will end with unless a replay
    speaks against one of its updates."""
    job.hand_out(_questions(_tasks(job, ticket, plan, number, model), number), _ceiling(job, ticket))


def call_back(job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef) -> None:
    """Take back what `train_ahead` handed out."""
    job.withdraw(_questions(_tasks(job, ticket, plan, number, model), number))


def patience(job: Job, ticket: Ticket) -> float:
    """Seconds after which stragglers of the next round are left behind."""
    return job.parts.patience.seconds([r.training_seconds for r in ticket.rounds])


def _tasks(job: Job, ticket: Ticket, plan: Plan, number: int, model: ObjectRef) -> dict[str, TrainTask]:
    published = challenge.commit(job.nonce(number))
    deadline = job.parts.clock() + _ceiling(job, ticket)
    crew = [s.trainer for s in plan.shards]
    asked = participation.drawn(
        ticket.spec.seed, number, crew, ticket.spec.asked if ticket.spec.participants else len(crew)
    )
    return {
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
            update=job.upload(update_key(job, number, s.trainer)),
            level=_level(ticket, s.trainer),
        )
        for s in plan.shards
        if s.trainer in asked
    }


def _level(ticket: Ticket, trainer: str) -> int:
    return ticket.decision.level_of(trainer, FULL) if ticket.decision else FULL


def _ceiling(job: Job, ticket: Ticket) -> float:
    """The longest a round's training may take: more where its trainers were told to work less hard."""
    slowest = min((_level(ticket, trainer) for trainer in ticket.trainers), default=FULL)
    return seconds_at(job.parts.patience.ceiling, slowest)


def _questions(asks: Mapping[str, TrainTask], number: int, variant: str = "") -> list[Ask]:
    name = f"{number}/train{variant}"
    return [Ask(trainer, Role.TRAINER, TaskKind.TRAIN, name, task) for trainer, task in asks.items()]


class _Desk:
    """Takes commitments as they come, each checked once, and says when the round may close."""

    def __init__(
        self, job: Job, number: int, asks: Mapping[str, TrainTask], wanted: int, patience_s: float
    ) -> None:
        self.taken: dict[str, Commitment] = {}
        self.seconds = 0.0
        """When the last one was taken, from the start of the round."""
        self._job = job
        self._number = number
        self._asks = asks
        self._wanted = wanted
        self._patience_s = patience_s
        self._looked_at: set[str] = set()

    def may_close(self, answered: Mapping[str, Task], seconds: float, expected: int) -> bool:
        """Whether to wait no longer: `expected` more may still come."""
        self.take(answered, seconds)
        if len(self.taken) >= self._wanted:
            return True
        return len(self.taken) >= enough(self._wanted) and (seconds >= self._patience_s or not expected)

    def take(self, answered: Mapping[str, Task], seconds: float | None = None) -> None:
        """Check what has come since."""
        fresh = {trainer: task for trainer, task in answered.items() if trainer not in self._looked_at}
        self._looked_at |= set(fresh)
        for trainer, commitment in self._job.answers(fresh, Commitment).items():
            defect = self._defect(trainer, commitment)
            if defect:
                log.warning(
                    "commitment.dropped", ticket=self._job.id, round=self._number, node=trainer, why=defect
                )
                continue
            self.taken[trainer] = commitment
            self.seconds = seconds if seconds is not None else self.seconds

    def _defect(self, trainer: str, commitment: Commitment) -> str:
        parts = self._job.parts
        return commitment_defect(
            self._asks[trainer],
            commitment,
            self._job.key_of(trainer),
            parts.market.chain_id,
            parts.market.escrow_address,
            parts.signatures.signer,
        )
