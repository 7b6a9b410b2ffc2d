"""A job's nodes are assigned once its baseline is fixed, or the carbon chain had its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.adapters.memory.carbon import MemoryCarbon
from backend.adapters.memory.credits import MemoryCredits
from backend.adapters.memory.journal import Journal
from backend.domain.credit_effects import FixBaseline
from backend.domain.ticket import Selected, Status, Ticket
from backend.settlement.kinds import BASELINE_KINDS, CARBON_KINDS, MARKET_KINDS, OTHER_CARBON_KINDS
from backend.settlement.settler import BASELINE_PATIENCE_S, Settler
from tests.unit.domain.test_ticket_credits import DECISION
from tests.unit.settlement.test_eco_credits import NothingSealed
from tests.unit.settlement.world import TRAINERS, World

BASELINE, ASSIGN = "t_1/baseline", "t_1/assign/0"


@pytest.fixture
def world() -> World:
    return World()


def selected(world: World) -> None:
    """A paid job whose nodes are chosen just now."""
    world.queued()
    choose(world, "t_1")


def choose(world: World, name: str) -> Ticket:
    """Nodes are chosen for it, and a baseline follows from the decision."""
    return world.tickets.advance(name, Selected(TRAINERS, 0, replace(DECISION, at=int(world.clock()))))


def market_alone(world: World) -> Settler:
    """The settler of the market chain, as its process runs it."""
    return Settler(world.market, world.carbon, world.tickets, world.effects, MARKET_KINDS, clock=world.clock)


def test_run_once__baseline_is_not_fixed_yet__nodes_are_not_assigned(world):
    selected(world)

    market_alone(world).run_once()

    assert (ASSIGN in world.market.tried, world.effects.state(ASSIGN)) == (False, "open")


def test_run_once__baseline_is_fixed__nodes_are_assigned_at_once(world):
    selected(world)
    market = market_alone(world)
    market.run_once()

    world.effects.done(BASELINE, {"tx": "0xab"})
    world.clock.advance(0.25)
    market.run_once()
    world.run()

    assert world.status() == Status.RUNNING


def test_run_once__carbon_chain_stands_still__the_job_runs_without_a_baseline(world):
    selected(world)
    market = market_alone(world)
    market.run_once()

    world.clock.advance(BASELINE_PATIENCE_S + 1)
    market.run_once()
    world.mirror.run_once()

    assert (world.status(), world.effects.state(BASELINE)) == (Status.RUNNING, "open")


def test_run_once__baseline_was_refused__nodes_are_assigned(world):
    selected(world)
    world.effects.fail(BASELINE, "chain.rejected", "The contract refuses.")

    world.run()

    assert world.status() == Status.RUNNING


def test_kinds__baselines_and_the_rest__are_all_that_goes_to_the_carbon_chain():
    assert {*BASELINE_KINDS, *OTHER_CARBON_KINDS} == set(CARBON_KINDS)
    assert (FixBaseline.__name__,) == BASELINE_KINDS
    assert not set(BASELINE_KINDS) & set(OTHER_CARBON_KINDS)


def test_run_once__most_is_one__the_oldest_due_alone_is_carried_out(world):
    for name in ("t_1", "t_2"):
        world.queued(name)
    for name in ("t_1", "t_2"):
        choose(world, name)
    carbon = MemoryCarbon()
    carbon.credits = MemoryCredits(NothingSealed(), lambda _index: None, Journal(), world.clock)
    parts = (world.market, carbon, world.tickets, world.effects)

    assert Settler(*parts, BASELINE_KINDS, clock=world.clock, most=1).run_once() == 1

    assert (world.effects.state("t_1/baseline"), world.effects.state("t_2/baseline")) == ("done", "open")
