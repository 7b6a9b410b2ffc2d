"""The chain may take back the draw of a job's validators and name others: whose word counts then, and when it is too late."""

from __future__ import annotations

from collections.abc import Sequence

from backend.dispatch.job import Job, JobEnded
from backend.domain.ticket import Refusal, Ticket
from backend.verification.round_evidence import RoundEvidence

DRAWN_ANEW = Refusal(
    "job.drawn_anew",
    "The chain took back the draw of the job's validators and named others, who cannot vouch for the rounds before: the fee goes "
    "back in full.",
)


def require_drawn(job: Job, ticket: Ticket) -> None:
    """JobEnded where others than this ticket's validators are the job's by now: they are asked when it is taken up again."""
    if set(job.ticket.validators) != set(ticket.validators):
        raise JobEnded(f"the chain drew other validators for {job.id}")


def remember_judges(job: Job, ticket: Ticket, number: int) -> None:
    """From here on a round is what these make of it: they are told what to re-run, and their scores weigh the next model."""
    job.save_json(_key(job, number), list(ticket.validators))


def judged_by_others(job: Job, ticket: Ticket, evidence: Sequence[RoundEvidence]) -> bool:
    """Whether a round, closed or begun, rests on the word of somebody whom the chain does not name."""
    reports = [report.validator for said in evidence for report in said.reports]
    begun = job.load_json(_key(job, len(evidence) + 1)) or []
    return not {*reports, *begun} <= set(ticket.validators)


def _key(job: Job, number: int) -> str:
    return job.key("rounds", number, "judges.json")
