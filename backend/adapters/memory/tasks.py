"""Tasks in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from backend.adapters import records
from backend.adapters.wakeup import Wakeup
from backend.domain.task import Task, TaskState
from backend.ports import Clock

STOP_POLL_SECONDS = 0.25


class MemoryTasks:
    """`ports.Tasks`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._bodies: dict[str, str] = {}
        self._log: list[str] = []
        self._changed = Wakeup()

    def put(self, tasks: Sequence[Task]) -> None:
        """Add tasks; one whose id exists is left as it is."""
        packed = [(task.id, records.pack(task)) for task in tasks]
        with self._lock:
            for task_id, body in packed:
                if task_id not in self._bodies:
                    self._bodies[task_id] = body
                    self._log.append(body)
        self._changed.bump()

    def get(self, task_id: str) -> Task | None:
        """The task, if it exists."""
        with self._lock:
            return _task(self._bodies[task_id]) if task_id in self._bodies else None

    def open_for(self, worker: str) -> list[Task]:
        """Open tasks of one worker, oldest first."""
        return [task for task in self._all() if task.worker == worker and task.state is TaskState.OPEN]

    def answer(self, task_id: str, worker: str, result: dict[str, Any]) -> bool:
        """Store a result; the first answer wins; false when the task is not this worker's or not open."""
        return self._close(task_id, worker, state=TaskState.DONE, result=result)

    def refuse(self, task_id: str, worker: str, code: str, message: str) -> bool:
        """The worker could not do it; false as for `answer`."""
        return self._close(task_id, worker, state=TaskState.FAILED, code=code, message=message)

    def cancel(self, ticket_id: str) -> list[Task]:
        """Cancel all open tasks of a ticket; return them."""
        return self._cancel(lambda task: task.ticket_id == ticket_id)

    def withdraw(self, task_ids: Sequence[str]) -> list[Task]:
        """Cancel those of these tasks that are open; return them."""
        return self._cancel(lambda task: task.id in task_ids)

    def wait(self, task_ids: Sequence[str], seconds: float) -> dict[str, Task]:
        """Wait until none of these is open, or `seconds` passed; return those that exist as they are."""
        until = time.monotonic() + seconds
        while True:
            count = self._changed.count()
            tasks = {task.id: task for task in map(self.get, task_ids) if task is not None}
            left = until - time.monotonic()
            if left <= 0 or all(task.state is not TaskState.OPEN for task in tasks.values()):
                return tasks
            self._changed.wait(count, left)

    def follow(self, stop: Callable[[], bool]) -> Iterator[Task]:
        """Tasks as they are added or cancelled, until `stop()`; those already open come first."""
        with self._lock:
            position = len(self._log)
        yield from (task for task in self._all() if task.state is TaskState.OPEN)
        while not stop():
            count = self._changed.count()
            with self._lock:
                news = self._log[position:]
            position += len(news)
            yield from map(_task, news)
            if not news:
                self._changed.wait(count, STOP_POLL_SECONDS)

    def _cancel(self, meant: Callable[[Task], bool]) -> list[Task]:
        with self._lock:
            open_ones = [
                t for t in map(_task, self._bodies.values()) if meant(t) and t.state is TaskState.OPEN
            ]
            cancelled = [replace(task, state=TaskState.CANCELLED) for task in open_ones]
            for task in cancelled:
                self._bodies[task.id] = records.pack(task)
                self._log.append(self._bodies[task.id])
        self._changed.bump()
        return cancelled

    def _close(self, task_id: str, worker: str, **change: Any) -> bool:
        with self._lock:
            task = _task(self._bodies[task_id]) if task_id in self._bodies else None
            if task is None or task.worker != worker or task.state is not TaskState.OPEN:
                return False
            self._bodies[task_id] = records.pack(replace(task, **change))
        self._changed.bump()
        return True

    def _all(self) -> list[Task]:
        with self._lock:
            return [_task(body) for body in self._bodies.values()]


def _task(body: str) -> Task:
    return records.build(Task, records.unpack(body))
