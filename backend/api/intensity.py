"""What a zone's grid emits, for everyone to see."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from backend.api.parts import ApiParts
from backend.errors import Invalid
from fl_nodes.protocol.wire import to_wire

MOST_HOURS = 72


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/intensity/ZONE."""
    routes = Blueprint("intensity", __name__)

    @routes.get("/api/intensity/<zone>")
    def shown(zone: str) -> dict[str, Any]:
        now = parts.clock()
        return {
            "known": parts.intensities.knows(zone),
            "now": to_wire(parts.intensities.at(zone, now)),
            "ahead": to_wire(parts.intensities.ahead(zone, now, _hours())),
        }

    return routes


def _hours() -> int:
    text = request.args.get("hours", "24")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST_HOURS:
        raise Invalid("intensity.hours", f"hours must be a number from 1 to {MOST_HOURS}.")
    return int(text)
