"""Killed before or after any single step and started again, the settler pays everybody once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.adapters.memory.escrow import TREASURY
from backend.domain.ticket import Selected, Status
from backend.settlement.mirror import Mirror
from backend.settlement.settler import Settler
from tests.support.jobs import FEE_WEI
from tests.unit.settlement.world import CUSTOMER, RATINGS, TRAINERS, VALIDATORS, World

STEPS = (
    ("market", "carry_out"),
    ("carbon", "carry_out"),
    ("tickets", "advance"),
    ("effects", "done"),
    ("effects", "retry"),
    ("cursors", "save"),
    ("nodes", "mirror"),
)


class Killed(BaseException):
    """Not an Exception: nothing may catch it, as nothing catches SIGKILL."""


class Killer:
    """Kills at the n-th step, just before it or just after it."""

    def __init__(self, world: World, at: int, after: bool) -> None:
        self.left, self.after, self.kept = at, after, []
        for part, name in STEPS:
            target = getattr(world, part)
            self.kept.append((target, name))
            setattr(target, name, self.guard(getattr(target, name)))

    def guard(self, step: Callable[..., object]) -> Callable[..., object]:
        def guarded(*given: object, **named: object) -> object:
            self.left -= 1
            if self.left == 0 and not self.after:
                raise Killed
            try:
                return step(*given, **named)
            finally:
                if self.left == 0:
                    raise Killed

        return guarded

    def disarm(self) -> None:
        for target, name in self.kept:
            delattr(target, name)


def restart(world: World) -> None:
    world.mirror = Mirror(world.market, world.tickets, world.nodes, world.cursors, world.effects, world.clock)
    world.settler = Settler(world.market, world.carbon, world.tickets, world.effects)


def finish(world: World) -> None:
    for _ in range(4):
        world.run()
        world.sweep()
        world.clock.advance(10)
    world.run()


def killed_everywhere(start: Callable[[World], object], after: bool, check: Callable[[World], None]) -> int:
    """Run once for each step there is, killed there; how many that were."""
    at = 0
    while True:
        at += 1
        world = World()
        start(world)
        killer = Killer(world, at, after)
        try:
            finish(world)
            survived = True
        except Killed:
            survived = False
        killer.disarm()
        restart(world)
        finish(world)
        check(world)
        if survived:
            return at - 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_settle__killed_at_any_step__pays_everybody_once(after):
    def check(world: World) -> None:
        ticket = world.tickets.get("t_1")
        assert ticket.status == Status.SETTLED
        due = dict(zip(ticket.verdict.payees, map(int, ticket.verdict.amounts_wei), strict=True))
        assert (world.market.wallets, world.market.credits) == (due, {TREASURY: FEE_WEI * 200 // 10_000})
        assert not world.effects.pending(["Settle", "PayOut", "RecordRound"])
        assert [world.nodes.get(t).rating_bps for t in TRAINERS] == RATINGS
        assert world.bound() == set()

    assert killed_everywhere(World.settling, after, check) > 15


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_fail__killed_at_any_step__refunds_and_slashes_once(after):
    def check(world: World) -> None:
        assert world.status() == Status.REFUNDED
        assert world.market.wallets == {CUSTOMER: FEE_WEI}
        assert sum(world.market.staking.paid.values()) == 10**17
        assert set(world.market.staking.paid) == set(TRAINERS[1:])
        assert "" not in world.tickets.get("t_1").transactions

    assert killed_everywhere(lambda world: world.failing(TRAINERS[0]), after, check) > 15


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_assign__killed_at_any_step__chooses_and_draws_once(after):
    def start(world: World) -> None:
        world.queued()
        world.market.draw_s = 15.0
        world.tickets.advance("t_1", Selected(TRAINERS))

    def check(world: World) -> None:
        assert world.status() == Status.RUNNING
        assert {world.market.node(p).assigned_jobs for p in (*TRAINERS, *VALIDATORS)} == {1}
        assert world.bound() == {*TRAINERS, *VALIDATORS}

    assert killed_everywhere(start, after, check) > 5


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_expiry__killed_at_any_step__refunds_once(after):
    def start(world: World) -> None:
        world.running(seconds=60)
        world.clock.advance(61)

    def check(world: World) -> None:
        assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})
        assert world.bound() == set()

    assert killed_everywhere(start, after, check) > 5
