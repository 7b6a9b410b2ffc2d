"""Credits add up from the events of all jobs, whatever ended them and whoever withdrew."""

from __future__ import annotations

from typing import Any

import pytest

from backend.adapters.memory.escrow import TREASURY
from backend.domain.effects import Cancel, Reclaim
from backend.ports import ChainEvent
from backend.settlement.credits import owed
from backend.settlement.kinds import KINDS
from tests.support.jobs import FEE_WEI, fail_verdict
from tests.unit.settlement.world import CUSTOMER, TRAINERS, World

CUT_WEI = FEE_WEI * 200 // 10_000


def told(*events: tuple[str, dict[str, Any]]) -> list[ChainEvent]:
    return [ChainEvent("JobEscrow", name, said, n, 0, "0x") for n, (name, said) in enumerate(events)]


def escrow_events(world: World) -> list[ChainEvent]:
    return [event for event in world.market.events(0)[0] if event.contract == "JobEscrow"]


OPENED = ("JobOpened", {"jobId": "0x1", "customer": "0xC", "fee": 1_000})


def test_owed__jobs_of_every_end__is_what_the_accounts_have_at_every_step():
    world = World()
    world.settling("t_1")
    world.judged(fail_verdict(TRAINERS[:1]), "t_2")
    cancelled, late = world.funded("t_3"), world.running("t_4", seconds=60)
    world.market.carry_out(Cancel("t_3", cancelled.job_id), cancelled)
    world.clock.advance(61)
    world.market.carry_out(Reclaim("t_4", late.job_id), late)
    while world.mirror.run_once() + world.settler.run_once() or world.effects.pending(KINDS):
        world.clock.advance(1)
        found = owed(escrow_events(world), TREASURY).by_account
        assert {account: wei for account, wei in found.items() if wei} == world.market.credits
    assert owed(escrow_events(world), TREASURY).by_account == {
        **dict.fromkeys((*TRAINERS, CUSTOMER), 0),
        TREASURY: CUT_WEI,
    }


def test_owed__unclaimed_pay_returned__is_the_customers():
    returned = ("UnclaimedReturned", {"jobId": "0x1", "customer": "0xC", "amount": 480})
    claimed = ("PayoutClaimed", {"jobId": "0x1", "payee": "0xA", "amount": 500})
    settled = ("JobSettledByRoot", {"jobId": "0x1", "commission": 20})
    found = owed(told(OPENED, settled, claimed, returned), "0xT")
    assert (found.unclaimed_wei, found.by_account["0xC"]) == (0, 480)


@pytest.mark.parametrize(("claims", "unclaimed"), [((), 980), ((500,), 480), ((500, 480), 0)])
def test_owed__settled_by_root__counts_what_was_claimed(claims, unclaimed):
    settled = ("JobSettledByRoot", {"jobId": "0x1", "commission": 20})
    claimed = [("PayoutClaimed", {"jobId": "0x1", "payee": "0xA", "amount": wei}) for wei in claims]
    found = owed(told(OPENED, settled, *claimed), "0xT")
    assert (found.unclaimed_wei, found.by_account.get("0xA", 0)) == (unclaimed, sum(claims))


def test_owed__reclaimed__credits_nobody():
    reclaimed = ("JobReclaimed", {"jobId": "0x1", "customer": "0xC", "refund": 1_000})
    assert owed(told(OPENED, reclaimed), "0xT").by_account == {}
