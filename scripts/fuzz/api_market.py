"""The API as it is served, on a real mongod, with something in it of every kind that it can be asked for."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from backend.adapters import mongo
from backend.adapters.memory.certificates import MemoryCertificates
from backend.api.account_rules import user_of_wallet
from backend.api.auth import cookie_name
from backend.api.links import link_token
from backend.api.server import Server
from backend.domain.green_proof import KeptCertificate
from backend.errors import NotFound
from backend.ports import StoredObject
from fl_nodes.protocol.ledger_epoch import GENESIS, EpochTerms, SealedEpoch
from tests.support.api_world import ARBITER, CUSTOMER, STRANGER, World, node_of
from tests.support.mongod import running

STOP_SECONDS = 10.0
HEX = "0x" + "11" * 32
ROLES = {"customer": CUSTOMER, "provider": STRANGER, "arbiter": ARBITER}


@dataclass
class Market:
    """The API at `url`; `known` are values of path parameters that lead somewhere, by parameter."""

    url: str
    world: World
    known: dict[str, list[str]]
    model: StoredObject

    def bearer(self, role: str) -> dict[str, str]:
        """Headers of a new session."""
        return self.world.sign_in(ROLES[role])

    def cookie(self) -> dict[str, str]:
        """A browser's cookie of a new session of the customer, without what shows that our page sent it."""
        customer = user_of_wallet(self.world.parts, CUSTOMER.address)
        token = self.world.parts.sessions.open(customer.id, CUSTOMER.address, self.world.clock())
        return {cookie_name(self.world.parts.settings): token}

    def link(self) -> dict[str, str]:
        """The query of a link to one ticket."""
        until = int(self.world.clock()) + 3_600
        return {"token": link_token(self.world.parts.secret, self.known["ticket_id"][0], until)}

    def signed(self, method: str) -> tuple[str, dict[str, str]]:
        """A key, and the query of a signed URL to read or write it."""
        objects = self.world.parts.objects
        if method == "PUT":
            url = objects.upload_url(f"datasets/{uuid.uuid4().hex}", 60.0, 1_000)
        else:
            url = objects.download_url(self.model.key, 60.0, "model.json")
        parts = urlsplit(url)
        return parts.path.removeprefix("/objects/"), dict(parse_qsl(parts.query))


@contextmanager
def market(folder: Path) -> Iterator[Market]:
    """The market, while it is served."""
    with (
        running(folder / "mongod") as server,
        mongo.connect(server.uri, f"fuzz-{uuid.uuid4().hex[:8]}") as database,
    ):
        world = _world(folder / "objects", database)
        known, model = _peopled(world)
        served = Server(world.api.app, "127.0.0.1", 0)
        thread = threading.Thread(target=served.init_process, daemon=True)
        thread.start()
        try:
            yield Market(f"http://127.0.0.1:{served.port}", world, known, model)
        finally:
            served.stop()
            thread.join(STOP_SECONDS)
            served.tmp.close()


def _world(folder: Path, database: mongo.Database) -> World:
    def unread(job_id: str) -> Any:
        raise NotFound("audit.unknown_job", f"The escrow knows no job {job_id}.")

    certificates = MemoryCertificates()
    certificates.kept[HEX] = KeptCertificate(HEX, 500, 0, 24, 1_900_000_000, 7, HEX)
    stores: dict[str, Any] = {
        "tickets": mongo.MongoTickets(database, time.time),
        "effects": mongo.MongoEffects(database, time.time),
        "tasks": mongo.MongoTasks(database, time.time),
        "nodes": mongo.MongoNodes(database),
        "machines": mongo.MongoMachines(database),
        "rating_steps": mongo.MongoRatingSteps(database),
        "sessions": mongo.MongoSessions(database),
        "users": mongo.MongoUsers(database),
        "seats": mongo.MongoSeats(database),
    }
    others = {"read_job": unread, "certificates": certificates, "faucet": lambda _: (1, 2)}
    world = World(folder, clock=time.time, changes=stores | others)
    world.tickets, world.nodes = stores["tickets"], stores["nodes"]
    return world


def _peopled(world: World) -> tuple[dict[str, list[str]], StoredObject]:
    """Tickets of every age, a node, an epoch; and what leads to them."""
    settled, model = world.settled()
    tickets = [settled, world.funded(), world.quote(), world.running()]
    world.nodes.mirror(node_of(STRANGER, STRANGER))
    terms = EpochTerms(0, 0, GENESIS, HEX, GENESIS, HEX, HEX, 1, 3_600, 300)
    world.ledger.epochs.append(SealedEpoch(terms, STRANGER.address, int(world.clock())))
    known = {
        "ticket_id": [ticket.id for ticket in tickets],
        "job_id": [*(ticket.job_id for ticket in tickets), HEX],
        "provider": [STRANGER.address],
        "index": ["0"],
        "number": ["1"],
        "zone": ["DE"],
        "name": ["model.json", "sun-1", "app.js", "ethers.min.js"],
    }
    return known, model
