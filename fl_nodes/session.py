"""A worker's tasks: each is run once, on one thread, short ones on another that waits for no training; an answer is kept and sent
until the backend has it."""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog

from fl_nodes.connection import Connection
from fl_nodes.errors import NodeError
from fl_nodes.protocol.layers import ArchitectureInvalid
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import WireError, to_wire
from fl_nodes.training.tensors import TensorsInvalid

KEPT_ANSWERS = 512
SHORT = frozenset({TaskKind.SEAL_EPOCH, TaskKind.SIGN_CHECKPOINT})
"""What others wait for while this worker may be training: run on a thread of their own."""
CLOCK_SLACK_SECONDS = 60.0
RESEND_SECONDS = 2.0

log = structlog.get_logger()


class Cancelled(Exception):
    """The backend no longer wants this task's answer."""


@dataclass(frozen=True)
class Call:
    """A task being run: its payload, and a check that long work makes now and then, which raises Cancelled."""

    id: str
    kind: TaskKind
    payload: dict[str, Any]
    check: Callable[[], None] = lambda: None


Handler = Callable[[Call], Any]


@dataclass
class Answer:
    """What is said of a task: the event and its message; how often it was asked for, and delivered up to which asking."""

    event: str
    message: dict[str, Any]
    asked: int = 1
    delivered: int = 0


@dataclass
class Session:
    """Runs tasks that arrive on `connection` with the handler of their kind."""

    connection: Connection
    handlers: Mapping[TaskKind, Handler]
    on_released: Callable[[str], None] = lambda _: None
    _queue: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    _short: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pending: set[str] = field(default_factory=set)
    _cancelled: set[str] = field(default_factory=set)
    _answers: OrderedDict[str, Answer] = field(default_factory=OrderedDict)
    _wake: threading.Event = field(default_factory=threading.Event)

    @property
    def is_idle(self) -> bool:
        """Whether no task waits or runs."""
        with self._lock:
            return not self._pending

    def run(self, stop: threading.Event) -> None:
        """Serve until `stop` is set."""
        self.connection.on_task = self._arrived
        self.connection.on_cancel = self._cancel
        self.connection.on_released = self.on_released
        self.connection.on_ready = self._wake.set
        threads = [
            threading.Thread(target=self._work, args=(self._queue, stop), name="tasks", daemon=True),
            threading.Thread(target=self._work, args=(self._short, stop), name="short tasks", daemon=True),
            threading.Thread(target=self._deliver, args=(stop,), name="answers", daemon=True),
        ]
        for thread in threads:
            thread.start()
        self.connection.run(stop)

    def _arrived(self, task: dict[str, Any]) -> None:
        task_id = str(task.get("id"))
        with self._lock:
            known = self._answers.get(task_id)
            if known is not None:
                known.asked += 1
                self._wake.set()
            if known is not None or task_id in self._pending:
                self._cancelled.discard(task_id)
                return
            self._pending.add(task_id)
            self._cancelled.discard(task_id)
        (self._short if task.get("kind") in SHORT else self._queue).put(task)

    def _cancel(self, task_id: str) -> None:
        with self._lock:
            if task_id in self._pending:
                self._cancelled.add(task_id)
            self._answers.pop(task_id, None)

    def _work(self, tasks: queue.Queue[dict[str, Any]], stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                task = tasks.get(timeout=1.0)
            except queue.Empty:
                continue
            task_id = str(task.get("id"))
            answer = answered(task, self.handlers, partial(self._cancelled.__contains__, task_id))
            with self._lock:
                self._pending.discard(task_id)
                if answer is not None:
                    self._answers[task_id] = answer
                    while len(self._answers) > KEPT_ANSWERS:
                        self._answers.popitem(last=False)
            self._wake.set()

    def _deliver(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._wake.wait(RESEND_SECONDS)
            self._wake.clear()
            for answer in self._undelivered():
                asked = answer.asked
                reply = self.connection.call(answer.event, answer.message)
                if reply is None:
                    break
                answer.delivered = asked
                if reply.get("ok") is False:
                    log.warning(
                        "answer.refused",
                        id=answer.message["id"],
                        code=reply.get("code"),
                        message=reply.get("message"),
                    )

    def _undelivered(self) -> list[Answer]:
        with self._lock:
            return [a for a in self._answers.values() if a.delivered < a.asked]


def answered(
    task: Mapping[str, Any], handlers: Mapping[TaskKind, Handler], cancelled: Callable[[], bool]
) -> Answer | None:
    """Run a task; None for one that was cancelled."""
    payload = task.get("payload")
    about = payload if isinstance(payload, Mapping) else {}
    ids = {name: about[of] for name, of in (("job", "job_id"), ("round", "round")) if of in about}
    with structlog.contextvars.bound_contextvars(task=str(task.get("id")), **ids):
        return _answered(task, handlers, cancelled)


def _answered(
    task: Mapping[str, Any], handlers: Mapping[TaskKind, Handler], cancelled: Callable[[], bool]
) -> Answer | None:
    task_id, started = str(task.get("id")), time.monotonic()

    def check() -> None:
        if cancelled():
            raise Cancelled

    try:
        check()
        kind = _kind(task, handlers)
        late = time.time() - float(task.get("deadline_unix_s") or time.time())
        if late > CLOCK_SLACK_SECONDS:
            raise NodeError("task.late", f"The task's deadline passed {late:.0f} seconds ago.")
        log.info("task.started", id=task_id, kind=kind.value)
        result = to_wire(handlers[kind](Call(task_id, kind, task.get("payload") or {}, check)))
        log.info("task.done", id=task_id, kind=kind.value, seconds=round(time.monotonic() - started, 3))
        return Answer("done", {"id": task_id, "result": result})
    except Cancelled:
        log.info("task.cancelled", id=task_id)
        return None
    except (NodeError, ArchitectureInvalid) as error:
        failure = (error.code, error.message)
    except (WireError, TensorsInvalid) as error:
        failure = ("task.malformed", str(error))
    except Exception as error:  # the process's loop: a task must not take the worker down
        log.exception("task.crashed", id=task_id)
        failure = ("worker.crashed", f"{type(error).__name__}: {error}")
    log.warning("task.failed", id=task_id, code=failure[0], message=failure[1])
    return Answer("failed", {"id": task_id, "code": failure[0], "message": failure[1][:1000]})


def _kind(task: Mapping[str, Any], handlers: Mapping[TaskKind, Handler]) -> TaskKind:
    name = str(task.get("kind"))
    if name not in handlers:
        raise NodeError("task.unknown", f"This worker does not do {name!r}.")
    return TaskKind(name)
