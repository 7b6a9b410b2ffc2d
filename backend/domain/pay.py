"""The payment of a settled ticket, explained (`fl_nodes.protocol.pay`)."""

from __future__ import annotations

from backend.domain.ticket_record import Ticket
from fl_nodes.protocol import scores
from fl_nodes.protocol.pay import Pay, explain
from fl_nodes.protocol.payout import Scheme
from fl_nodes.protocol.signing import bytes32


def pay_of(ticket: Ticket) -> Pay | None:
    """Why each payee got its amount; None without a settlement, or where its amounts do not follow from its score words."""
    verdict = ticket.verdict
    if verdict is None or not verdict.payees or len(verdict.scores) != len(verdict.payees):
        return None
    amounts = tuple(int(wei) for wei in verdict.amounts_wei)
    work = [scores.decode(bytes32(w), p) for w, p in zip(verdict.scores, verdict.payees, strict=True)]
    fee_wei = int(verdict.fee_wei or ticket.quote.fee_wei)
    found = explain(Scheme(ticket.spec.scheme), fee_wei, fee_wei - sum(amounts), work, ticket.spec.weights)
    return found if found.amounts_wei == amounts else None
