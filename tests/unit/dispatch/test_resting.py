"""Once an hour: who may rest is kept with the node, and named in the decisions of that hour."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.adapters.memory import MemoryNodes, MemoryTickets
from backend.dispatch.resting import Rest
from tests.unit.dispatch.test_scheduler import NOON, World, ticket

pytestmark = pytest.mark.unit


class Clock:
    now = NOON + 60

    def __call__(self) -> float:
        return self.now


def test_rest__spare_trainers__are_told_once_an_hour_until_the_next() -> None:
    world, clock, nodes = World(), Clock(), MemoryNodes()
    for provider in ("0xA", "0xB", "0xC", "0xD", "0xE"):
        node = world.trainer(provider)
        nodes.mirror(node)
        nodes.seen(provider, NOON, {"role": "trainer"})
    rest = Rest(MemoryTickets(clock), nodes, clock)
    rest.run_once()
    first = {n.provider: n.rest_until for n in nodes.all()}
    nodes.may_rest("0xE", 0.0)
    clock.now = NOON + 3599
    rest.run_once()
    within = {n.provider: n.rest_until for n in nodes.all()}
    clock.now = NOON + 3601
    rest.run_once()
    after = {n.provider: n.rest_until for n in nodes.all()}

    assert {p for p, until in first.items() if until} == {"0xE"}
    assert first["0xE"] == NOON + 3600
    assert within["0xE"] == 0.0
    assert after["0xE"] == NOON + 7200


def test_decide__a_node_that_may_rest_and_is_not_taken__is_named_as_a_sleeper() -> None:
    world = World()
    nodes = [world.trainer("0xA", zone="NO"), world.trainer("0xB", zone="NO")]
    nodes.append(replace(world.trainer("0xC"), rest_until=NOON + 1800))
    decision = world.decide(ticket(), nodes)

    assert decision.sleepers == ("0xC",)
    assert decision.sleep_until == int(NOON) + 1800
