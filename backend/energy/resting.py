"""Which machines may sleep: trainers that nobody is expected to need in the coming hour. A hint; whoever runs the machine decides.

The outlook is the busiest hour of the week before: as many trainers as jobs then took in one hour stay awake, and what queued jobs
want beside it. No more than a quarter of the deposits sleeps at once, for two thirds must be there to seal the energy ledger.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from backend.domain.node import Node
from backend.domain.ticket import Status, Ticket
from fl_nodes.protocol.tasks import Role

SECONDS_PER_HOUR = 3600
WEEK_SECONDS = 7 * 24 * SECONDS_PER_HOUR
MOST_OF_DEPOSITS = 4
"""One part in so many."""

LEAST_AWAKE = 4
"""Trainers that stay awake whatever the week was like: those of a usual job."""


def needed(tickets: Iterable[Ticket], at: float) -> int:
    """Trainers to keep awake in the hour from `at` on."""
    starts: Counter[int] = Counter()
    queued = 0
    for ticket in tickets:
        started = next((m.at for m in ticket.timeline if m.status is Status.RUNNING), None)
        if started is not None and at - started < WEEK_SECONDS:
            starts[int(started // SECONDS_PER_HOUR)] += len(ticket.trainers)
        if ticket.status in (Status.FUNDED, Status.UPLOADED, Status.QUEUED):
            queued += ticket.spec.trainers
    return max(LEAST_AWAKE, *starts.values()) + queued if starts else LEAST_AWAKE + queued


def may_sleep(nodes: Sequence[Node], awake: int) -> tuple[str, ...]:
    """Free trainers beyond the `awake` most frugal ones, the most wasteful first; by provider among equals."""
    here = [n for n in nodes if n.available]
    free = sorted(
        (n for n in here if n.role == Role.TRAINER and not n.assigned_jobs),
        key=lambda n: (_joules(n), n.provider),
    )
    left = sum(int(n.deposit_wei) for n in here) // MOST_OF_DEPOSITS
    found = []
    for node in reversed(free[awake:]):
        left -= int(node.deposit_wei)
        if left < 0:
            break
        found.append(node.provider)
    return tuple(found)


def _joules(node: Node) -> float:
    """By its benchmark; a node without one counts as more wasteful than any other."""
    measured = node.baseline.measured if node.baseline else None
    return measured.joules if measured else float("inf")
