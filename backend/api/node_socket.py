"""Namespace `/nodes`: workers prove their key, get their tasks pushed, and answer them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import structlog
from flask import request
from flask_socketio import SocketIO

from backend.api.answers import check_answer
from backend.api.node_desk import OPERATOR_ROLES
from backend.api.node_hello import Greeting, Hello, bounded_details, check_protocol, seat_of, with_known_zone
from backend.api.parts import ApiParts
from backend.api.schemas import shaped
from backend.api.seating import BACK_SECONDS, Seating
from backend.api.socket_events import guard, on_event
from backend.domain.node import Node
from backend.domain.seat import Seat
from backend.domain.task import Task, TaskState
from backend.errors import Conflict, Forbidden, Invalid
from fl_nodes.protocol.node_energy import NodeEnergy
from fl_nodes.protocol.wire import WireError

LOG = structlog.get_logger(__name__)

NAMESPACE = "/nodes"
BEAT_SECONDS = 5.0
HELLO_SECONDS = 20.0
SILENT_SECONDS = 30.0
MAX_ID = 300
MAX_MESSAGE = 2_000


@dataclass(frozen=True)
class Done:
    """A task's result."""

    id: str
    result: dict[str, Any]


@dataclass(frozen=True)
class Failed:
    """Why a task cannot be done."""

    id: str
    code: str
    message: str


@dataclass(frozen=True)
class Beat:
    """A sign of life, now and then with what the node has drawn so far and what its site gives."""

    energy: NodeEnergy | None = None
    forecast: dict[str, Any] | None = None

    def presence(self) -> dict[str, Any] | None:
        """What changes of the node by it."""
        said = {name: getattr(self, name) for name in ("energy", "forecast")}
        return {name: value for name, value in said.items() if value} or None


@dataclass(frozen=True)
class Pending:
    """A socket that has not proven its key yet."""

    nonce: str
    since: float
    greeting: dict[str, Any]


class NodeSocket:
    """The namespace's state: sockets not yet proven, and the desk of those that are."""

    def __init__(self, parts: ApiParts, socketio: SocketIO) -> None:
        self._seating = Seating(parts)
        self.desk = self._seating.desk
        self._parts = parts
        self._socketio = socketio
        self._pending: dict[str, Pending] = {}
        self._beats: dict[str, float] = {}
        self._rests: dict[str, float] = {}

    def register(self) -> None:
        """Add the namespace's handlers."""
        self._socketio.on_event("connect", self._connect, namespace=NAMESPACE)
        self._socketio.on_event("disconnect", self._disconnect, namespace=NAMESPACE)
        for name, handler in (
            ("hello", self._hello),
            ("beat", self._beat),
            ("done", self._done),
            ("failed", self._failed),
        ):
            on_event(self._socketio, NAMESPACE, name)(handler)
        guard(self._socketio, NAMESPACE)

    # --- events of one socket ----------------------------------------------------------------------

    def _connect(self, auth: Any = None) -> None:
        """Nothing is refused here, for the reason would not reach the worker: `hello` is answered with it."""
        nonce = secrets.token_hex(16)
        greeting = auth if isinstance(auth, dict) else {}
        self._pending[_sid()] = Pending(nonce, self._parts.clock(), greeting)
        market = self._parts.market
        challenge = {"nonce": nonce, "chain_id": market.chain_id, "escrow": market.escrow_address}
        self._emit("challenge", challenge, _sid())

    def _hello(self, payload: dict[str, Any]) -> dict[str, Any]:
        sid = _sid()
        pending = self._pending.get(sid)
        if pending is None:
            raise Conflict("node.hello_twice", "This connection has said hello already.")
        greeting = shaped(Greeting, pending.greeting, "node.connect")
        check_protocol(greeting.protocol)
        hello = shaped(Hello, payload, "node.hello")
        if (greeting.address, greeting.role) != (hello.address, hello.role):
            raise Invalid(
                "node.hello", "hello must name the address and role that the connection was opened with."
            )
        seat = seat_of(self._parts, sid, pending.nonce, hello)
        self._pending.pop(sid, None)
        hello, notice = with_known_zone(self._parts, hello)
        self._seat(seat, hello)
        return {"worker": seat.worker} | ({"notice": notice} if notice else {})

    def _seat(self, seat: Seat, hello: Hello) -> None:
        # Beside: one that another process holds is closed over the queue, and this worker does not wait for that.
        self._socketio.start_background_task(self._close_sockets, self._seating.take(seat))
        if seat.provider is not None:
            self._parts.nodes.seen(seat.provider, self._parts.clock(), hello.presence())
        LOG.info("worker.connected", worker=seat.worker, role=seat.role.value, name=hello.name)
        self._socketio.start_background_task(self.deliver_open, seat.worker)

    def _beat(self, payload: dict[str, Any]) -> None:
        seat = self._require_seat()
        now, beat = self._parts.clock(), shaped(Beat, payload, "node.beat")
        bounded_details("forecast", beat.forecast or {})
        said = beat.presence()
        # One that says nothing need not be kept: the sweep tells of everybody who is connected at once.
        if said and seat.provider is not None and now - self._beats.get(seat.provider, 0.0) >= BEAT_SECONDS:
            self._beats[seat.provider] = now
            self._parts.nodes.seen(seat.provider, now, said)

    def _done(self, payload: dict[str, Any]) -> None:
        seat = self._require_seat()
        done = shaped(Done, payload, "task.done")
        task = self._task_of(seat, done.id)
        try:
            check_answer(task.kind, done.result)
        except (WireError, RecursionError) as error:
            sentence = f"The result does not have the shape of an answer to {task.kind.value}: {error}."[
                :MAX_MESSAGE
            ]
            self._parts.tasks.refuse(task.id, seat.worker, "task.result", sentence)
            self.desk.let_go(task.id)
            raise Invalid("task.result", sentence) from error
        self._close(task, self._parts.tasks.answer(task.id, seat.worker, done.result))

    def _failed(self, payload: dict[str, Any]) -> None:
        seat = self._require_seat()
        failed = shaped(Failed, payload, "task.failed")
        task = self._task_of(seat, failed.id)
        code, message = failed.code[:MAX_ID], failed.message[:MAX_MESSAGE]
        self._close(task, self._parts.tasks.refuse(task.id, seat.worker, code, message))

    def _disconnect(self, *_: Any) -> None:
        sid = _sid()
        self._pending.pop(sid, None)
        at = self._parts.clock()
        seat = self._seating.leave(sid)
        if seat is None:
            return
        LOG.info("worker.disconnected", worker=seat.worker, role=seat.role.value)
        if seat.provider is not None:
            self._beats.pop(seat.provider, None)
            self._parts.nodes.gone(seat.provider, at)
        self._socketio.start_background_task(self._inherit, seat)

    def _inherit(self, seat: Seat) -> None:
        """What a machine held goes to another of its role that did not leave; at other processes at their next sweep."""
        if seat.role in OPERATOR_ROLES:
            self._socketio.sleep(BACK_SECONDS)
        self.deliver_open(seat.worker)

    def _close_sockets(self, sids: set[str]) -> None:
        for sid in sids:
            self._socketio.server.disconnect(sid, namespace=NAMESPACE)

    # --- tasks ----------------------------------------------------------------------

    def deliver_open(self, worker: str) -> None:
        """Send a worker those of its open tasks that no live socket holds."""
        for task in self._parts.tasks.open_for(worker):
            self.deliver(task)

    def deliver(self, task: Task) -> None:
        """Send an open task to its worker, or take back one that was cancelled."""
        if task.state is TaskState.OPEN:
            sid = self._seating.hand_out(task)
            if sid is not None:
                self._emit("task", task_wire(task), sid)
            return
        sid = self.desk.let_go(task.id)
        if sid is not None and task.state is TaskState.CANCELLED:
            self._emit("cancel", {"id": task.id}, sid)

    def released(self, job_id: str, providers: set[str]) -> None:
        """Tell nodes that a job of theirs has ended."""
        for sid in self.desk.sockets_of(providers):
            self._emit("released", {"job_id": job_id}, sid)

    def sweep(self) -> None:
        """Refresh who is connected, forget who fell silent, close sockets that never proved a key."""
        now = self._parts.clock()
        here = {seat.provider for seat in self.desk.seats() if seat.provider is not None}
        self._parts.nodes.present(here, now)
        for node in self._parts.nodes.all():
            if node.provider in here:
                self._hint(node, now)
            elif node.online and now - node.last_seen > SILENT_SECONDS:
                self._parts.nodes.gone(node.provider, now)
        self._close_sockets(self._seating.keep(now))
        for role in OPERATOR_ROLES:
            self.deliver_open(role.value)
        for sid, pending in list(self._pending.items()):
            if now - pending.since > HELLO_SECONDS:
                self._pending.pop(sid, None)
                self._socketio.server.disconnect(sid, namespace=NAMESPACE)

    def _hint(self, node: Node, now: float) -> None:
        """Tell a machine once until when nobody is expected to need it."""
        if node.rest_until > max(now, self._rests.get(node.provider, 0.0)) and not node.assigned_jobs:
            self._rests[node.provider] = node.rest_until
            for sid in self.desk.sockets_of({node.provider}):
                self._emit("rest", {"until": node.rest_until}, sid)

    def _task_of(self, seat: Seat, task_id: str) -> Task:
        task = self._parts.tasks.get(task_id) if len(task_id) <= MAX_ID else None
        if task is None or task.worker != seat.worker:
            raise Forbidden("task.unknown", "You hold no task of that id.")
        if task.state is not TaskState.OPEN:
            raise Conflict("task.closed", f"That task is {task.state.value} already.")
        return task

    def _close(self, task: Task, taken: bool) -> None:
        self.desk.let_go(task.id)
        if not taken:
            raise Conflict("task.closed", "That task was closed in the meantime.")

    def _require_seat(self) -> Seat:
        seat = self.desk.seat(_sid())
        if seat is None:
            raise Forbidden("node.hello_first", "Say hello first: this connection has not proven its key.")
        return seat

    def _emit(self, event: str, payload: dict[str, Any], sid: str) -> None:
        # Only sockets of this process are ever addressed: nothing of this needs the queue.
        self._socketio.emit(event, payload, to=sid, namespace=NAMESPACE, ignore_queue=True)


def task_wire(task: Task) -> dict[str, Any]:
    """A task as its worker gets it."""
    return {"id": task.id, "kind": task.kind.value, "payload": task.payload, "deadline_unix_s": task.deadline}


def _sid() -> str:
    return str(getattr(request, "sid"))  # noqa: B009 - flask_socketio adds it to Flask's request
