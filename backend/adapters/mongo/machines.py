"""Machines that wait to be registered, in MongoDB; those that went silent are removed by the server (TTL index)."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.adapters import records
from backend.adapters.mongo.connection import Database, translated
from backend.domain.machine import Machine

KEPT_SECONDS = 3600.0


class MongoMachines:
    """`ports.Machines`."""

    def __init__(self, db: Database) -> None:
        self._machines = db.journaled("machines")

    @translated()
    def put(self, machine: Machine) -> None:
        """Add one, or hear of it again."""
        fields = {
            "provider": machine.provider,
            "heard": machine.heard,
            "body": records.pack(machine),
            "expires": datetime.fromtimestamp(machine.heard + KEPT_SECONDS, UTC),
        }
        self._machines.update_one({"_id": f"{machine.provider}/{machine.key}"}, {"$set": fields}, upsert=True)

    @translated()
    def of(self, provider: str, since: float) -> list[Machine]:
        """A provider's that were heard after `since`, by key."""
        wanted = {"provider": {"$eq": provider}, "heard": {"$gt": since}}
        return [
            records.build(Machine, records.unpack(document["body"]))
            for document in self._machines.find(wanted).sort("_id")
        ]
