"""The second stage of a round: the challenge is drawn, updates are opened, and trainers reveal the checkpoints it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from backend.dispatch.job import Ask, Job
from backend.dispatch.preparation import Plan
from backend.dispatch.training_stage import update_key
from backend.domain.ticket import Ticket
from backend.verification.gate import checkpoints_needed, is_committed, reveal_defect
from fl_nodes.protocol import challenge
from fl_nodes.protocol.tasks import Commitment, ObjectRef, Reveal, RevealTask, Role, SegmentToReplay, TaskKind

log = structlog.get_logger()

REVEAL_SECONDS = 300.0


@dataclass(frozen=True)
class Submission:
    """A committed and revealed update, the segments that the challenge picked, and which validator re-runs which of them."""

    commitment: Commitment
    update: ObjectRef
    shard_key: str
    segments: tuple[SegmentToReplay, ...]
    replayers: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def witnesses_due(self, index: int) -> int:
        """How many validators the challenge drew for a segment."""
        return sum(index in theirs for theirs in self.replayers.values())


def reveal(
    job: Job, ticket: Ticket, plan: Plan, number: int, commitments: Sequence[Commitment]
) -> list[Submission]:
    """Draw the challenge, now that all have committed; each trainer reveals the checkpoints it names, and its update where
    it did not come with the commitment.
    """
    drawn = challenge.seed(job.nonce(number), commitments)
    asks: dict[str, RevealTask] = {}
    picked: dict[str, tuple[int, ...]] = {}
    for c in commitments:
        picked[c.trainer] = challenge.segments_to_replay(
            drawn, c.trainer, c.segments, plan.audit(c.trainer, ticket.spec.replayed_segments).segments
        )
        needed = checkpoints_needed(picked[c.trainer], c.segments)
        update = update_key(job, number, c.trainer)
        came = is_committed(c, job.parts.objects.stat(update))
        if came and not needed:
            continue
        asks[c.trainer] = RevealTask(
            job_id=ticket.job_id,
            round=number,
            trainer=c.trainer,
            update=None if came else job.upload(update),
            checkpoints={str(i): job.upload(checkpoint_key(job, number, c.trainer, i)) for i in needed},
        )
    questions = [Ask(t, Role.TRAINER, TaskKind.REVEAL, f"{number}/reveal", task) for t, task in asks.items()]
    revealed = job.answers(job.ask(questions, REVEAL_SECONDS), Reveal) if questions else {}
    shard_keys = {s.trainer: s.key for s in plan.shards}
    submissions = []
    for c in commitments:
        if c.trainer in asks and c.trainer not in revealed:
            log.warning("reveal.missing", ticket=job.id, round=number, node=c.trainer)
            continue
        answer = revealed.get(c.trainer, Reveal(None, ()))
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
        who = challenge.replayers(drawn, c.trainer, picked[c.trainer], ticket.validators)
        submissions.append(Submission(c, job.ref(keys[0]), shard_keys[c.trainer], segments, who))
    return submissions


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


def checkpoint_key(job: Job, number: int, trainer: str, index: int) -> str:
    """Where a checkpoint that a trainer revealed is kept."""
    return job.key("rounds", number, "checkpoints", trainer, f"{index}.safetensors")
