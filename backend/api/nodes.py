"""The network's nodes, for everyone to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint

from backend.api.parts import ApiParts
from backend.api.schemas import account
from backend.api.shown import node_json
from backend.domain.pay import pay_of
from backend.domain.ticket import Ticket
from backend.energy.eco_score import EcoInputs, eco_score, together
from backend.errors import NotFound
from backend.verification.rating_history import history
from fl_nodes.protocol.wire import from_wire, to_wire

SEARCHED_TICKETS = 500


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/nodes, /api/nodes/PROVIDER and /api/nodes/PROVIDER/ratings."""
    routes = Blueprint("nodes", __name__, url_prefix="/api/nodes")

    @routes.get("")
    def listed() -> dict[str, Any]:
        registered = [node for node in parts.nodes.all() if node.state != "None"]
        return {"nodes": [node_json(node) for node in sorted(registered, key=lambda node: node.name)]}

    @routes.get("/<provider>")
    def shown(provider: str) -> dict[str, Any]:
        node = parts.nodes.get(account(provider))
        if node is None:
            raise NotFound("node.unknown", "No node of that provider is registered.")
        tickets = parts.tickets.find(limit=SEARCHED_TICKETS)
        jobs = [
            _job(ticket, node.provider)
            for ticket in tickets
            if node.provider in (*ticket.trainers, *ticket.validators)
        ]
        return {"node": node_json(node), "jobs": jobs, "eco": eco(tickets, node.provider)}

    @routes.get("/<provider>/ratings")
    def ratings(provider: str) -> dict[str, Any]:
        return {"ratings": to_wire(history(parts.rating_steps.of(account(provider))))}

    return routes


def eco(tickets: Sequence[Ticket], provider: str) -> dict[str, Any] | None:
    """A node's Eco Score over the settled jobs in which it trained; None before the first."""
    told = [ticket.carbon["trainers"].get(provider) for ticket in tickets if ticket.carbon]
    inputs = [from_wire(EcoInputs, of["eco"]["inputs"]) for of in told if of and "eco" in of]
    if not inputs:
        return None
    return eco_score(together(inputs)).told() | {"jobs": len(inputs)}


def _job(ticket: Ticket, provider: str) -> dict[str, Any]:
    """A job as one of its nodes took part in it; nothing here that does not follow from what the chain publishes."""
    verdict, pay = ticket.verdict, pay_of(ticket)
    paid = dict(zip(verdict.payees, verdict.amounts_wei, strict=True)) if verdict else {}
    return {
        "job_id": ticket.job_id,
        "status": ticket.status.value,
        "at": ticket.timeline[-1].at,
        "role": "trainer" if provider in ticket.trainers else "validator",
        "rounds": len(ticket.rounds),
        "paid_wei": paid.get(provider, "0"),
        "scheme": ticket.spec.scheme,
        "weights": to_wire(ticket.spec.weights),
        "pay": to_wire(replace(pay, lines=tuple(x for x in pay.lines if x.payee == provider)))
        if pay
        else None,
        "culprit": bool(verdict and provider in verdict.culprits),
        "accusation": (ticket.accusations or {}).get(provider),
        "bundle": (ticket.files or {}).get(f"evidence-{provider}.tar", {}).get("bundle"),
    }
