"""Events into the namespaces, of workers with and without a seat and of watchers: each is answered, none with a bug."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engineio import json as socket_json

from backend.api import node_socket, ticket_socket
from backend.domain.task import Task
from fl_nodes.protocol.tasks import Commitment, Reveal, Role, TaskKind, ValidationReport
from scripts.fuzz.target import BrokenPromise, Judge, Target, promised, seed
from scripts.fuzz.targets.messages import example
from scripts.fuzz.targets.world import world
from tests.support.api_world import CUSTOMER, STRANGER, greeting, hello, node_of

EVENTS = ("hello", "beat", "done", "failed", "nothing")
KINDS = (TaskKind.TRAIN, TaskKind.REVEAL, TaskKind.VALIDATE)
FAR = 4_000_000_000.0
EVERY = 500
"""A task is closed by its first answer: new ones come now and then."""


def _sockets() -> Judge:
    opened = world()
    opened.nodes.mirror(node_of(STRANGER, CUSTOMER))
    socketio = opened.api.socketio

    def connected(namespace: str, auth: Any) -> Any:
        client = socketio.test_client(opened.api.app, namespace=namespace, auth=auth)
        client.get_received(namespace)
        return client

    seated = socketio.test_client(
        opened.api.app, namespace=node_socket.NAMESPACE, auth=greeting(STRANGER, "trainer")
    )
    nonce = seated.get_received(node_socket.NAMESPACE)[0]["args"][0]["nonce"]
    said = seated.emit(
        "hello", hello(STRANGER, "trainer", nonce), namespace=node_socket.NAMESPACE, callback=True
    )
    promised(said["ok"], str(said))
    stranger = connected(node_socket.NAMESPACE, {"address": {"$gt": ""}})
    watcher = connected(ticket_socket.NAMESPACE, {"token": ["x"]})

    def tasks() -> Iterator[None]:
        turn = 0
        while True:
            opened.tasks.put(
                [
                    Task(f"t{turn}/{kind.value}", f"t{turn}", CUSTOMER.address, Role.TRAINER, kind, {}, FAR)
                    for kind in KINDS
                ]
            )
            seated.get_received(node_socket.NAMESPACE)
            for _ in range(EVERY):
                current[0] = f"t{turn}"
                yield
            turn += 1

    current = [""]
    handed_out = tasks()

    def judge(data: bytes) -> None:
        next(handed_out)
        try:
            payload = socket_json.loads(data[1:].replace(b"t0/", f"{current[0]}/".encode()))
        except (ValueError, RecursionError):
            return
        number = data[0] % (2 * len(EVENTS) + 2)
        if number >= 2 * len(EVENTS):
            client, namespace, event = watcher, ticket_socket.NAMESPACE, ("watch", "x")[number % 2]
        else:
            client, namespace = (seated, stranger)[number // len(EVENTS)], node_socket.NAMESPACE
            event = EVENTS[number % len(EVENTS)]
        answer = client.emit(event, payload, namespace=namespace, callback=True)
        promised(isinstance(answer, dict) and "ok" in answer, f"no answer: {answer!r}")
        if not answer["ok"]:
            if answer["code"] == "server.bug":
                raise BrokenPromise(f"a bug behind the event {event!r}")
            promised(bool(answer["message"]), "a refusal without a word")

    return judge


def _seeds() -> list[bytes]:
    answers = ((TaskKind.TRAIN, Commitment), (TaskKind.REVEAL, Reveal), (TaskKind.VALIDATE, ValidationReport))
    made = [b"\2" + seed({"id": f"t0/{kind.value}", "result": example(of)}) for kind, of in answers]
    beat = {
        "energy": None,
        "forecast": {
            "supply": {"from_hour": 1, "watts": [1], "kind": "modelled", "band_ppm": 1, "method": "x"}
        },
    }
    made += [b"\1" + seed(beat), b"\3" + seed({"id": "t0/train", "code": "busy", "message": "No."})]
    made += [b"\5" + seed(hello(STRANGER, "trainer", "00")), b"\x0a" + seed({"ticket_id": "t_1"}), b"\x0b[1]"]
    return [*made, *(one.replace(b'"1"', b'"\\ud800"') for one in made)]


TARGETS = (
    Target(
        "sockets",
        _sockets,
        _seeds,
        (b'{"$gt":""}', b"null", b"NaN", b'"\\ud800"', b'"\\u0000"', b'"t0/train"', b"[[[[", b"1e999"),
        8_192,
    ),
)
