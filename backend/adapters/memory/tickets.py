"""Tickets in memory, kept as text: what comes out has been through the same form as in the database."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from backend.adapters import records
from backend.adapters.memory.effects import MemoryEffects
from backend.adapters.wakeup import Wakeup
from backend.domain.ticket import Change, Ticket, step
from backend.errors import Conflict, NotFound
from backend.ports import Clock


class MemoryTickets:
    """`ports.Tickets`; `effects` is the outbox its steps fill."""

    def __init__(self, clock: Clock) -> None:
        self.effects = MemoryEffects(clock)
        self._clock = clock
        self._lock = threading.RLock()
        self._bodies: dict[str, str] = {}
        self._created: dict[str, float] = {}
        self._altered: dict[str, float] = {}
        self._leases: dict[str, tuple[str, float]] = {}
        self._changed = Wakeup()

    def add(self, ticket: Ticket) -> None:
        """Store a new ticket; Conflict `ticket.exists` if its id, ref or job is taken."""
        with self._lock:
            if any(self._collide(ticket, other) for other in self._all()):
                raise Conflict(
                    "ticket.exists", f"There is already a ticket {ticket.id} or one with its reference."
                )
            self._bodies[ticket.id] = records.pack(ticket)
            self._created[ticket.id] = self._altered[ticket.id] = self._clock()
        self._changed.bump()

    def get(self, ticket_id: str) -> Ticket:
        """The ticket; NotFound `ticket.unknown`."""
        with self._lock:
            if ticket_id not in self._bodies:
                raise NotFound("ticket.unknown", f"There is no ticket {ticket_id}.")
            return records.ticket(self._bodies[ticket_id])

    def by_job(self, job_id: str) -> Ticket | None:
        """The ticket of an on-chain job, if it is ours."""
        return next((ticket for ticket in self._all() if ticket.job_id == job_id), None)

    def find(
        self,
        *,
        statuses: Sequence[str] | None = None,
        customers: Sequence[str] | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> list[Ticket]:
        """Any of these customers' tickets, newest first; older ones than the id `before`: NotFound `ticket.unknown`."""
        newest_first = self._newest()
        if before is not None:
            newest_first = newest_first[[t.id for t in newest_first].index(self.get(before).id) + 1 :]
        fitting = (
            t
            for t in newest_first
            if statuses is None or t.status.value in [str(status) for status in statuses]
        )
        return [ticket for ticket in fitting if customers is None or ticket.customer in customers][
            : max(limit, 0)
        ]

    def on_chain(
        self, *, statuses: Sequence[str] | None = None, before: str | None = None, limit: int = 50
    ) -> list[Ticket]:
        """Tickets whose jobs the market chain knows, newest first."""
        wanted = None if statuses is None else [str(status) for status in statuses]
        found = self._newest()
        if before is not None:
            place = next((i for i, ticket in enumerate(found) if ticket.job_id == before), len(found))
            found = found[place + 1 :]
        return [t for t in found if t.on_chain and (wanted is None or t.status.value in wanted)][
            : max(limit, 0)
        ]

    def telling(self, word: str, limit: int = 20) -> list[Ticket]:
        """Tickets that the chains tell of by this word, newest first."""
        return [ticket for ticket in self._newest() if word in ticket.public_words][: max(limit, 0)]

    def changed_since(self, at: float | None) -> Iterator[Ticket]:
        """Tickets that were added or changed at `at` or later; all of them for None."""
        with self._lock:
            found = [t for t in self._all() if at is None or self._altered[t.id] >= at]
        yield from found

    def versions(
        self, *, ids: Sequence[str] | None = None, statuses: Sequence[str] | None = None
    ) -> dict[str, int]:
        """Versions by id, of those of these tickets that exist or of all in these statuses."""
        wanted = None if statuses is None else [str(status) for status in statuses]
        return {
            ticket.id: ticket.version
            for ticket in self._all()
            if (ids is None or ticket.id in ids) and (wanted is None or ticket.status.value in wanted)
        }

    def unsealed(self, limit: int = 100) -> list[Ticket]:
        """Tickets whose readings are final and in no epoch of the energy ledger yet, oldest first."""
        with self._lock:
            found = [ticket for ticket in self._all() if ticket.awaits_sealing]
            return sorted(found, key=lambda t: (self._created[t.id], t.id))[: max(limit, 0)]

    def finished(self, provider: str) -> int:
        """How many settled tickets paid this trainer more than nothing."""
        return sum(provider in ticket.finished_by for ticket in self._all())

    def advance(self, ticket_id: str, change: Change) -> Ticket:
        """Step the ticket and queue its effects."""
        with self._lock:
            before = self.get(ticket_id)
            after, effects = step(before, change, self._clock())
            if after == before:
                return before
            self._bodies[ticket_id] = records.pack(after)
            self._altered[ticket_id] = self._clock()
            self.effects.add(effects)
        self._changed.bump()
        return after

    def claim(self, ticket_id: str, owner: str, seconds: float) -> bool:
        """Take or extend the lease on a ticket; false while another owner's lease is alive."""
        with self._lock:
            now = self._clock()
            holder, until = self._leases.get(ticket_id, (owner, now))
            if holder != owner and until > now:
                return False
            self._leases[ticket_id] = (owner, now + seconds)
            return True

    def release(self, ticket_id: str, owner: str) -> None:
        """Give the lease back."""
        with self._lock:
            if ticket_id in self._leases and self._leases[ticket_id][0] == owner:
                del self._leases[ticket_id]

    def wait_change(self, seconds: float) -> None:
        """Return when any ticket may have changed since this thread's last call, or after `seconds`."""
        self._changed.wait_again(seconds)

    def _newest(self) -> list[Ticket]:
        with self._lock:
            return sorted(self._all(), key=lambda ticket: (self._created[ticket.id], ticket.id), reverse=True)

    def _all(self) -> list[Ticket]:
        with self._lock:
            return [records.ticket(body) for body in self._bodies.values()]

    @staticmethod
    def _collide(one: Ticket, other: Ticket) -> bool:
        return one.id == other.id or one.ref == other.ref or one.job_id == other.job_id
