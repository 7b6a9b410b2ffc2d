"""What those who run the market look at: health, queue, what is stuck, alerts, accusations to decide. For arbiter and admin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request

from backend.api import auth
from backend.api.evidence import bundles
from backend.api.health import Part, looked
from backend.api.parts import ApiParts
from backend.api.schemas import body
from backend.domain.budget import OVER_BUDGET
from backend.domain.oversight import Stuck, since, stuck
from backend.domain.ticket import ENDED, Status, Ticket
from backend.domain.ticket_record import Accusation
from backend.errors import Conflict, Forbidden
from backend.ports import TroubledEffect
from fl_nodes.protocol.wire import to_wire

SEARCHED = 1_000
LISTED = 100
ENDED_WITH_ACCUSED = 200
OPEN = tuple(status.value for status in Status if status not in ENDED and status is not Status.QUOTED)


@dataclass(frozen=True)
class Retry:
    """POST /api/admin/effects/retry."""

    key: str


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/admin/overview, POST /api/admin/effects/retry."""
    routes = Blueprint("admin", __name__, url_prefix="/api/admin")

    @routes.get("/overview")
    def overview() -> dict[str, Any]:
        overseer(parts)
        at = parts.clock()
        tickets = parts.tickets.find(statuses=OPEN, limit=SEARCHED)
        refunded = parts.tickets.find(statuses=[Status.REFUNDED.value], limit=ENDED_WITH_ACCUSED)
        health = looked(parts)
        still, troubled = stuck(tickets, at), parts.effects.troubled(LISTED)
        return {
            "at": at,
            "health": health,
            "queue": [_queued(ticket) for ticket in tickets[:LISTED]],
            "counts": dict(Counter(ticket.status.value for ticket in tickets)),
            "stuck": to_wire(still[:LISTED]),
            "effects": to_wire(troubled),
            "accusations": [_accused(parts, ticket) for ticket in tickets + refunded if _undecided(ticket)],
            "alerts": _alerts(health, still, troubled, tickets),
        }

    @routes.post("/effects/retry")
    def retry() -> dict[str, bool]:
        overseer(parts)
        if not parts.effects.reopen(body(request, Retry).key):
            raise Conflict("effect.not_failed", "No effect of that key was given up.")
        return {"ok": True}

    return routes


def overseer(parts: ApiParts) -> str:
    """The signed-in arbiter or admin of the escrow; Forbidden `admin.only` for everybody else."""
    address = auth.customer(parts)
    if not parts.market.roles(address).may_arbitrate:
        raise Forbidden(
            "admin.only", "This page is for the market's arbiter and admin: sign in as one of them."
        )
    return address


def _queued(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket_id": ticket.id,
        "job_id": ticket.job_id,
        "status": ticket.status.value,
        "since": since(ticket),
        "deadline": ticket.deadline,
        "fee_wei": str(ticket.quote.fee_wei),
        "rounds": len(ticket.rounds),
        "of_rounds": ticket.spec.rounds,
        "trainers": len(ticket.trainers),
    }


def _undecided(ticket: Ticket) -> bool:
    return any(
        state in (Accusation.NAMED, Accusation.CONTESTED) for state in (ticket.accusations or {}).values()
    )


def _accused(parts: ApiParts, ticket: Ticket) -> dict[str, Any]:
    names = {node.provider: node.name for node in parts.nodes.all()}
    return {
        "ticket_id": ticket.id,
        "job_id": ticket.job_id,
        "accused": [
            {"culprit": culprit, "name": names.get(culprit), "state": state}
            for culprit, state in (ticket.accusations or {}).items()
        ],
        "bundles": bundles(parts, ticket),
    }


def _alerts(
    health: dict[str, Part], still: list[Stuck], troubled: list[TroubledEffect], tickets: list[Ticket]
) -> list[dict[str, str]]:
    """The gravest first, each with what to do."""
    given_up = [effect for effect in troubled if effect.state == "failed"]
    contested = sum(Accusation.CONTESTED in (ticket.accusations or {}).values() for ticket in tickets)
    over = sum(any(alert.code == OVER_BUDGET for alert in ticket.alerts) for ticket in tickets)
    told = [
        _alert(
            "critical",
            "health.down",
            f"{name} is not well: {part['detail']}.",
            "See its log, and restart it.",
        )
        for name, part in health.items()
        if not part["ok"]
    ]
    if given_up:
        said = f"Effects that were given up: {len(given_up)}."
        told.append(
            _alert("critical", "effects.failed", said, "Read why below, mend it, and try them again.")
        )
    if still:
        said = f"Tickets that do not move: {len(still)}."
        told.append(_alert("critical", "tickets.stuck", said, "See the dispatcher's and the settler's logs."))
    if contested:
        said = f"Jobs with an accusation that its node contests: {contested}."
        told.append(_alert("warning", "arbitration.waits", said, "Replay the evidence and decide below."))
    if over:
        told.append(
            _alert("warning", "energy.over_budget", f"Open jobs over their energy budget: {over}.", "")
        )
    return told


def _alert(level: str, code: str, message: str, forward: str) -> dict[str, str]:
    return {"level": level, "code": code, "message": message, "forward": forward}
