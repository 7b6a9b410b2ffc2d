"""The socket to the backend: dial out, prove the key, stay connected for ever. Nothing here knows what a task does."""

from __future__ import annotations

import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import socketio
import structlog
from eth_account.signers.local import LocalAccount
from socketio.exceptions import SocketIOError

from fl_nodes.errors import NodeError
from fl_nodes.protocol.node_energy import NodeEnergy
from fl_nodes.protocol.signing import hello_text
from fl_nodes.protocol.tasks import PROTOCOL_VERSION, Role
from fl_nodes.protocol.wire import to_wire
from fl_nodes.signatures import sign_text
from fl_nodes.trust import certificate_problem

NAMESPACE = "/nodes"
ANSWER_SECONDS = 30.0
CONNECT_SECONDS = 10
BEAT_SECONDS = 15.0
ENERGY_SECONDS = 60.0
LOOK_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
COMPLAINT_SECONDS = 300.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Market:
    """The chain and contract whose jobs this worker signs for."""

    chain_id: int
    escrow: str


@dataclass(frozen=True)
class Introduction:
    """Who a worker is and what its machine says of itself. `provider` is None for the operator's own workers."""

    account: LocalAccount
    role: Role
    name: str
    provider: str | None = None
    hardware: dict[str, Any] = field(default_factory=dict)
    framework: str = ""
    environment: str = ""
    zone: str = ""
    forecast: Callable[[], dict[str, Any]] = dict
    energy: Callable[[], NodeEnergy | None] = lambda: None

    @property
    def worker(self) -> str:
        """The address reports and commitments are made in the name of."""
        return self.provider or str(self.account.address)


@dataclass(frozen=True)
class _Line:
    """One socket: when it is open for events, and when it has ended."""

    client: socketio.Client
    over: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def ask(self, event: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Send an event and wait for its acknowledgement; None as soon as the line ends without one."""
        replies: queue.SimpleQueue[Any] = queue.SimpleQueue()
        try:
            self.client.emit(event, data, namespace=NAMESPACE, callback=lambda *reply: replies.put(reply))
        except SocketIOError:
            return None
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self.over.is_set() and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                reply = replies.get(timeout=LOOK_SECONDS)
                return reply[0] if reply and isinstance(reply[0], dict) else {"ok": True}
        return None


class Connection:
    """One worker's socket. Handlers are called on the socket's threads and must return at once."""

    def __init__(self, api_url: str, introduction: Introduction, expected: Market | None = None) -> None:
        self._api_url = api_url
        self._introduction = introduction
        self._expected = expected
        self._line: _Line | None = None
        self._complained: tuple[str, float] = ("", 0.0)
        self._ready = threading.Event()
        self.market = expected
        self.on_task: Callable[[dict[str, Any]], None] = lambda _: None
        self.on_cancel: Callable[[str], None] = lambda _: None
        self.on_released: Callable[[str], None] = lambda _: None
        self.on_ready: Callable[[], None] = lambda: None
        self.on_rest: Callable[[float], None] = lambda _: None

    @property
    def ready(self) -> bool:
        """Whether the backend has accepted this worker and the socket is open."""
        return self._ready.is_set()

    def run(self, stop: threading.Event) -> None:
        """Connect, and reconnect, until `stop` is set."""
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            accepted = self._serve_once(stop)
            pause = FIRST_PAUSE_SECONDS if accepted else min(pause * 2, LONGEST_PAUSE_SECONDS)
            stop.wait(pause * random.uniform(0.5, 1.5))

    def call(self, event: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """Send an event and wait for its acknowledgement; None when it could not be delivered."""
        line = self._line
        if line is None or not self.ready:
            return None
        return line.ask(event, data)

    def _serve_once(self, stop: threading.Event) -> bool:
        """One connection from dialling to its end; whether the backend had accepted the worker."""
        line = self._open_line()
        client = line.client
        self._line = line
        accepted = False
        try:
            client.connect(
                self._api_url,
                auth=greeting_of(self._introduction),
                namespaces=[NAMESPACE],
                transports=["websocket"],
                wait_timeout=CONNECT_SECONDS,
            )
            last_beat = told_energy = time.monotonic()
            while not line.over.wait(LOOK_SECONDS) and not stop.is_set():
                accepted = accepted or self.ready
                if self.ready and time.monotonic() - last_beat >= BEAT_SECONDS:
                    last_beat = time.monotonic()
                    tells = last_beat - told_energy >= ENERGY_SECONDS
                    told_energy = last_beat if tells else told_energy
                    client.emit("beat", told(self._introduction) if tells else {}, namespace=NAMESPACE)
        except SocketIOError as error:
            self._complain(certificate_problem(error) or str(error))
        finally:
            self._line = None
            self._ready.clear()
            client.disconnect()
        if accepted and not stop.is_set():
            log.info("connection.lost", api=self._api_url)
        return accepted

    def _complain(self, why: str) -> None:
        """It goes on trying; the same reason is told again only after `COMPLAINT_SECONDS`."""
        told, at = self._complained
        if why != told or time.monotonic() - at >= COMPLAINT_SECONDS:
            self._complained = (why, time.monotonic())
            log.warning("connection.failed", api=self._api_url, why=why)

    def _open_line(self) -> _Line:
        client = socketio.Client(reconnection=False, handle_sigint=False, logger=False, engineio_logger=False)
        line = _Line(client)
        client.on("connect", line.open.set, namespace=NAMESPACE)
        client.on("challenge", lambda challenge: self._challenged(line, challenge), namespace=NAMESPACE)
        client.on("task", self.on_task, namespace=NAMESPACE)
        client.on("cancel", lambda message: self.on_cancel(str(message.get("id"))), namespace=NAMESPACE)
        client.on(
            "released", lambda message: self.on_released(str(message.get("job_id"))), namespace=NAMESPACE
        )
        client.on("rest", lambda message: self.on_rest(float(message.get("until") or 0)), namespace=NAMESPACE)
        client.on("disconnect", lambda *_: line.over.set(), namespace=NAMESPACE)
        return line

    def _challenged(self, line: _Line, challenge: dict[str, Any]) -> None:
        market = Market(int(challenge["chain_id"]), str(challenge["escrow"]))
        if self._expected is not None and market != self._expected:
            log.error("connection.other_market", offered=str(market), joined=str(self._expected))
            line.over.set()
            return
        line.open.wait(
            CONNECT_SECONDS
        )  # the challenge overtakes the server's word that the namespace is open
        answer = line.ask("hello", hello_of(self._introduction, market, str(challenge["nonce"])))
        if answer is None or not answer.get("ok"):
            refusal = answer or {"code": "hello.unanswered", "message": "The backend did not answer."}
            log.warning("connection.refused", code=refusal.get("code"), message=refusal.get("message"))
            line.over.set()
            return
        if answer.get("notice"):
            log.warning("connection.notice", message=str(answer["notice"]))
        self.market = market
        self._ready.set()
        self._complained = ("", 0.0)
        who = self._introduction
        log.info("connection.ready", api=self._api_url, address=who.account.address, role=who.role.value)
        self.on_ready()


def greeting_of(who: Introduction) -> dict[str, Any]:
    """What a worker says when its socket opens."""
    return {"address": who.account.address, "role": who.role.value, "protocol": PROTOCOL_VERSION}


def hello_of(who: Introduction, market: Market, nonce: str) -> dict[str, Any]:
    """A worker's answer to the challenge."""
    address = str(who.account.address)
    text = hello_text(market.chain_id, market.escrow, nonce, address, who.role.value)
    return {
        "address": address,
        "provider": who.provider,
        "name": who.name,
        "role": who.role.value,
        "signature": sign_text(who.account, text),
        "hardware": who.hardware,
        "framework": who.framework,
        "environment": who.environment,
        "zone": who.zone,
        **told(who),
    }


def told(who: Introduction) -> dict[str, Any]:
    """What changes while it is connected: the energy drawn, and what the site gives."""
    return _energy(who) | _forecast(who)


def _forecast(who: Introduction) -> dict[str, Any]:
    try:
        forecast = who.forecast()
    except (NodeError, OSError) as error:
        log.warning("forecast.not_told", why=str(error))
        return {}
    return {"forecast": forecast} if forecast else {}


def _energy(who: Introduction) -> dict[str, Any]:
    """What the node has drawn so far, where anything counts it."""
    try:
        drawn = who.energy()
    except OSError as error:
        log.warning("energy.not_told", why=str(error))
        return {}
    return {"energy": to_wire(drawn)} if drawn else {}
