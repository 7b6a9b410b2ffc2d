"""The sweep finds what the mirror missed and what is late."""

from __future__ import annotations

import pytest

from backend.domain.effects import Assign, Settle
from backend.domain.ticket import Status
from backend.settlement.mirror import CURSOR
from tests.support.jobs import FEE_WEI
from tests.unit.settlement.world import CUSTOMER, TRAINERS, VALIDATORS, World


@pytest.fixture
def world() -> World:
    return World()


def miss_everything(world: World) -> None:
    """The mirror's cursor runs ahead of events it never took in."""
    world.cursors.save(CURSOR, 10**9)


def test_reconcile__nothing_wrong__changes_nothing(world):
    world.settling()
    assert world.sweep() == 0


def test_reconcile__payment_missed__is_taken_in(world):
    ticket = world.quoted()
    world.market.open_job_for(ticket)
    miss_everything(world)
    world.mirror.run_once()
    assert world.status() == Status.QUOTED
    assert world.sweep() == 1
    assert world.status() == Status.FUNDED


def test_reconcile__assignment_missed__is_taken_in_with_its_nodes(world):
    ticket = world.queued()
    miss_everything(world)
    world.market.carry_out(Assign("t_1", ticket.job_id, TRAINERS), ticket)
    world.sweep()
    after = world.tickets.get("t_1")
    assert (after.status, after.trainers, after.validators) == (Status.RUNNING, TRAINERS, VALIDATORS)


def test_reconcile__settlement_missed__is_taken_in(world):
    ticket = world.settling()
    miss_everything(world)
    world.market.carry_out(Settle("t_1", ticket.job_id), ticket)
    world.sweep()
    world.settler.run_once()
    assert world.status() == Status.SETTLED
    assert sum(world.market.wallets.values()) == FEE_WEI - FEE_WEI * 200 // 10_000


def test_reconcile__paid_after_the_quote_expired_and_missed__refunds(world):
    ticket = world.quoted(seconds=60)
    world.clock.advance(61)
    world.sweep()
    world.market.open_job_for(ticket)
    miss_everything(world)
    world.sweep()
    world.settler.run_once()
    world.sweep()
    world.settler.run_once()
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})


@pytest.mark.parametrize("stage", ["funded", "queued", "running", "settling"])
def test_reconcile__deadline_passed__refunds_in_full(world, stage):
    getattr(world, stage)()
    if stage == "settling":
        world.tickets.effects.fail("t_1/settle", "chain.rejected", "No quorum.")
    world.clock.advance(601)
    world.sweep()
    world.run()
    after = world.tickets.get("t_1")
    assert (after.status, after.refusal.code) == (Status.REFUNDED, "job.expired")
    assert world.market.wallets == {CUSTOMER: FEE_WEI}


def test_reconcile__quote_never_paid__expires_without_effects(world):
    world.quoted(seconds=60)
    world.clock.advance(61)
    assert world.sweep() == 1
    assert world.sweep() == 0
    assert (world.status(), world.market.tried) == (Status.EXPIRED, [])


def test_reconcile__chain_lost_the_job__waits_and_does_not_crash(world):
    world.funded()
    world.market._jobs.clear()
    assert world.sweep() == 0
    assert world.status() == Status.FUNDED
