"""Followers' positions in MongoDB."""

from __future__ import annotations

from backend.adapters.mongo.connection import Database, translated


class MongoCursors:
    """`ports.Cursors`."""

    def __init__(self, db: Database) -> None:
        self._cursors = db.durable("cursors")

    @translated()
    def load(self, name: str) -> int | None:
        """The saved position."""
        found = self._cursors.find_one({"_id": {"$eq": name}})
        return int(found["position"]) if found else None

    @translated()
    def save(self, name: str, position: int) -> None:
        """Save a position."""
        self._cursors.update_one({"_id": name}, {"$set": {"position": position}}, upsert=True)
