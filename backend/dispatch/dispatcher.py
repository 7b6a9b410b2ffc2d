"""Follows tickets and moves them: examines uploads, selects nodes, runs jobs, each ticket under a lease.

The change stream only wakes it up; what to do is read from the tickets themselves, so a missed wake-up costs a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from backend.dispatch.job import Job, JobEnded, JobParts
from backend.dispatch.job_loop import run_job
from backend.dispatch.preparation import examine
from backend.dispatch.resting import Rest
from backend.dispatch.selection import DEFAULT_POLICY, Scheduler, enough_nodes
from backend.domain.effects import Assign
from backend.domain.ticket import Deferred, Selected, Status, Ticket
from backend.errors import EcoError, Unrecoverable
from backend.log import about
from backend.ports import Effects

log = structlog.get_logger()

WAKE_SECONDS = 1.0
RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 60.0
FINISHED = (Status.SETTLING, Status.SETTLED)
LOOKED_BACK = 200
"""Finished tickets that a decision looks at."""

WORK = (Status.UPLOADED, Status.QUEUED, Status.RUNNING, Status.VERIFYING)


@dataclass(frozen=True)
class Backoff:
    """When a ticket that could not go on is tried again."""

    attempts: int
    not_before: float


class Dispatcher:
    """One dispatcher process; several may run, a ticket is worked on by the one that holds its lease."""

    def __init__(
        self,
        parts: JobParts,
        effects: Effects,
        owner: str,
        lease_seconds: float,
        jobs: int = 8,
        policy: str = DEFAULT_POLICY,
    ) -> None:
        self._parts = parts
        self._rest = Rest(parts.tickets, parts.nodes, parts.clock)
        self._scheduler = Scheduler(policy, parts.objects, parts.intensities)
        self._effects = effects
        self._owner = owner
        self._lease_seconds = lease_seconds
        self._pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="job")
        self._jobs = jobs
        self._turns: dict[str, float] = {}
        self._held: dict[str, bool] = {}
        self._backoff: dict[str, Backoff] = {}
        self._lock = threading.Lock()

    def run(self, stop: Callable[[], bool]) -> None:
        """Work until `stop()`; then let running jobs notice and come back to them on the next start. Trouble is outlasted."""
        renewer = threading.Thread(target=self._renew_leases, args=(stop,), daemon=True, name="leases")
        renewer.start()
        pause = threading.Event()
        while not stop():
            try:
                self._rest.run_once()
                self.run_once()
                self._parts.tickets.wait_change(WAKE_SECONDS)
            except Unrecoverable:
                raise
            except EcoError as error:
                log.warning("dispatcher.postponed", code=error.code, message=error.message)
                pause.wait(WAKE_SECONDS)
        with self._lock:
            for ticket_id in self._held:
                self._held[ticket_id] = False
        self._pool.shutdown(wait=False, cancel_futures=True)

    def run_once(self) -> None:
        """Look at every ticket that needs work once."""
        found = self._parts.tickets.find(statuses=[s.value for s in WORK], limit=1000)
        self._turns = {ticket.id: self._turns.get(ticket.id, 0.0) for ticket in found}
        found.reverse()
        # The oldest first, and after those that had no turn for longer: nobody is held up by tickets that cannot go on.
        for ticket in sorted(found, key=lambda ticket: self._turns[ticket.id]):
            if self._has_room() and self._due(ticket) and self._take(ticket):
                self._turns[ticket.id] = self._parts.clock()
                self._pool.submit(self._work_on, ticket.id)

    def _has_room(self) -> bool:
        """Whether a thread is free: what waits for one here would be kept from other dispatchers."""
        with self._lock:
            return len(self._held) < self._jobs

    def _due(self, ticket: Ticket) -> bool:
        with self._lock:
            if ticket.id in self._held:
                return False
            wait = self._backoff.get(ticket.id)
        now = self._parts.clock()
        return (wait is None or wait.not_before <= now) and not _waits(ticket, now)

    def _take(self, ticket: Ticket) -> bool:
        if not self._parts.tickets.claim(ticket.id, self._owner, self._lease_seconds):
            return False
        with self._lock:
            self._held[ticket.id] = True
        return True

    def _work_on(self, ticket_id: str) -> None:
        with about(ticket=ticket_id):
            self._see_to(ticket_id)

    def _see_to(self, ticket_id: str) -> None:
        try:
            ticket = self._parts.tickets.get(ticket_id)
            with about(job=ticket.job_id):
                self._advance(ticket)
            with self._lock:
                self._backoff.pop(ticket_id, None)
        except JobEnded as ended:
            log.info("job.ended", ticket=ticket_id, why=str(ended))
        except EcoError as error:
            self._postpone(ticket_id)
            log.warning("job.postponed", ticket=ticket_id, code=error.code, message=error.message)
        except Exception:
            self._postpone(ticket_id)
            log.exception("job.crashed", ticket=ticket_id)
        finally:
            with self._lock:
                self._held.pop(ticket_id, None)
            self._parts.tickets.release(ticket_id, self._owner)

    def _advance(self, ticket: Ticket) -> None:
        if ticket.status is Status.UPLOADED:
            ticket = self._parts.tickets.advance(ticket.id, examine(ticket, self._parts.objects))
        if ticket.status is Status.QUEUED:
            self._select(ticket)
        if ticket.status in (Status.RUNNING, Status.VERIFYING):
            run_job(Job(ticket, self._parts, lambda: self._held.get(ticket.id, False)))
            self._parts.tasks.cancel(ticket.id)

    def _select(self, ticket: Ticket) -> None:
        attempt = ticket.attempt
        if ticket.selected:
            key = Assign(ticket.id, ticket.job_id, ticket.selected, ticket.attempt).key
            if self._effects.state(key) != "failed":
                return
            attempt += 1
        nodes, at = self._parts.nodes.all(), self._parts.clock()
        if not enough_nodes(nodes, ticket.spec.trainers):
            log.info("trainers.waiting", ticket=ticket.id, wanted=ticket.spec.trainers)
            return
        finished = self._parts.tickets.find(statuses=[s.value for s in FINISHED], limit=LOOKED_BACK)
        decision = self._scheduler.decide(ticket, nodes, finished, attempt, at)
        if decision is None:
            log.info("trainers.waiting", ticket=ticket.id, wanted=ticket.spec.trainers)
        elif decision.waits:
            self._parts.tickets.advance(ticket.id, Deferred(decision))
            log.info("job.waits", ticket=ticket.id, start_at=decision.start_at, again_at=decision.again_at)
        else:
            chosen = tuple(t.node for t in decision.trainers)
            self._parts.tickets.advance(ticket.id, Selected(chosen, attempt, decision))
            log.info(
                "trainers.selected",
                ticket=ticket.id,
                trainers=list(chosen),
                attempt=attempt,
                policy=decision.policy,
            )

    def _postpone(self, ticket_id: str) -> None:
        with self._lock:
            before = self._backoff.get(ticket_id)
            attempts = before.attempts + 1 if before else 1
            wait = min(RETRY_SECONDS * 2 ** (attempts - 1), LONGEST_RETRY_SECONDS)
            self._backoff[ticket_id] = Backoff(attempts, self._parts.clock() + wait)

    def _renew_leases(self, stop: Callable[[], bool]) -> None:
        pause = threading.Event()
        while not stop():
            with self._lock:
                held = list(self._held)
            for ticket_id in held:
                self._renew(ticket_id)
            pause.wait(self._lease_seconds / 3)

    def _renew(self, ticket_id: str) -> None:
        try:
            kept = self._parts.tickets.claim(ticket_id, self._owner, self._lease_seconds)
        except EcoError as error:
            log.warning("lease.unrenewed", ticket=ticket_id, code=error.code)
            return
        if not kept:
            with self._lock:
                if ticket_id in self._held:
                    self._held[ticket_id] = False
            log.warning("lease.lost", ticket=ticket_id)


def _waits(ticket: Ticket, now: float) -> bool:
    """Whether it was put off until later and nothing has been chosen for it yet."""
    if ticket.status is not Status.QUEUED or ticket.selected or ticket.decision is None:
        return False
    return ticket.decision.again_at > now
