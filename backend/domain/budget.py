"""When a job has used more energy than its customer wanted to spend."""

from __future__ import annotations

from backend.domain.ticket_record import Alert, Ticket

OVER_BUDGET = "energy.over_budget"


def over_budget(ticket: Ticket) -> Alert | None:
    """The alert that is due after the ticket's last round: the first time that its training energy exceeds its budget."""
    budget = ticket.spec.energy_budget_joules
    used = sum(r.millijoules for r in ticket.rounds) / 1000
    if not budget or used <= budget or any(alert.code == OVER_BUDGET for alert in ticket.alerts):
        return None
    done, wanted = len(ticket.rounds), ticket.spec.rounds
    sentence = (
        f"After {done} of {wanted} rounds training has taken {used:.1f} J, more than the budget of {budget} J; "
        f"at this pace it will take {used * wanted / done:.0f} J."
    )
    return Alert(OVER_BUDGET, sentence, done)
