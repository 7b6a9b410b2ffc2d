"""The settler process outlasts trouble and stops only for another chain."""

from __future__ import annotations

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest

from backend.domain.ticket import Status
from backend.errors import Recoverable, Unrecoverable
from backend.settlement.mirror import CURSOR
from backend.settlement.process import SettlerParts, run_settler
from tests.unit.settlement.world import World


@pytest.fixture
def world() -> World:
    return World()


def parts(world: World) -> SettlerParts:
    return SettlerParts(
        world.market,
        world.carbon,
        world.tickets,
        world.effects,
        world.nodes,
        world.cursors,
        world.clock,
        poll_s=0.001,
        sweep_s=0.0,
    )


def until(world: World, status: Status, turns: int = 500):
    """Stop once t_1 stands there; a loop that never gets there fails the test."""
    left = iter(range(turns))

    def stop() -> bool:
        assert next(left, None) is not None, f"still {world.status()}"
        return world.status() == status

    return stop


def test_run_settler__paid_and_judged__settles(world):
    world.settling()
    run_settler(parts(world), until(world, Status.SETTLED))


def test_run_settler__effect_is_done__its_block_was_followed_before(world, monkeypatch):
    world.settling()
    really, unread = world.effects.done, []

    def done(key: str, result: dict) -> None:
        if result.get("tx"):
            unread.append((key, world.market.events(world.cursors.load(CURSOR) or 0)[0]))
        really(key, result)

    monkeypatch.setattr(world.effects, "done", done)
    run_settler(parts(world), until(world, Status.SETTLED))
    assert "t_1/settle" in dict(unread)
    assert not any(events for _, events in unread)


@pytest.mark.parametrize("trouble", [Recoverable("chain.unreachable", "Down."), RuntimeError("a bug")])
def test_run_settler__trouble__is_outlasted(world, trouble, monkeypatch):
    world.settling()
    troubles = iter([trouble, trouble])
    really = world.market.events

    def events(from_block: int):
        for error in troubles:
            raise error
        return really(from_block)

    monkeypatch.setattr(world.market, "events", events)
    run_settler(parts(world), until(world, Status.SETTLED))


def test_run_settler__another_chain__ends_the_process(world, monkeypatch):
    def events(from_block: int):
        raise Unrecoverable("chain.reset", "The market chain is another one.")

    world.settling()
    monkeypatch.setattr(world.market, "events", events)
    with pytest.raises(Unrecoverable, match="market chain is another"):
        run_settler(parts(world), until(world, Status.SETTLED))


def test_run_settler__deadline_passed__refunds(world):
    world.running()
    world.clock.advance(601)
    run_settler(parts(world), until(world, Status.REFUNDED))


def test_run_settler__the_carbon_chain_stands_still__payments_do_not_wait(world):
    world.settling()
    stands, moves_on = threading.Event(), threading.Event()

    def events(from_block: int):
        stands.set()
        moves_on.wait(60)
        return [], from_block

    books = SimpleNamespace(events=events)
    settled = until(world, Status.SETTLED)

    def stop() -> bool:
        stands.wait(60)
        if settled():
            moves_on.set()
            return True
        return False

    run_settler(replace(parts(world), credits=books), stop)
    assert world.status() is Status.SETTLED


def test_run_settler__another_carbon_chain__ends_the_process(world):
    def events(from_block: int):
        raise Unrecoverable("chain.reset", "The carbon chain is another one.")

    world.running()
    with pytest.raises(Unrecoverable, match="carbon chain is another"):
        run_settler(replace(parts(world), credits=SimpleNamespace(events=events)), lambda: False)
