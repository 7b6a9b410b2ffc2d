"""The first stage of a round: trainers train and commit, before anybody knows which segments will be re-run."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.domain.ticket import Ticket
from backend.verification.gate import commitment_defect, repeated_updates
from fl_nodes.protocol import challenge
from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.tasks import Commitment, ObjectRef, Role, TaskKind, TrainingSpec, TrainTask

log = structlog.get_logger()


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
