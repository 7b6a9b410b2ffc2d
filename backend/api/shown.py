"""How tickets, quotes and nodes are shown: amounts in wei as decimal strings, as everywhere in the API."""

from __future__ import annotations

from typing import Any

from backend.domain.decision import Decision
from backend.domain.estimate import estimate
from backend.domain.node import Node
from backend.domain.pay import pay_of
from backend.domain.spec import Quote
from backend.domain.ticket import Ticket
from fl_nodes.protocol.wire import to_wire


def quote_json(quote: Quote) -> dict[str, str]:
    """A quote; amounts in wei as decimal strings, as everywhere in the API."""
    return {
        "data_wei": str(quote.data_wei),
        "compute_wei": str(quote.compute_wei),
        "fee_wei": str(quote.fee_wei),
    }


def ticket_json(ticket: Ticket) -> dict[str, Any]:
    """A ticket as its customer sees it."""
    rounds = [
        {
            "number": r.number,
            "root": r.root,
            "model_sha256": r.model_sha256,
            "metrics": r.metrics,
            "updates": list(r.updates),
            "seconds": r.seconds,
            "aggregation": r.aggregation,
            "privacy": r.privacy,
            "asked": list(r.asked),
            "late": list(r.late),
            "training_seconds": r.training_seconds,
            "carbon": r.carbon,
            "closed_at": r.closed_at,
        }
        for r in ticket.rounds
    ]
    files = {
        name: {fact: f[fact] for fact in ("sha256", "size", "bundle") if fact in f}
        for name, f in (ticket.files or {}).items()
    }
    shown = {
        "id": ticket.id,
        "ref": ticket.ref,
        "job_id": ticket.job_id,
        "customer": ticket.customer,
        "status": ticket.status,
        "spec": ticket.spec,
        "dataset": ticket.dataset,
        "quote": quote_json(ticket.quote),
        "fee_wei": str(ticket.quote.fee_wei),
        "deadline": ticket.deadline,
        "decision": decision_json(ticket.decision),
        "trainers": ticket.trainers,
        "validators": ticket.validators,
        "rounds": rounds,
        "estimate": estimate(ticket),
        "verdict": ticket.verdict,
        "pay": pay_of(ticket),
        "refusal": ticket.refusal,
        "metrics": ticket.metrics,
        "privacy": ticket.rounds[-1].privacy if ticket.rounds else None,
        "files": files,
        "energy": ticket.energy,
        "carbon": ticket.carbon,
        "epoch": ticket.epoch,
        "certificate": ticket.certificate,
        "alerts": ticket.alerts,
        "accusations": ticket.accusations,
        "slashed": ticket.slashed,
        "deposits_received_wei": ticket.deposits_received_wei,
        "refund_wei": ticket.refund_wei,
        "baseline": ticket.baseline,
        "credits": ticket.credits,
        "transactions": ticket.transactions,
        "timeline": ticket.timeline,
        "version": ticket.version,
    }
    return {name: to_wire(value) for name, value in shown.items()}


def decision_json(decision: Decision | None) -> dict[str, Any] | None:
    """What was decided about a ticket, in short: `GET /api/tickets/ID/decision` has all of it."""
    if decision is None:
        return None
    return {
        "policy": decision.policy,
        "at": decision.at,
        "start_at": decision.start_at,
        "waits": decision.waits,
        "reasons": list(decision.reasons),
        "hash": decision.hash(),
    }


def node_json(node: Node) -> dict[str, Any]:
    """A node as everyone may see it."""
    return dict(to_wire(node)) | {"available": node.available}
