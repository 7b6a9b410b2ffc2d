"""THE file to read first: how a running job becomes a verdict.

Each round: trainers train and commit -> the challenge is drawn -> they reveal -> validators score -> the next model is
made, and the next round may train on it -> validators have re-run their segments -> the round closes. The job ends with
a verdict that a quorum of validators signs: pay the trainers, or refund the customer and name the culprits. Everything
needed to resume is in the ticket and in object storage, and every question to a worker has a name: after a crash the
loop runs again and asks nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from backend.dispatch.aggregation import Folded, fold
from backend.dispatch.carbon_stage import where
from backend.dispatch.conclusion import conclude_failed, conclude_honest
from backend.dispatch.deadlines import LEAST
from backend.dispatch.job import Job
from backend.dispatch.panel import Panel
from backend.dispatch.preparation import Plan, prepare
from backend.dispatch.redraw import DRAWN_ANEW, judged_by_others
from backend.dispatch.replay_stage import replay
from backend.dispatch.reveal_stage import Submission, reveal
from backend.dispatch.scoring_stage import score
from backend.dispatch.training_stage import CLEARED, call_back, train, train_ahead
from backend.domain.ticket import Refusal, RoundClosed, RoundRecord, Status, Ticket
from backend.energy.carbon import round_carbon
from backend.log import about
from backend.verification.round_evidence import Opening, RoundEvidence
from fl_nodes.protocol import verdict
from fl_nodes.protocol.tasks import Commitment, ValidationReport
from fl_nodes.protocol.wire import from_wire, to_wire

log = structlog.get_logger()


def run_job(job: Job) -> None:
    """Carry a RUNNING or VERIFYING ticket to its signed verdict. Raises JobEnded, Recoverable, Conflict."""
    ticket = job.check_running()
    plan = prepare(job)
    evidence = [_evidence(job, number) for number in range(1, len(ticket.rounds) + 1)]
    for number in range(len(ticket.rounds) + 1, ticket.spec.rounds + 1):
        if ticket.status is Status.VERIFYING or judged_by_others(job, ticket, evidence):
            break
        with about(round=number):
            ticket, said = run_round(job, plan, number, evidence)
        evidence.append(said)
        reason = _why_failed(ticket, said, number)
        ticket = job.check_running()
        if reason is not None and not judged_by_others(job, ticket, evidence):
            conclude_failed(job, ticket, plan, evidence, reason)
            return
    if judged_by_others(job, ticket, evidence):
        conclude_failed(job, ticket, plan, evidence, DRAWN_ANEW)
    else:
        conclude_honest(job, ticket, plan, evidence)


def run_round(
    job: Job, plan: Plan, number: int, earlier: list[RoundEvidence]
) -> tuple[Ticket, RoundEvidence]:
    """One federated round. The round closes only if nothing in it fails the job; its evidence is stored either way."""
    ticket = job.check_running()
    started = job.parts.clock()
    model = job.ref(ticket.rounds[-1].model_key if ticket.rounds else plan.initial_model_key)
    trained = train(job, ticket, plan, number, model, _commitments(earlier))
    submissions = reveal(job, ticket, plan, number, trained.commitments)
    panel = Panel(job, ticket, plan, number, model, tuple(submissions))
    scored = score(panel)
    ahead = _go_ahead(panel, scored)
    reports = [*scored, *replay(panel)]
    said = _said(job, number, trained.commitments, submissions, reports)
    accepted = _accepted(submissions, reports)
    fails = bool(verdict.culprits(reports)) or len(accepted) < LEAST
    if ahead is not None and (fails or accepted != _accepted(submissions, scored)):
        call_back(job, ticket, plan, number + 1, job.ref(ahead.made.model.key))
    if fails:
        job.save_json(_evidence_key(job, number), said)
        return ticket, said
    if ahead is not None and accepted == _accepted(submissions, scored):
        folded = ahead
    else:
        folded = fold(job, ticket, plan, number, model, accepted, reports, CLEARED if ahead else "")
    made, metrics = folded.made, folded.metrics
    said = replace(said, model_sha256=made.model.sha256)
    job.save_json(_evidence_key(job, number), said)
    record = RoundRecord(
        number=number,
        root=said.root(),
        model_key=made.model.key,
        model_sha256=made.model.sha256,
        metrics=metrics,
        updates=tuple(_line(plan, s, reports, s in accepted) for s in submissions),
        seconds=job.parts.clock() - started,
        state_key=made.state.key if made.state else None,
        state_sha256=made.state.sha256 if made.state else None,
        aggregation=folded.aggregation,
        privacy=folded.privacy,
        asked=trained.asked,
        late=trained.late,
        training_seconds=trained.seconds,
        carbon=round_carbon((*said.commitments, *said.unrevealed), where(job, ticket, number)),
        closed_at=job.parts.clock(),
    )
    after = job.parts.tickets.advance(job.id, RoundClosed(record))
    log.info(
        "round.closed", ticket=job.id, round=number, accuracy=metrics["accuracy"], seconds=record.seconds
    )
    return after, said


def _go_ahead(panel: Panel, scored: list[ValidationReport]) -> Folded | None:
    """Fold on scores alone and let the next round train on it while this one's segments are re-run (docs/adr/0016).

    Not under differential privacy: if a replay then kept an update out, two models with noise of one round would be out.
    """
    job, ticket, number = panel.job, panel.ticket, panel.number
    accepted = _accepted(list(panel.work), scored)
    if ticket.spec.privacy_noise or number >= ticket.spec.rounds or len(accepted) < LEAST:
        return None
    folded = fold(job, ticket, panel.plan, number, panel.model, accepted, scored)
    train_ahead(job, ticket, panel.plan, number + 1, job.ref(folded.made.model.key))
    return folded


def _said(
    job: Job,
    number: int,
    commitments: Sequence[Commitment],
    submissions: list[Submission],
    reports: list[ValidationReport],
) -> RoundEvidence:
    revealed = {s.commitment.trainer for s in submissions}
    return RoundEvidence(
        round=number,
        nonce=job.nonce(number),
        commitments=tuple(s.commitment for s in submissions),
        reports=tuple(reports),
        unrevealed=tuple(c for c in commitments if c.trainer not in revealed),
        openings=tuple(
            Opening(s.commitment.trainer, x.index, x.start_path, x.end_path)
            for s in submissions
            for x in s.segments
        ),
    )


def _accepted(submissions: list[Submission], reports: list[ValidationReport]) -> list[Submission]:
    """Updates without a mismatching replay or a defect. A doubt keeps an update out; only evidence makes a culprit."""
    doubted = verdict.doubted(reports)
    broken = {score.trainer for report in reports for score in report.scores if score.defect}
    return [s for s in submissions if s.commitment.trainer not in doubted | broken]


def _why_failed(ticket: Ticket, said: RoundEvidence, number: int) -> Refusal | None:
    found = verdict.culprits(said.reports)
    if found:
        return Refusal(
            "job.cheated",
            f"In round {number} the work of {', '.join(found)} did not follow from the data they were given.",
        )
    if len(ticket.rounds) < number:
        return Refusal("job.too_few_updates", f"Fewer than {LEAST} nodes delivered work in round {number}.")
    return None


def _line(
    plan: Plan, submission: Submission, reports: list[ValidationReport], accepted: bool
) -> dict[str, Any]:
    c = submission.commitment
    audit = plan.audit(c.trainer, len(submission.segments))
    scores = [s for r in reports for s in r.scores if s.trainer == c.trainer]
    return {
        "trainer": c.trainer,
        "update_sha256": c.update_sha256,
        "examples": c.examples,
        "accepted": accepted,
        "accuracy_ppm": sorted(s.accuracy_ppm for s in scores)[(len(scores) - 1) // 2] if scores else 0,
        "training_seconds": c.energy.seconds,
        "energy": to_wire(c.energy),
        "audit": {
            "segments": [s.index for s in submission.segments],
            "replayers": {v: list(theirs) for v, theirs in submission.replayers.items()},
            "finished_jobs": audit.finished_jobs,
            "rating_bps": audit.rating_bps,
        },
    }


def _evidence_key(job: Job, number: int) -> str:
    return job.key("rounds", number, "evidence.json")


def _evidence(job: Job, number: int) -> RoundEvidence:
    return from_wire(RoundEvidence, job.load_json(_evidence_key(job, number)))


def _commitments(evidence: list[RoundEvidence]) -> tuple[Commitment, ...]:
    return tuple(c for said in evidence for c in said.commitments)
