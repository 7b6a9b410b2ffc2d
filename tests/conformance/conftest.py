"""Each store under test, in memory and real."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from backend.adapters import memory, mongo
from backend.ports import Cursors, Effects, Machines, Nodes, RatingSteps, Sessions, Tasks, Tickets, Users
from tests.support.clock import ManualClock
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


@pytest.fixture(params=["memory", "mongo"])
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
            clock,
        )
    db = request.getfixturevalue("database")
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
        clock,
    )
