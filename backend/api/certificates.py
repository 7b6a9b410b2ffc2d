"""GET /api/jobs/JOB/certificate: what a job's green certificate says, and the factors that it was made with. Anybody's to read."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from backend.api.parts import ApiParts
from backend.errors import NotFound
from fl_nodes.protocol.wire import to_wire


def blueprint(parts: ApiParts) -> Blueprint:
    """The certificate's route."""
    routes = Blueprint("certificates", __name__, url_prefix="/api/jobs")

    @routes.get("/<job_id>/certificate")
    def certificate(job_id: str) -> dict[str, Any]:
        ticket = parts.tickets.by_job(job_id.lower())
        if ticket is None or ticket.certificate is None:
            raise NotFound("certificate.none", f"There is no certificate of a job {job_id[:70]!r}.")
        return {"job_id": ticket.job_id, "certificate": to_wire(ticket.certificate)}

    return routes
