"""A worker on a real socket: proves its key, runs each task once, delivers every answer, comes back."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from eth_account import Account

from fl_nodes.connection import Connection, Introduction, Market
from fl_nodes.errors import Refused
from fl_nodes.protocol.signing import hello_text
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.session import Call, Session
from fl_nodes.signatures import signed_by
from tests.integration.fl_nodes.socket_server import NONCE, Backend, listening


@pytest.fixture
def backend() -> Iterator[Backend]:
    with listening() as made:
        yield made


class Worker:
    """Handlers that count, and wait where a test wants them to."""

    def __init__(self) -> None:
        self.runs: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.started = threading.Event()
        self.released: list[str] = []
        self.was_released = threading.Event()

    def release(self, job_id: str) -> None:
        self.released.append(job_id)
        self.was_released.set()

    def train(self, call: Call) -> dict:
        self.runs.append(call.id)
        self.started.set()
        self.go_on.wait(30)
        call.check()
        if call.payload.get("bad"):
            raise Refused("task.bad", "The task is bad.")
        if call.payload.get("crash"):
            raise ZeroDivisionError("oops")
        return {"echo": call.payload}


@contextmanager
def working(backend: Backend, worker: Worker, expected: Market | None = None) -> Iterator[Introduction]:
    who = Introduction(Account.create(), Role.TRAINER, "alpha", "0xP", {"cpus": 2}, "tf", "env", "DE")
    session = Session(Connection(backend.url, who, expected), {TaskKind.TRAIN: worker.train}, worker.release)
    stop = threading.Event()
    thread = threading.Thread(target=session.run, args=(stop,))
    thread.start()
    try:
        yield who
    finally:
        worker.go_on.set()
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def task(task_id: str, **payload) -> dict:
    return {"id": task_id, "kind": "train", "payload": payload, "deadline_unix_s": 9e9}


def test_connect__challenge__is_answered_with_the_nodes_signature(backend: Backend) -> None:
    with working(backend, Worker()) as who:
        assert backend.wait(lambda: backend.hellos)
    address = str(who.account.address)
    assert backend.greetings[0] == {"address": address, "role": "trainer", "protocol": 1}
    hello = backend.hellos[0]
    text = hello_text(31337, backend.escrow, NONCE, address, "trainer")
    assert signed_by(address, text, hello["signature"])
    assert {k: hello[k] for k in ("provider", "name", "role", "zone", "environment")} == {
        "provider": "0xP", "name": "alpha", "role": "trainer", "zone": "DE", "environment": "env",
    }  # fmt: skip


def test_task__sent_twice__runs_once_and_is_answered_twice(backend: Backend) -> None:
    worker = Worker()
    with working(backend, worker):
        assert backend.wait(lambda: backend.hellos)
        backend.emit("task", task("a", n=1))
        assert backend.wait(lambda: len(backend.answers) == 1)
        backend.emit("task", task("a", n=1))
        assert backend.wait(lambda: len(backend.answers) == 2)
    assert worker.runs == ["a"]
    assert backend.answers == [("done", {"id": "a", "result": {"echo": {"n": 1}}})] * 2


def test_task__refused_crashed_or_unknown__is_reported_and_the_worker_lives(backend: Backend) -> None:
    worker = Worker()
    with working(backend, worker):
        assert backend.wait(lambda: backend.hellos)
        for sent in (task("a", bad=True), task("b", crash=True), {**task("c"), "kind": "dance"}, task("d")):
            backend.emit("task", sent)
        assert backend.wait(lambda: len(backend.answers) == 4)
    by_id = {message["id"]: (event, message.get("code")) for event, message in backend.answers}
    assert by_id == {
        "a": ("failed", "task.bad"), "b": ("failed", "worker.crashed"),
        "c": ("failed", "task.unknown"), "d": ("done", None),
    }  # fmt: skip


def test_task__deadline_long_past__is_not_begun(backend: Backend) -> None:
    worker = Worker()
    with working(backend, worker):
        assert backend.wait(lambda: backend.hellos)
        backend.emit("task", task("a") | {"deadline_unix_s": 1.0})
        assert backend.wait(lambda: backend.answers)
    assert backend.answers[0][1]["code"] == "task.late"
    assert worker.runs == []


def test_connection__closed_while_working__comes_back_and_delivers(backend: Backend) -> None:
    worker = Worker()
    worker.go_on.clear()
    with working(backend, worker):
        assert backend.wait(lambda: backend.hellos)
        backend.emit("task", task("a"))
        assert worker.started.wait(30)
        backend.hang_up()
        assert backend.wait(lambda: len(backend.hellos) == 2)
        worker.go_on.set()
        assert backend.wait(lambda: backend.answers)
    assert worker.runs == ["a"]


def test_answer__never_acknowledged__is_sent_again_after_reconnecting(backend: Backend) -> None:
    backend.acknowledge = False
    with working(backend, Worker()):
        assert backend.wait(lambda: backend.hellos)
        backend.emit("task", task("a"))
        assert backend.wait(lambda: len(backend.answers) == 1)
        backend.acknowledge = True
        assert backend.wait(lambda: len(backend.answers) == 2, 60)
    assert backend.answers[0] == backend.answers[1]


def test_cancel__running_task__gives_no_answer_and_may_be_asked_anew(backend: Backend) -> None:
    worker = Worker()
    worker.go_on.clear()
    with working(backend, worker):
        assert backend.wait(lambda: backend.hellos)
        backend.emit("task", task("a"))
        assert worker.started.wait(30)
        backend.emit("cancel", {"id": "a"})
        backend.emit("released", {"job_id": "0xj"})
        backend.emit("task", task("b"))
        assert worker.was_released.wait(30)
        worker.go_on.set()
        assert backend.wait(lambda: backend.answers)
        backend.emit("task", task("a"))
        assert backend.wait(lambda: len(backend.answers) == 2)
    assert [message["id"] for _, message in backend.answers] == ["b", "a"]
    assert worker.runs == ["a", "b", "a"]
    assert worker.released == ["0xj"]


def test_challenge__of_another_market__is_not_signed(backend: Backend) -> None:
    with working(backend, Worker(), Market(31337, "0x" + "99" * 20)):
        assert backend.wait(lambda: len(backend.greetings) >= 2)
    assert backend.hellos == []


def test_hello__refused__is_tried_again(backend: Backend) -> None:
    backend.hello_answer = {"ok": False, "code": "node.unknown", "message": "Not yet."}
    with working(backend, Worker()):
        assert backend.wait(lambda: backend.hellos)
        backend.hello_answer = {"ok": True}
        assert backend.wait(lambda: len(backend.hellos) >= 2)


def test_rest__a_hint_from_the_backend__reaches_the_node_while_it_is_idle(backend: Backend) -> None:
    told: list[tuple[float, bool]] = []
    arrived = threading.Event()
    connection = Connection(backend.url, Introduction(Account.create(), Role.TRAINER, "alpha", "0xP"))
    session = Session(connection, {})

    def hinted(until: float) -> None:
        told.append((until, session.is_idle))
        arrived.set()

    connection.on_rest = hinted
    stop = threading.Event()
    thread = threading.Thread(target=session.run, args=(stop,))
    thread.start()
    try:
        assert backend.wait(lambda: backend.hellos)
        backend.emit("rest", {"until": 1_700_000_000.0})
        assert arrived.wait(10)
    finally:
        stop.set()
        thread.join(20)
    assert told == [(1_700_000_000.0, True)]
