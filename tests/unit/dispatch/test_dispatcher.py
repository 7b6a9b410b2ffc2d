"""The dispatcher over in-memory twins: decisions reach the ticket, waiting ends, a failed assignment is decided anew."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from backend.adapters.memory import MemoryNodes, MemoryTasks, MemoryTickets
from backend.dispatch import dispatcher
from backend.dispatch.dispatcher import Dispatcher
from backend.dispatch.job import JobParts
from backend.domain.effects import Assign
from backend.domain.ticket import Status, Ticket
from backend.errors import Recoverable, Unrecoverable
from tests.unit.dispatch.scripted_workers import ScriptedSignatures
from tests.unit.dispatch.test_scheduler import NOON, World, cleaner_later, ticket, validators

pytestmark = pytest.mark.unit


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


class Chain:
    chain_id = 31337
    escrow_address = "0xE"


class Running:
    def __init__(self, asked: Ticket, world: World) -> None:
        self.clock = Clock()
        self.tickets = MemoryTickets(self.clock)
        self.effects = self.tickets.effects
        self.nodes = MemoryNodes()
        for node in [*(world.trainer(t, 500_000, 1_000_000) for t in ("0xA", "0xB", "0xC")), *validators()]:
            self.nodes.mirror(node)
            self.nodes.seen(node.provider, NOON, {"role": node.role, "zone": node.zone})
            if node.baseline:
                self.nodes.rated(node.provider, node.baseline)
        self.tickets.add(asked)
        self.id = asked.id
        parts = JobParts(
            self.tickets, MemoryTasks(self.clock), self.nodes, world.objects, ScriptedSignatures(), Chain(),
            self.clock, b"secret", intensities=world.intensities,
        )  # fmt: skip
        self.dispatcher = Dispatcher(parts, self.effects, "one", 15.0)

    def look(self) -> Ticket:
        """Have the dispatcher look once, and wait until it let go of the ticket."""
        self.dispatcher.run_once()
        for _ in range(500):
            if not self.dispatcher._held:
                return self.tickets.get(self.id)
            time.sleep(0.01)
        raise AssertionError("the dispatcher did not let go")


@pytest.fixture
def world() -> World:
    return World()


def test_dispatcher__a_queued_ticket__is_selected_with_its_decision(world):
    running = Running(ticket(status=Status.QUEUED), world)
    found = running.look()

    assert found.decision is not None
    assert found.selected == tuple(t.node for t in found.decision.trainers)
    assert found.decision.baseline_micrograms > 0
    assert [q.effect for q in running.effects.pending(["Assign"])] == [
        Assign(found.id, found.job_id, found.selected, 0)
    ]


def test_dispatcher__a_flexible_start__waits_says_why_and_starts_in_its_hour(world):
    cleaner_later(world)
    asked = ticket(status=Status.QUEUED, spec={"flexible_start": True}, deadline=int(NOON) + 8 * 3600)
    running = Running(asked, world)

    waiting = running.look()
    again_at_once = running.look()
    running.clock.now = NOON + 3600
    an_hour_later = running.look()
    running.clock.now = NOON + 2 * 3600
    started = running.look()

    assert waiting.decision is not None
    assert waiting.decision.waits
    assert not waiting.selected
    assert again_at_once.version == waiting.version
    assert an_hour_later.version == waiting.version + 1
    assert an_hour_later.decision.again_at == int(NOON) + 2 * 3600
    assert started.selected
    assert not started.decision.waits


def test_dispatcher__the_assignment_failed__decides_anew(world):
    running = Running(ticket(status=Status.QUEUED), world)
    first = running.look()
    running.effects.fail(Assign(first.id, first.job_id, first.selected, 0).key, "chain.rejected", "frozen")
    running.nodes.gone(first.selected[0], NOON + 1)
    running.clock.now = NOON + 60
    second = running.look()

    assert second.attempt == 1
    assert first.selected[0] not in second.selected
    assert second.decision.at == int(NOON) + 60


def test_dispatcher__an_open_assignment__decides_nothing_more(world):
    running = Running(ticket(status=Status.QUEUED), world)

    assert running.look() == running.look()


def test_dispatcher__a_decision__is_kept_as_it_was(world):
    """Through the store's text and back."""
    running = Running(ticket(status=Status.QUEUED), world)
    found = running.look().decision

    assert found is not None
    assert replace(found).hash() == running.tickets.get(running.id).decision.hash()


def test_dispatcher__two_of_them__share_what_one_has_no_thread_for(world, monkeypatch):
    running = Running(ticket(status=Status.QUEUED), world)
    second = replace(ticket(status=Status.QUEUED), id="t_second", job_id="0xsecond", ref="0xsecond")
    running.tickets.add(second)
    let_go = threading.Event()
    monkeypatch.setattr(Dispatcher, "_advance", lambda *_: let_go.wait(10))
    one, two = (
        Dispatcher(running.dispatcher._parts, running.effects, name, 15.0, jobs=1) for name in ("one", "two")
    )
    one.run_once()
    two.run_once()
    held = [set(one._held), set(two._held)]
    let_go.set()

    assert sorted(map(len, held)) == [1, 1]
    assert set.union(*held) == {running.id, second.id}


def test_dispatcher__a_ticket_that_cannot_go_on__leaves_the_thread_to_the_others(world, monkeypatch):
    running = Running(ticket(status=Status.QUEUED), world)
    running.tickets.add(
        replace(ticket(status=Status.QUEUED), id="t_second", job_id="0xsecond", ref="0xsecond")
    )
    turns: list[str] = []
    monkeypatch.setattr(Dispatcher, "_advance", lambda _, ticket: turns.append(ticket.id))
    running.dispatcher = Dispatcher(running.dispatcher._parts, running.effects, "one", 15.0, jobs=1)
    monkeypatch.setattr(running.dispatcher, "_has_room", lambda: not running.dispatcher._held)
    for _ in range(4):
        running.look()
        running.clock.now += 1

    assert sorted(turns[:2]) == sorted(turns[2:4]) == sorted((running.id, "t_second"))


def test_dispatcher__database_away_for_a_while__goes_on_when_it_is_back(world, monkeypatch):
    running = Running(ticket(status=Status.QUEUED), world)
    find, away = running.tickets.find, [Recoverable("database.unreachable", "Away.")] * 2

    def found(*asked, **how):
        if away:
            raise away.pop()
        return find(*asked, **how)

    monkeypatch.setattr(running.tickets, "find", found)
    monkeypatch.setattr(dispatcher, "WAKE_SECONDS", 0.01)
    running.dispatcher.run(lambda: bool(running.effects.pending(["Assign"])))
    assert away == []


def test_dispatcher__a_promise_does_not_hold__ends(world, monkeypatch):
    running = Running(ticket(status=Status.QUEUED), world)

    def found(*_asked, **_how):
        raise Unrecoverable("chain.reset", "Another chain.")

    monkeypatch.setattr(running.tickets, "find", found)
    with pytest.raises(Unrecoverable):
        running.dispatcher.run(lambda: False)
