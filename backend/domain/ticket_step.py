"""The shape of a step of a ticket, and what several steps do."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.effects import Effect
from backend.domain.ticket_record import Status, Ticket

Step = tuple[Ticket, tuple[Effect, ...]]
"""The ticket after a change, and the effects to carry out, each idempotent by its key."""


def refund(ticket: Ticket, exit_status: Status, effect: Effect) -> Step:
    """Leave the way to a settlement by `exit_status`; `effect` has the chain give the fee back."""
    return replace(ticket, status=exit_status), (effect,)


def with_tx(ticket: Ticket, tx: str) -> Ticket:
    """Note the transaction `tx`, once."""
    return ticket if tx in ticket.transactions else replace(ticket, transactions=(*ticket.transactions, tx))
