"""A ticket as one line of a list: what it was about, where it stands, what it cost. A page of whole tickets would be megabytes."""

from __future__ import annotations

from typing import Any

from backend.domain.ticket import Ticket
from fl_nodes.protocol.wire import to_wire


def ticket_line(ticket: Ticket) -> dict[str, Any]:
    """Fields as `ticket_json` has them; `rounds` is how many are closed, `spec` and `dataset` their most telling fields, `carbon`
    the statement's totals with the Eco Score.
    """
    shown = {
        "id": ticket.id,
        "job_id": ticket.job_id,
        "customer": ticket.customer,
        "status": ticket.status,
        "dataset": {"name": ticket.dataset.name, "rows": ticket.dataset.rows, "size": ticket.dataset.size},
        "spec": {"model": ticket.spec.model, "rounds": ticket.spec.rounds, "publish": ticket.spec.publish},
        "rounds": len(ticket.rounds),
        "fee_wei": str(ticket.quote.fee_wei),
        "refund_wei": ticket.refund_wei,
        "deadline": ticket.deadline,
        "refusal": ticket.refusal,
        "accuracy": (ticket.metrics or {}).get("accuracy"),
        "carbon": _totals(ticket),
        "timeline": ticket.timeline,
        "version": ticket.version,
    }
    return {name: to_wire(value) for name, value in shown.items()}


def _totals(ticket: Ticket) -> dict[str, Any] | None:
    if ticket.carbon is None:
        return None
    eco = ticket.carbon.get("eco")
    totals = {name: ticket.carbon[name] for name in ("millijoules", "micrograms", "band_ppm", "classes")}
    return totals | {"eco_score": eco["score"] if eco else None}
