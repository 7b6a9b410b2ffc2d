"""The dispatcher over in-memory twins: decisions reach the ticket, waiting ends, a failed assignment is decided anew."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from backend.adapters.memory import MemoryNodes, MemoryTasks, MemoryTickets
from backend.dispatch.dispatcher import Dispatcher
from backend.dispatch.job import JobParts
from backend.domain.effects import Assign
from backend.domain.ticket import Status, Ticket
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
