"""Each store under test, in memory and real."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from backend.adapters import memory, mongo
from backend.ports import (
    Cursors,
    Effects,
    Machines,
    Nodes,
    RatingSteps,
    Seats,
    Sessions,
    Tasks,
    Tickets,
    Users,
)
from tests.support.certificates import Authority
from tests.support.clock import ManualClock
from tests.support.guarded_mongod import GuardedMongod
from tests.support.mongod import Mongod, running


@dataclass(frozen=True)
class Stores:
    """Every store over one database, and the clock they read."""

    tickets: Tickets
    effects: Effects
    tasks: Tasks
    nodes: Nodes
    cursors: Cursors
    sessions: Sessions
    users: Users
    machines: Machines
    rating_steps: RatingSteps
    seats: Seats
    clock: ManualClock


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    """A mongod for the whole session."""
    with running(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture
def database(mongod: Mongod) -> Iterator[mongo.Database]:
    """An empty database."""
    with mongo.connect(mongod.uri, f"test-{uuid.uuid4().hex[:12]}") as opened:
        yield opened


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A root certificate and what is issued under it."""
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def guarded_mongod(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[GuardedMongod]:
    """A mongod that wants TLS, a user and a password, for the whole session."""
    server = GuardedMongod(tmp_path_factory.mktemp("guarded-mongod"), authority)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def guarded_connection(guarded_mongod: GuardedMongod) -> Iterator[mongo.Database]:
    """One connection, for making users and shaking hands takes a second; its user may use this database and nothing else."""
    guarded_mongod.grant("guarded")
    with mongo.connect(guarded_mongod.guarded_uri("guarded"), "guarded") as opened:
        yield opened


@pytest.fixture
def guarded_database(guarded_connection: mongo.Database) -> mongo.Database:
    """An empty database."""
    for name in guarded_connection.durable("tickets").database.list_collection_names():
        guarded_connection.journaled(name).delete_many({})
    return guarded_connection


@pytest.fixture(params=["memory", "mongo", "guarded"])
def stores(request: pytest.FixtureRequest) -> Stores:
    """Empty stores of one kind."""
    clock = ManualClock()
    if request.param == "memory":
        tickets = memory.MemoryTickets(clock)
        tasks, nodes = memory.MemoryTasks(clock), memory.MemoryNodes()
        cursors, sessions = memory.MemoryCursors(), memory.MemorySessions()
        machines, steps = memory.MemoryMachines(), memory.MemoryRatingSteps()
        return Stores(
            tickets,
            tickets.effects,
            tasks,
            nodes,
            cursors,
            sessions,
            memory.MemoryUsers(),
            machines,
            steps,
            memory.MemorySeats(),
            clock,
        )
    db = request.getfixturevalue("database" if request.param == "mongo" else "guarded_database")
    return Stores(
        mongo.MongoTickets(db, clock),
        mongo.MongoEffects(db, clock),
        mongo.MongoTasks(db, clock),
        mongo.MongoNodes(db),
        mongo.MongoCursors(db),
        mongo.MongoSessions(db),
        mongo.MongoUsers(db),
        mongo.MongoMachines(db),
        mongo.MongoRatingSteps(db),
        mongo.MongoSeats(db),
        clock,
    )
