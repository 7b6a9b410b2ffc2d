"""The outbox in MongoDB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from backend.adapters import records
from backend.adapters.mongo.connection import Database, Document, standing, translated
from backend.domain.effects import Effect
from backend.errors import NotFound
from backend.ports import Clock, QueuedEffect, Standing, TroubledEffect

POLL_SECONDS = 2.0


class MongoEffects:
    """`ports.Effects`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._clock = clock
        self._effects = db.durable("effects")
        self._changed = db.changes("effects")

    @translated()
    def add(self, effects: Sequence[Effect]) -> None:
        """Queue effects that come from no ticket; one whose key exists is left as it is."""
        insert_effects(self._effects, effects, 0, self._clock(), None)

    @translated()
    def pending(self, kinds: Sequence[str], limit: int = 100) -> list[QueuedEffect]:
        """Open effects of the named classes that are due, oldest first."""
        if limit <= 0:
            return []
        due = {"state": "open", "kind": {"$in": list(kinds)}, "not_before": {"$lte": self._clock()}}
        oldest_first = [
            ("added", ASCENDING),
            ("version", ASCENDING),
            ("position", ASCENDING),
            ("_id", ASCENDING),
        ]
        return [_queued(document) for document in self._effects.find(due).sort(oldest_first).limit(limit)]

    @translated()
    def state(self, key: str) -> str | None:
        """`open`, `done`, `failed`, or None if there is no such effect."""
        found = self._effects.find_one({"_id": {"$eq": key}}, {"state": 1})
        return str(found["state"]) if found else None

    @translated()
    def done(self, key: str, result: dict[str, Any]) -> None:
        """Mark as carried out; repeating it changes nothing. NotFound `effect.unknown`."""
        self._set(
            key,
            ["open", "failed"],
            {"$set": {"state": "done", "result": records.pack(result), "ended": self._clock()}},
        )

    @translated()
    def retry(self, key: str, seconds: float, why: str) -> None:
        """Count an attempt and try again after `seconds`; no effect on one that is done or failed."""
        later = {"not_before": self._clock() + seconds, "why": why}
        self._set(key, ["open"], {"$set": later, "$inc": {"attempts": 1}})

    @translated()
    def fail(self, key: str, code: str, why: str) -> None:
        """Give up; no effect on one that is done."""
        self._set(
            key, ["open"], {"$set": {"state": "failed", "code": code, "why": why, "ended": self._clock()}}
        )

    @translated()
    def redo(self, kinds: Sequence[str], since: float) -> int:
        """Open those of these classes again that were done or given up at `since` or later; how many."""
        # Effects of before this was written down count as done long ago.
        done: Document = {"state": {"$in": ["done", "failed"]}, "kind": {"$in": list(kinds)}}
        if since > 0:
            done["ended"] = {"$gte": since}
        again = {"$set": {"state": "open", "not_before": self._clock(), "attempts": 0}}
        return int(self._effects.update_many(done, again).modified_count)

    @translated()
    def troubled(self, limit: int = 100) -> list[TroubledEffect]:
        """Those given up, then open ones that were tried in vain, each oldest first."""
        if limit <= 0:
            return []
        wanted = {"$or": [{"state": "failed"}, {"state": "open", "attempts": {"$gt": 0}}]}
        order = [("state", ASCENDING), ("added", ASCENDING), ("_id", ASCENDING)]
        return [_troubled(document) for document in self._effects.find(wanted).sort(order).limit(limit)]

    @translated()
    def standing(self) -> Standing:
        """How many are open and how many given up, and since when the oldest of each waits."""
        return standing(self._effects, ["open", "failed"])

    @translated()
    def reopen(self, key: str) -> bool:
        """Try one that was given up again, now; false where none of that key was given up."""
        given_up = {"_id": {"$eq": key}, "state": "failed"}
        return bool(
            self._effects.update_one(
                given_up, {"$set": {"state": "open", "not_before": self._clock()}}
            ).matched_count
        )

    def wait(self, seconds: float) -> None:
        """Return when an effect may have been added since this thread's last call, or after `seconds`."""
        self._changed.wait_again(min(seconds, POLL_SECONDS))

    def _set(self, key: str, states: list[str], change: Document) -> None:
        changed = self._effects.update_one(
            {"_id": {"$eq": key}, "state": {"$in": states}}, change
        ).matched_count
        if not changed and self.state(key) is None:
            raise NotFound("effect.unknown", f"There is no effect {key}.")


def insert_effects(
    collection: Collection[Document],
    effects: Sequence[Effect],
    version: int,
    at: float,
    session: ClientSession | None,
) -> None:
    """Queue a step's effects within its transaction, if there is one; one whose key exists is left as it is."""
    for position, effect in enumerate(effects):
        fields = {
            "ticket_id": effect.ticket_id,
            "kind": records.kind_of(effect),
            "body": records.pack(effect),
            "state": "open",
            "attempts": 0,
            "added": at,
            "not_before": at,
            "version": version,
            "position": position,
        }
        # An upsert, for a duplicate-key error would abort the whole transaction.
        collection.update_one({"_id": effect.key}, {"$setOnInsert": fields}, upsert=True, session=session)


def _troubled(document: Document) -> TroubledEffect:
    return TroubledEffect(
        document["_id"],
        document["kind"],
        document["ticket_id"],
        document["state"],
        document["attempts"],
        document["not_before"],
        document.get("why", ""),
    )


def _queued(document: Document) -> QueuedEffect:
    effect = records.effect(document["kind"], document["body"])
    return QueuedEffect(document["_id"], effect, document["attempts"], document["not_before"])
