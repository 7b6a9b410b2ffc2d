"""Who does what at this moment, as the database has it: which process holds which lease, which machine which task."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from pymongo import MongoClient

from backend.config import Settings
from scripts.stack import Stack

LEADING = ("settler", "notifier", "rater", "ledger-keeper")


class Work:
    """A look into a running stack's database."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._client: MongoClient[dict[str, Any]] = MongoClient(
            stack.config.database_uri, serverSelectionTimeoutMS=20_000
        )
        self._database = self._client[Settings.mongodb_database]

    def __enter__(self) -> Work:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def leader(self, lease: str) -> str | None:
        """The part that holds this lease now."""
        found = self._database["leases"].find_one({"_id": lease, "until": {"$gt": time.time()}})
        return self._part(found["owner"]) if found else None

    def busiest_dispatcher(self) -> tuple[str, list[str]] | None:
        """The dispatcher that holds most running tickets, and which; None while none is held."""
        held: dict[str, list[str]] = {}
        for lease in self._database["leases"].find({"until": {"$gt": time.time()}}):
            part = self._part(lease["owner"])
            running = {"_id": lease["_id"], "status": {"$in": ["RUNNING", "VERIFYING"]}}
            if (
                part is not None
                and part.startswith("dispatcher")
                and self._database["tickets"].find_one(running)
            ):
                held.setdefault(part, []).append(str(lease["_id"]))
        return max(held.items(), key=lambda item: len(item[1])) if held else None

    def busy_aggregator(self) -> tuple[str, str] | None:
        """An aggregator that holds an open task, and which task; None while none does."""
        open_one = {"state": "open", "holder": {"$regex": "^aggregator/"}, "held_until": {"$gt": time.time()}}
        found = self._database["tasks"].find_one(open_one)
        return (found["holder"].partition("/")[2], str(found["_id"])) if found else None

    def taken_from(self, machine: str, task: str) -> str | None:
        """Who holds a task that this machine held, or answered it; None while it still waits for that machine."""
        found = self._database["tasks"].find_one({"_id": task})
        holder = str((found or {}).get("holder", "")).partition("/")[2]
        return holder if holder != machine else None

    def sockets(self) -> dict[str, int]:
        """How many machines sit at each API process that lives, most first."""
        alive = [a["_id"] for a in self._database["apis"].find({"seen": {"$gt": time.time() - 15}})]
        counted = self._database["seats"].aggregate(
            [{"$match": {"api": {"$in": alive}}}, {"$group": {"_id": "$api", "seats": {"$sum": 1}}}]
        )
        return {str(found["_id"]): int(found["seats"]) for found in counted}

    def statuses(self) -> dict[str, str]:
        """Every ticket's status."""
        return {str(t["_id"]): str(t["status"]) for t in self._database["tickets"].find({}, {"status": 1})}

    def tasks_by_holder(self) -> dict[str, int]:
        """How many of the operator's tasks each machine was given last."""
        groups = self._database["tasks"].aggregate(
            [{"$match": {"holder": {"$exists": True}}}, {"$group": {"_id": "$holder", "tasks": {"$sum": 1}}}]
        )
        return {str(found["_id"]): int(found["tasks"]) for found in groups}

    def _part(self, owner: str) -> str | None:
        pid = owner.rpartition("/")[2]
        known = {str(child.known.pid): name for name, child in self._stack.children.items()}
        return known.get(pid)
