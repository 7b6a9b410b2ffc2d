"""Tickets in MongoDB: compare-and-set on the version, effects in the same transaction, leases beside."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError, PyMongoError

from backend.adapters import records
from backend.adapters.mongo.connection import Database, Document, translate, translated
from backend.adapters.mongo.effects import insert_effects
from backend.domain.effects import Effect
from backend.domain.ticket import Change, Ticket, step
from backend.errors import Conflict, NotFound, Recoverable
from backend.ports import Clock

ADVANCE_ATTEMPTS = 40
POLL_SECONDS = 2.0
"""A wait never lasts longer, so that a wake-up the change stream lost costs no more than this."""


class MongoTickets:
    """`ports.Tickets`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._tickets = db.durable("tickets")
        self._effects = db.durable("effects")
        self._leases = db.durable("leases")
        self._changed = db.changes("tickets")

    @translated()
    def add(self, ticket: Ticket) -> None:
        """Store a new ticket; Conflict `ticket.exists` if its id, ref or job is taken."""
        fields = {"_id": ticket.id, "ref": ticket.ref, "customer": ticket.customer, "created": self._clock()}
        try:
            self._tickets.insert_one(fields | self._changing(ticket))
        except DuplicateKeyError as error:
            raise Conflict(
                "ticket.exists", f"There is already a ticket {ticket.id} or one with its reference."
            ) from error

    @translated()
    def get(self, ticket_id: str) -> Ticket:
        """The ticket; NotFound `ticket.unknown`."""
        found = self._tickets.find_one({"_id": {"$eq": ticket_id}}, {"body": 1})
        if found is None:
            raise NotFound("ticket.unknown", f"There is no ticket {ticket_id}.")
        return records.ticket(found["body"])

    @translated()
    def by_job(self, job_id: str) -> Ticket | None:
        """The ticket of an on-chain job, if it is ours."""
        found = self._tickets.find_one({"job_id": {"$eq": job_id}}, {"body": 1})
        return records.ticket(found["body"]) if found else None

    @translated()
    def find(
        self,
        *,
        statuses: Sequence[str] | None = None,
        customers: Sequence[str] | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> list[Ticket]:
        """Any of these customers' tickets, newest first; older ones than the id `before`: NotFound `ticket.unknown`."""
        query: dict[str, Any] = {}
        if statuses is not None:
            query["status"] = {"$in": [str(status) for status in statuses]}
        if customers is not None:
            query["customer"] = {"$in": [str(customer) for customer in customers]}
        if before is not None:
            query["$or"] = self._older_than(before)
        return self._newest(query, limit)

    @translated()
    def on_chain(
        self, *, statuses: Sequence[str] | None = None, before: str | None = None, limit: int = 50
    ) -> list[Ticket]:
        """Tickets whose jobs the market chain knows, newest first."""
        query: dict[str, Any] = {"on_chain": True}
        if statuses is not None:
            query["status"] = {"$in": [str(status) for status in statuses]}
        if before is not None:
            newer = self._tickets.find_one({"job_id": {"$eq": before}}, {"_id": 1})
            if newer is None:
                return []
            query["$or"] = self._older_than(newer["_id"])
        return self._newest(query, limit)

    @translated()
    def telling(self, word: str, limit: int = 20) -> list[Ticket]:
        """Tickets that the chains tell of by this word, newest first."""
        return self._newest({"public_words": {"$eq": word}}, limit)

    def changed_since(self, at: float | None) -> Iterator[Ticket]:
        """Tickets that were added or changed at `at` or later; all of them for None."""
        query: Document = {} if at is None else {"changed": {"$gte": at}}
        with translated():
            for document in self._tickets.find(query, {"body": 1}):
                yield records.ticket(document["body"])

    def _older_than(self, ticket_id: str) -> list[Document]:
        of = self._tickets.find_one({"_id": {"$eq": ticket_id}}, {"created": 1})
        if of is None:
            raise NotFound("ticket.unknown", f"There is no ticket {ticket_id}.")
        return [{"created": {"$lt": of["created"]}}, {"created": of["created"], "_id": {"$lt": ticket_id}}]

    @translated()
    def versions(
        self, *, ids: Sequence[str] | None = None, statuses: Sequence[str] | None = None
    ) -> dict[str, int]:
        """Versions by id, of those of these tickets that exist or of all in these statuses."""
        query: Document = {} if ids is None else {"_id": {"$in": list(ids)}}
        if statuses is not None:
            query["status"] = {"$in": [str(status) for status in statuses]}
        return {found["_id"]: found["version"] for found in self._tickets.find(query, {"version": 1})}

    @translated()
    def unsealed(self, limit: int = 100) -> list[Ticket]:
        """Tickets whose readings are final and in no epoch of the energy ledger yet, oldest first."""
        found = self._tickets.find({"unsealed": True}, {"body": 1}).sort(
            [("created", ASCENDING), ("_id", ASCENDING)]
        )
        return [records.ticket(document["body"]) for document in found.limit(limit)] if limit > 0 else []

    @translated()
    def finished(self, provider: str) -> int:
        """How many settled tickets paid this trainer more than nothing."""
        return self._tickets.count_documents({"finished_by": {"$eq": provider}})

    @translated()
    def advance(self, ticket_id: str, change: Change) -> Ticket:
        """Step the ticket, with its effects in one transaction; Recoverable `ticket.contended`."""
        for attempt in range(ADVANCE_ATTEMPTS):
            before = self.get(ticket_id)
            after, effects = step(before, change, self._clock())
            if after == before:
                return before
            if self._commit(before, after, effects):
                return after
            # Writers that collide wait for different times, or they would collide again.
            time.sleep(random.uniform(0.0, 0.002 * (attempt + 1)))
        raise Recoverable(
            "ticket.contended", f"Ticket {ticket_id} is being changed by others; try again shortly."
        )

    def _commit(self, before: Ticket, after: Ticket, effects: Sequence[Effect]) -> bool:
        try:
            with self._db.transaction() as session:
                expected = {"_id": before.id, "version": before.version}
                if not self._tickets.update_one(
                    expected, {"$set": self._changing(after)}, session=session
                ).matched_count:
                    session.abort_transaction()
                    return False
                insert_effects(self._effects, effects, after.version, self._clock(), session)
        except PyMongoError as error:
            if error.has_error_label("UnknownTransactionCommitResult"):
                # The caller repeats the change, and a change that already happened is ignored.
                raise translate(error) from error
            if error.has_error_label("TransientTransactionError"):
                return False
            raise
        return True

    @translated()
    def claim(self, ticket_id: str, owner: str, seconds: float) -> bool:
        """Take or extend the lease on a ticket; false while another owner's lease is alive."""
        now = self._clock()
        free = {"_id": {"$eq": ticket_id}, "$or": [{"owner": {"$eq": owner}}, {"until": {"$lte": now}}]}
        try:
            self._leases.update_one(free, {"$set": {"owner": owner, "until": now + seconds}}, upsert=True)
        except DuplicateKeyError:
            return False
        return True

    @translated()
    def release(self, ticket_id: str, owner: str) -> None:
        """Give the lease back."""
        self._leases.delete_one({"_id": {"$eq": ticket_id}, "owner": {"$eq": owner}})

    def wait_change(self, seconds: float) -> None:
        """Return when any ticket may have changed since this thread's last call, or after `seconds`."""
        self._changed.wait_again(min(seconds, POLL_SECONDS))

    def _newest(self, query: Document, limit: int) -> list[Ticket]:
        if limit <= 0:
            return []
        found = self._tickets.find(query, {"body": 1}).sort([("created", DESCENDING), ("_id", DESCENDING)])
        return [records.ticket(document["body"]) for document in found.limit(limit)]

    def _changing(self, ticket: Ticket) -> Document:
        return {
            "job_id": ticket.job_id,
            "status": ticket.status.value,
            "version": ticket.version,
            "changed": self._clock(),
            "finished_by": list(ticket.finished_by),
            "unsealed": ticket.awaits_sealing,
            "on_chain": ticket.on_chain,
            "public_words": list(ticket.public_words),
            "body": records.pack(ticket),
        }
