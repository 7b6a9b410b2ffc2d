"""Two backends and two notifiers on one database, each a process; one of each is killed: nothing is lost or done twice."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio
from aiosmtpd.controller import Controller

from backend.adapters import mongo
from backend.api.links import link_token
from backend.domain.effects import AccountMail, SendAccountMail
from backend.domain.task import Task
from backend.domain.ticket import Funded
from fl_nodes.protocol.tasks import Role, TaskKind
from scripts.stack.config import ROOT
from scripts.stack.front import nginx, write_configuration
from tests.integration.api.conftest import Worker, eventually
from tests.support import mongod, redis_server
from tests.support.api_world import AGGREGATOR, CUSTOMER, STRANGER, World, node_of
from tests.support.mongod import free_port

KEY, PROVIDER = STRANGER, CUSTOMER
SECONDS = 60.0
pytestmark = pytest.mark.filterwarnings(r"ignore:Exception in thread .*\(writer\)")


class Market:
    """The database, and a world that reads and writes it beside the processes; `apis` are their URLs by name."""

    def __init__(self, folder: Path, uri: str) -> None:
        self.uri, self.name = uri, f"test-{uuid.uuid4().hex[:12]}"
        self.database = mongo.connect(uri, self.name)
        tickets = mongo.MongoTickets(self.database, time.time)
        self.tasks = mongo.MongoTasks(self.database, time.time)
        self.nodes = mongo.MongoNodes(self.database)
        stores = {
            "tickets": tickets,
            "effects": mongo.MongoEffects(self.database, time.time),
            "sessions": mongo.MongoSessions(self.database),
            "users": mongo.MongoUsers(self.database),
            "seats": mongo.MongoSeats(self.database),
        }
        self.world = World(folder / "world", clock=time.time, changes=stores)
        self.world.tickets = tickets  # type: ignore[assignment]
        self.apis: dict[str, str] = {}
        self.front = ""
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._workers: list[Worker] = []

    def start(self, name: str, *command: str) -> None:
        """A process of this market's."""
        with (self._folder / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def serve(self, name: str, queue_url: str) -> None:
        """An API process, which comes back where it was; limits are those of production."""
        port = self.apis.setdefault(name, f"http://127.0.0.1:{free_port()}").rpartition(":")[2]
        module = (sys.executable, "-m", "tests.support.api_process")
        self.start(name, *module, port, self.uri, self.name, queue_url, str(self._folder / "world"), "1")

    def runs(self, name: str) -> bool:
        """Whether a process of this name was started and not killed."""
        return name in self._processes

    def kill(self, name: str) -> None:
        """SIGKILL."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    def pid(self, name: str) -> int:
        """Of a process."""
        return self._processes[name].pid

    def dial(self, url: str, account: Any, role: str, **said: Any) -> Worker:
        """A worker with a seat there."""
        worker = Worker(url, account, role, **said)
        self._workers.append(worker)
        answer = worker.say("hello", worker.hello)
        assert answer["ok"], answer
        return worker

    def health(self, url: str) -> dict[str, Any]:
        """What one backend says of the parts."""
        parts: dict[str, Any] = requests.get(f"{url}/api/health", timeout=20).json()["parts"]
        return parts

    def hang_up(self) -> None:
        """Disconnect every worker, and wait until nobody sits anywhere."""
        for worker in self._workers:
            worker.client.disconnect()
            worker.client.eio.read_loop_task.join(10)
            worker.client.eio.ws.shutdown()
        self._workers.clear()
        eventually(lambda: not self.world.parts.seats.all(time.time()), SECONDS)

    def close(self) -> None:
        """End everything."""
        for name in list(self._processes):
            self.kill(name)
        self.database.close()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mongod.running(tmp_path_factory.mktemp("mongod")) as server:
        yield server.uri


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[redis_server.Redis]:
    with redis_server.running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[Market]:
    market = Market(tmp_path_factory.mktemp("market"), database)
    yield market
    market.close()


@pytest.fixture
def two(
    market: Market, redis: redis_server.Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    """Two backends and a front before them; those that an earlier test killed are back."""
    for name in ("a", "b"):
        if not market.runs(name):
            market.serve(name, redis.url)
    eventually(lambda: all(map(_answers, market.apis.values())), SECONDS)
    program = nginx()
    assert program is not None, "there is no nginx here: `make install` brings one"
    if not market.runs("front"):
        port, folder = free_port(), tmp_path_factory.mktemp("front")
        backends = [url.removeprefix("http://") for url in market.apis.values()]
        file = write_configuration(folder, f"127.0.0.1:{port}", backends)
        market.start("front", program, "-c", str(file), "-e", "stderr")
        market.front = f"http://127.0.0.1:{port}"
    eventually(lambda: _answers(market.front), SECONDS)
    yield market
    market.hang_up()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/api/health", timeout=20).ok
    except requests.RequestException:
        return False


def folds(ticket: str, *numbers: int) -> list[Task]:
    """Tasks that any aggregator could do."""
    kind, until = (Role.AGGREGATOR, TaskKind.AGGREGATE), time.time() + 600
    return [Task(f"{ticket}/{n}", ticket, "aggregator", *kind, {}, until) for n in numbers]


def asked(ticket: str) -> Task:
    """A task for the node."""
    kind = (Role.TRAINER, TaskKind.SIGN_VERDICT)
    return Task(f"{ticket}/node", ticket, PROVIDER.address, *kind, {}, time.time() + 600)


def test_two_backends__tasks_for_workers_of_either__each_is_sent_once_and_both_know_of_all(
    two: Market,
) -> None:
    two.nodes.mirror(node_of(KEY, PROVIDER))
    node = two.dial(two.apis["a"], KEY, "trainer")
    one = two.dial(two.apis["a"], AGGREGATOR, "aggregator", name="one")
    other = two.dial(two.apis["b"], AGGREGATOR, "aggregator", name="other")
    assert [two.health(url)["aggregator"]["alive"] for url in two.apis.values()] == [2, 2]

    two.tasks.put([*folds("t", 1, 2, 3, 4), asked("t")])
    assert node.next("task")["id"] == "t/node"
    sent = [worker.next("task")["id"] for worker in (one, one, other, other)]
    assert sorted(sent) == ["t/1", "t/2", "t/3", "t/4"]
    two.tasks.cancel("t")
    assert node.next("cancel")["id"] == "t/node"
    assert {worker.next("cancel")["id"] for worker in (one, one, other, other)} == set(sent)


def test_node_moves__from_one_backend_to_the_other__never_looks_gone_and_sits_once(two: Market) -> None:
    two.nodes.mirror(node_of(KEY, PROVIDER))
    older = two.dial(two.apis["a"], KEY, "trainer")
    seen: list[bool] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            node = two.nodes.get(PROVIDER.address)
            seen.append(node is not None and node.online)
            over.wait(0.005)

    looking = threading.Thread(target=look)
    looking.start()
    newer = two.dial(two.apis["b"], KEY, "trainer")
    assert older.closed.wait(SECONDS)
    over.set()
    looking.join()
    assert all(seen)
    two.tasks.put([asked("moving")])
    assert newer.next("task")["id"] == "moving/node"
    assert older.events.empty()
    newer.client.disconnect()
    eventually(lambda: not two.nodes.get(PROVIDER.address).online)  # type: ignore[union-attr]


def test_watchers__of_either_backend__see_every_change(two: Market) -> None:
    ticket = two.world.quote()
    token = link_token(two.world.parts.secret, ticket.id, int(time.time() + 600))
    shown: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
    clients = []
    for name, url in two.apis.items():
        client = socketio.Client(reconnection=False, handle_sigint=False)
        client.on("ticket", lambda told, name=name: shown.put((name, told)), namespace="/tickets")
        client.connect(url, auth={"link": token}, namespaces=["/tickets"], transports=["websocket"])
        assert client.call("watch", {"ticket_id": ticket.id}, namespace="/tickets")["ok"]
        clients.append(client)
    two.world.tickets.advance(ticket.id, Funded(ticket.quote.fee_wei, ticket.deadline, "0xf"))
    told = dict(shown.get(timeout=SECONDS) for _ in clients)
    assert {name: ticket["status"] for name, ticket in told.items()} == {"a": "FUNDED", "b": "FUNDED"}
    for client in clients:
        client.disconnect()


def test_rate_limit__requests_to_both_backends__are_counted_together(two: Market) -> None:
    statuses = [
        requests.post(f"{url}/api/faucet", json={"address": CUSTOMER.address}, timeout=20).status_code
        for _ in range(11)
        for url in two.apis.values()
    ]
    assert (statuses.count(403), statuses.count(429)) == (20, 2)


def test_backend_is_killed__its_aggregator_comes_back_by_the_front_and_keeps_its_task(two: Market) -> None:
    one = two.dial(two.apis["a"], AGGREGATOR, "aggregator", name="one")
    two.tasks.put(folds("killed", 1))
    assert one.next("task")["id"] == "killed/1"
    other = two.dial(two.apis["b"], AGGREGATOR, "aggregator", name="other")
    two.kill("a")
    assert one.closed.wait(SECONDS)
    assert _answers(two.front), "the front passes over the dead"

    again = two.dial(two.front, AGGREGATOR, "aggregator", name="one")
    assert again.next("task")["id"] == "killed/1"
    assert other.events.empty(), "it was nobody else's for a moment"
    again.client.disconnect()
    assert other.next("task")["id"] == "killed/1", "it did not come back this time"


def test_queue_is_killed__backends_serve_on_and_replaced_sockets_are_closed_all_the_same(
    two: Market, redis: redis_server.Redis
) -> None:
    two.nodes.mirror(node_of(KEY, PROVIDER))
    older = two.dial(two.apis["a"], KEY, "trainer")
    redis.kill()
    try:
        two.dial(two.apis["b"], KEY, "trainer")
        assert older.closed.wait(SECONDS)
        assert all(map(_answers, two.apis.values()))
    finally:
        redis.start()


class Letterbox:
    """An SMTP server that counts every letter it was ever handed."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take it."""
        self.taken.append(envelope.rcpt_tos[0])
        return "250 taken"


def test_notifier_is_killed__the_other_takes_over_and_no_letter_comes_twice(market: Market) -> None:
    box = Letterbox()
    port = free_port()
    post_office = Controller(box, hostname="127.0.0.1", port=port)
    post_office.start()
    effects = mongo.MongoEffects(market.database, time.time)
    leases = market.database.durable("leases")

    def queue_letters(first: int, last: int) -> list[str]:
        asked = [
            SendAccountMail(AccountMail.CHANGED, f"n{n}@example.org", str(n)) for n in range(first, last)
        ]
        effects.add(asked)
        return [letter.key for letter in asked]

    def sent(keys: list[str]) -> bool:
        return all(effects.state(key) == "done" for key in keys)

    module = (sys.executable, "-m", "tests.support.notifier_process")
    for name in ("one", "two"):
        market.start(name, *module, market.uri, market.name, f"smtp://127.0.0.1:{port}")
    try:
        keys = queue_letters(0, 30)
        eventually(lambda: sent(keys), SECONDS)
        leader = leases.find_one({"_id": "notifier"})
        assert leader is not None
        [leading] = [name for name in ("one", "two") if leader["owner"].endswith(f"/{market.pid(name)}")]
        market.kill(leading)
        keys = queue_letters(30, 50)
        eventually(lambda: sent(keys), SECONDS)
    finally:
        post_office.stop()
    assert sorted(box.taken) == sorted(f"n{n}@example.org" for n in range(50))
