"""Tasks in MongoDB, handed across processes by change streams."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import BulkWriteError, PyMongoError

from backend.adapters import records
from backend.adapters.mongo.connection import Database, Document, standing, translate, translated
from backend.adapters.mongo.watcher import Opened, changes
from backend.domain.task import Task, TaskState
from backend.ports import Clock, Standing

POLL_SECONDS = 2.0
DUPLICATE_KEY = 11_000
_OLDEST_FIRST = [("added", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]
_ADDED_OR_CANCELLED = [
    {
        "$match": {
            "$or": [
                {"operationType": "insert"},
                {
                    "operationType": "update",
                    "updateDescription.updatedFields.state": TaskState.CANCELLED.value,
                },
            ]
        }
    }
]


class MongoTasks:
    """`ports.Tasks`."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._clock = clock
        self._tasks = db.journaled("tasks")
        self._db = db

    @translated()
    def put(self, tasks: Sequence[Task]) -> None:
        """Add tasks; one whose id exists is left as it is."""
        added = self._clock()
        documents = [_document(task, added, position) for position, task in enumerate(tasks)]
        if not documents:
            return
        try:
            self._tasks.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            details = error.details or {}
            others = [e for e in details.get("writeErrors", []) if e["code"] != DUPLICATE_KEY]
            if others or details.get("writeConcernErrors"):
                raise

    @translated()
    def get(self, task_id: str) -> Task | None:
        """The task, if it exists."""
        found = self._tasks.find_one({"_id": {"$eq": task_id}})
        return _task(found) if found else None

    @translated()
    def open_for(self, worker: str) -> list[Task]:
        """Open tasks of one worker, oldest first."""
        return self._find({"worker": {"$eq": worker}, "state": TaskState.OPEN.value})

    @translated()
    def standing(self) -> Standing:
        """How many are open, and since when the oldest is."""
        return standing(self._tasks, [TaskState.OPEN.value])

    def answer(self, task_id: str, worker: str, result: dict[str, Any]) -> bool:
        """Store a result; the first answer wins; false when the task is not this worker's or not open."""
        return self._close(task_id, worker, TaskState.DONE, {"result": result})

    def refuse(self, task_id: str, worker: str, code: str, message: str) -> bool:
        """The worker could not do it; false as for `answer`."""
        return self._close(task_id, worker, TaskState.FAILED, {"code": code, "message": message})

    @translated()
    def cancel(self, ticket_id: str) -> list[Task]:
        """Cancel all open tasks of a ticket; return them."""
        return self._cancel({"ticket_id": {"$eq": ticket_id}})

    @translated()
    def withdraw(self, task_ids: Sequence[str]) -> list[Task]:
        """Cancel those of these tasks that are open; return them."""
        return self._cancel({"_id": {"$in": list(task_ids)}})

    def _cancel(self, meant: Document) -> list[Task]:
        open_ones = meant | {"state": TaskState.OPEN.value}
        ids = [found["_id"] for found in self._tasks.find(open_ones, {"_id": 1}).sort(_OLDEST_FIRST)]
        cancelled = (
            self._tasks.find_one_and_update(
                {"_id": task_id, "state": TaskState.OPEN.value},
                {"$set": {"state": TaskState.CANCELLED.value}},
                return_document=ReturnDocument.AFTER,
            )
            for task_id in ids
        )
        return [_task(document) for document in cancelled if document is not None]

    @translated()
    def hold(self, task_id: str, machines: Sequence[str], at: float, until: float) -> str | None:
        """Which machine does an open task that several could do; None where it is not open or there is none."""
        still_open = {"_id": {"$eq": task_id}, "state": TaskState.OPEN.value}
        held = {"holder": {"$in": list(machines)}, "state": TaskState.OPEN.value, "held_until": {"$gt": at}}
        by_holder = {"$group": {"_id": "$holder", "tasks": {"$sum": 1}}}
        busy = {f["_id"]: f["tasks"] for f in self._tasks.aggregate([{"$match": held}, by_holder])}
        if machines:
            least_busy = min(machines, key=lambda machine: (busy.get(machine, 0), machine))
            self._tasks.update_one(
                still_open | {"held_until": {"$not": {"$gt": at}}},
                {"$set": {"holder": least_busy, "held_until": until}},
            )
        found = self._tasks.find_one(still_open | {"held_until": {"$gt": at}}, {"holder": 1})
        return str(found["holder"]) if found else None

    @translated()
    def keep_held(self, machines: Sequence[str], until: float) -> None:
        """What these machines hold is theirs `until` then."""
        if machines:
            theirs = {"holder": {"$in": list(machines)}, "state": TaskState.OPEN.value}
            self._tasks.update_many(theirs, {"$set": {"held_until": until}})

    @translated()
    def wait(self, task_ids: Sequence[str], seconds: float) -> dict[str, Task]:
        """Wait until none of these is open, or `seconds` passed; return those that exist as they are."""
        until = time.monotonic() + seconds
        changed = self._db.changes("tasks")
        ids = {"$in": list(task_ids)}
        while True:
            count = changed.count()
            still_open = self._tasks.find_one({"_id": ids, "state": TaskState.OPEN.value}, {"_id": 1})
            left = until - time.monotonic()
            if still_open is None or left <= 0:
                return {task.id: task for task in self._find({"_id": ids})}
            changed.wait(count, min(left, POLL_SECONDS))

    def follow(self, stop: Callable[[], bool]) -> Iterator[Task]:
        """Tasks as they are added or cancelled, until `stop()`; those already open come first.

        Survives restarts of the database; Unrecoverable for what no retry mends.
        """
        try:
            for event in changes(
                self._db.streamed("tasks"), _ADDED_OR_CANCELLED, stop, full_document="updateLookup"
            ):
                if event is Opened:
                    yield from self._find({"state": TaskState.OPEN.value})
                elif event.get("fullDocument") is not None:
                    yield _task(event["fullDocument"])
        except PyMongoError as error:
            raise translate(error) from error

    @translated()
    def _close(self, task_id: str, worker: str, state: TaskState, outcome: dict[str, Any]) -> bool:
        mine = {"_id": {"$eq": task_id}, "worker": {"$eq": worker}, "state": TaskState.OPEN.value}
        change = {"$set": {"state": state.value, "outcome": records.pack(outcome), "closed": self._clock()}}
        return self._tasks.update_one(mine, change).modified_count == 1

    def _find(self, query: Document) -> list[Task]:
        return [_task(document) for document in self._tasks.find(query).sort(_OLDEST_FIRST)]


def _document(task: Task, added: float, position: int) -> Document:
    outcome = {"result": task.result, "code": task.code, "message": task.message}
    return {
        "_id": task.id,
        "ticket_id": task.ticket_id,
        "worker": task.worker,
        "role": task.role.value,
        "kind": task.kind.value,
        "payload": records.pack(task.payload),
        "deadline": float(task.deadline),
        "state": task.state.value,
        "outcome": records.pack(outcome),
        "added": added,
        "position": position,
    }


def _task(document: Document) -> Task:
    plain = {name: document[name] for name in ("ticket_id", "worker", "role", "kind", "deadline", "state")}
    packed = {"payload": records.unpack(document["payload"]), **records.unpack(document["outcome"])}
    return records.build(Task, {"id": document["_id"], **plain, **packed})
