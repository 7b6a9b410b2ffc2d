"""Tasks in memory."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from backend.adapters import records
from backend.adapters.wakeup import Wakeup
from backend.domain.task import Task, TaskState
from backend.ports import Clock, Standing

STOP_POLL_SECONDS = 0.25


class MemoryTasks:
    """`ports.Tasks`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._bodies: dict[str, str] = {}
        self._log: list[str] = []
        self._added: dict[str, float] = {}
        self._holds: dict[str, tuple[str, float]] = {}
        self._changed = Wakeup()

    def put(self, tasks: Sequence[Task]) -> None:
        """Add tasks; one whose id exists is left as it is."""
        packed = [(task.id, records.pack(task)) for task in tasks]
        with self._lock:
            for task_id, body in packed:
                if task_id not in self._bodies:
                    self._bodies[task_id] = body
                    self._added[task_id] = self._clock()
                    self._log.append(body)
        self._changed.bump()

    def get(self, task_id: str) -> Task | None:
        """The task, if it exists."""
        with self._lock:
            return _task(self._bodies[task_id]) if task_id in self._bodies else None

    def open_for(self, worker: str) -> list[Task]:
        """Open tasks of one worker, oldest first."""
        return [task for task in self._all() if task.worker == worker and task.state is TaskState.OPEN]

    def standing(self) -> Standing:
        """How many are open, and since when the oldest is."""
        since = [self._added[task.id] for task in self._all() if task.state is TaskState.OPEN]
        return {TaskState.OPEN.value: (len(since), min(since))} if since else {}

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

    def hold(self, task_id: str, machines: Sequence[str], at: float, until: float) -> str | None:
        """Which machine does an open task that several could do; None where it is not open or there is none."""
        still_open = {task.id for task in self._all() if task.state is TaskState.OPEN}
        with self._lock:
            held = {t: h for t, h in self._holds.items() if t in still_open and h[1] > at}
            if task_id in still_open and task_id not in held and machines:
                busy = Counter(machine for machine, _ in held.values())
                least_busy = min(machines, key=lambda machine: (busy[machine], machine))
                held[task_id] = least_busy, until
            self._holds = held
            return held[task_id][0] if task_id in held else None

    def keep_held(self, machines: Sequence[str], until: float) -> None:
        """What these machines hold is theirs `until` then."""
        with self._lock:
            self._holds = {
                task: (machine, until if machine in machines else then)
                for task, (machine, then) in self._holds.items()
            }

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
