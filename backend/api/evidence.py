"""GET /api/jobs/JOB/evidence: the bundles of a job's accusations, for those whom they concern.

A bundle holds one trainer's shard of the customer's rows. Nobody gets one who has not seen these rows already, but the
arbiter, who has to decide: the customer; the job's validators, who re-ran shards; an accused its own, with its own shard.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from backend.api import auth
from backend.api.parts import ApiParts
from backend.api.tickets import DOWNLOAD_SECONDS
from backend.domain.ticket import Ticket
from backend.errors import NotFound


def blueprint(parts: ApiParts) -> Blueprint:
    """The evidence route."""
    routes = Blueprint("evidence", __name__, url_prefix="/api/jobs")

    @routes.get("/<job_id>/evidence")
    def evidence(job_id: str) -> dict[str, Any]:
        asking = auth.customer(parts)
        ticket = parts.tickets.by_job(job_id.lower())
        if ticket is not None and ticket.customer in auth.wallets(parts):
            asking = ticket.customer  # by another wallet of the same account
        if ticket is None or not _concerned(parts, ticket, asking):
            raise NotFound("job.unknown", f"You have no part in a job {job_id[:70]!r}.")
        everything = asking not in ticket.trainers or asking == ticket.customer
        return {"bundles": [b for b in bundles(parts, ticket) if everything or b["culprit"] == asking]}

    return routes


def _concerned(parts: ApiParts, ticket: Ticket, asking: str) -> bool:
    culprits = ticket.verdict.culprits if ticket.verdict else ()
    return (
        asking in (ticket.customer, *ticket.validators, *culprits) or parts.market.roles(asking).may_arbitrate
    )


def bundles(parts: ApiParts, ticket: Ticket) -> list[dict[str, Any]]:
    """The bundles of a job's accusations, with links that are good for an hour."""
    files, states = ticket.files or {}, ticket.accusations or {}
    found = []
    for culprit in ticket.verdict.culprits if ticket.verdict else ():
        name = f"evidence-{culprit}.tar"
        if name in files:
            file = files[name]
            url = parts.objects.download_url(file["key"], DOWNLOAD_SECONDS, name)
            facts = {fact: file[fact] for fact in ("bundle", "sha256", "size")}
            found.append(
                {"culprit": culprit, "accusation": states.get(culprit, "signed"), "url": url} | facts
            )
    return found
