"""A provider's own view of its node: its money on the market chain, and what it is accused of."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from backend.api.auth import customer
from backend.api.parts import ApiParts
from backend.domain.purse import Purse

SEARCHED_TICKETS = 500


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/provider."""
    routes = Blueprint("provider", __name__)

    @routes.get("/api/provider")
    def own() -> dict[str, Any]:
        provider = customer(parts)
        return {
            "provider": provider,
            "known": _is_known(parts, provider),
            "purse": _purse(parts.purses.of(provider)),
            "accusations": _accusations(parts, provider),
        }

    return routes


def _is_known(parts: ApiParts, provider: str) -> bool:
    """Whether the node has been taken in from the chain, so that `GET /api/nodes/PROVIDER` shows it."""
    node = parts.nodes.get(provider)
    return node is not None and node.state != "None"


def _purse(purse: Purse) -> dict[str, Any]:
    return {
        name: str(value) if name.endswith("_wei") else value
        for name in purse.__dataclass_fields__
        for value in (getattr(purse, name),)
    }


def _accusations(parts: ApiParts, provider: str) -> list[dict[str, Any]]:
    """Every accusation of this provider by a verdict, newest first."""
    return [
        {
            "job_id": ticket.job_id,
            "state": ticket.accusations[provider],
            "contest_until": parts.purses.contest_until(ticket.job_id),
            "bundle": (ticket.files or {}).get(f"evidence-{provider}.tar", {}).get("bundle"),
            "slashed_wei": (ticket.slashed or {}).get(provider),
        }
        for ticket in parts.tickets.find(limit=SEARCHED_TICKETS)
        if ticket.accusations and provider in ticket.accusations
    ]
