"""What makes certificates possible: each job of an epoch commits to its readings."""

from __future__ import annotations

from dataclasses import replace

from backend.dispatch.epoch_papers import Extras
from backend.domain.certificate import commitment
from backend.domain.ticket import Ticket
from backend.energy.epochs import JobPapers


def committing(secret: bytes) -> Extras:
    """Adds the commitment to a job's papers; its salt comes from the server's `secret`."""

    def add(ticket: Ticket, papers: JobPapers) -> JobPapers:
        made = commitment(secret, ticket.job_id, papers.readings)
        return papers if made is None else replace(papers, commitment=made[0], salt=made[1])

    return add
