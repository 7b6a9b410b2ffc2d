"""The server processes that live, in MongoDB; those that fell silent are removed by the server (TTL index)."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.adapters.mongo.connection import Database, translated

KEPT_SECONDS = 86_400.0


class MongoProcesses:
    """Signs of life by name and process: several of a name may live."""

    def __init__(self, db: Database) -> None:
        self._processes = db.journaled("processes")

    @translated()
    def beat(self, name: str, owner: str, at: float) -> None:
        """This process does `name` and lives."""
        fields = {"name": name, "seen": at, "expires": datetime.fromtimestamp(at + KEPT_SECONDS, UTC)}
        self._processes.update_one({"_id": f"{name}/{owner}"}, {"$set": fields}, upsert=True)

    @translated()
    def seen(self, name: str) -> list[float]:
        """When each process of a name was heard of last, Unix seconds."""
        return [float(found["seen"]) for found in self._processes.find({"name": {"$eq": name}})]
