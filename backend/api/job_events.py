"""GET /api/jobs/JOB/events: everything that both chains say of a job, decoded. Anybody's to read, like the chains themselves."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint

from backend.api.parts import ApiParts
from backend.errors import NotFound
from backend.ports import JobEvent

_JOB_ID = re.compile(r"0x[0-9a-f]{64}")


def blueprint(parts: ApiParts) -> Blueprint:
    """The events' route."""
    routes = Blueprint("job_events", __name__, url_prefix="/api/jobs")

    @routes.get("/<job_id>/events")
    def events(job_id: str) -> dict[str, Any]:
        job = job_id.lower()
        if not _JOB_ID.fullmatch(job):
            raise NotFound("job.unknown", f"{job_id[:70]!r} is no job id: 0x and 64 hex digits.")
        ticket = parts.tickets.by_job(job)
        read = parts.job_events.of(job, ticket.transactions if ticket else ())
        return {
            "job_id": job,
            "events": [event_json(event) for event in read.events],
            "blocks": dict(read.blocks),
            "complete": read.complete,
        }

    return routes


def event_json(told: JobEvent) -> dict[str, Any]:
    """An event, its numbers as decimal strings: they exceed what JSON's readers keep exactly."""
    event = told.event
    return {
        "chain": told.chain,
        "contract": event.contract,
        "name": event.name,
        "args": _exact(event.args),
        "block": event.block,
        "log_index": event.log_index,
        "tx": event.tx,
        "at": told.at,
    }


def _exact(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return {name: _exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return value
