"""Trainings that need not be done again: what a quote offers first, and the files of a published one."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Blueprint

from backend.api import auth
from backend.api.parts import ApiParts
from backend.domain.publication import is_open, offer
from backend.domain.result_files import OPEN
from backend.domain.ticket import Ticket
from backend.errors import EcoError, NotFound

log = structlog.get_logger()

DOWNLOAD_SECONDS = 600.0
MOST_OFFERED = 3


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/published/JOB/files."""
    routes = Blueprint("published", __name__)

    @routes.get("/api/published/<job_id>/files")
    def files(job_id: str) -> dict[str, Any]:
        auth.person(parts)
        ticket = parts.tickets.by_job(job_id)
        if ticket is None or not is_open(ticket):
            raise NotFound("published.unknown", "No training of that job was published.")
        return {
            "files": {
                name: {
                    "url": parts.objects.download_url(file["key"], DOWNLOAD_SECONDS, name),
                    "sha256": file["sha256"],
                    "size": file["size"],
                }
                for name, file in (ticket.files or {}).items()
                if name in OPEN
            }
        }

    return routes


def offers(parts: ApiParts, wanted: Ticket) -> list[dict[str, Any]]:
    """Published trainings of the same recipe on the same dataset, the most accurate first; none where the chain cannot be asked."""
    try:
        listed = parts.publications.find(wanted.dataset.sha256, wanted.spec.recipe())
    except EcoError as error:
        log.warning("published.unasked", code=error.code, message=error.message)
        return []
    told = []
    for publication in listed:
        ticket = parts.tickets.by_job(publication.job_id)
        if ticket is not None and is_open(ticket):
            told.append(offer(ticket, publication))
    told.sort(key=lambda o: -o["metrics"].get("accuracy", 0.0))
    return told[:MOST_OFFERED]
