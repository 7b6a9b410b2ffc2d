import pytest
from escrow_world import COMMISSION_BPS, ZERO_WORD, lacks_role, open_job, refuses

pytestmark = pytest.mark.contracts

CAP_BPS = 500


def test_set_commission__the_caller_is_not_the_admin__is_refused(world):
    for account in (world.operator, world.arbiter, world.treasury, world.customer):
        with lacks_role(account, ZERO_WORD):
            world.escrow.setCommission(0, {"from": account})


def test_set_commission__it_is_above_the_cap__is_refused(world):
    with refuses("JobEscrow_CommissionTooHigh", CAP_BPS + 1, CAP_BPS):
        world.escrow.setCommission(CAP_BPS + 1, {"from": world.admin})


@pytest.mark.parametrize("bps", [0, 1, CAP_BPS])
def test_set_commission__it_is_at_most_the_cap__holds_for_jobs_opened_from_now_on(world, bps):
    tx = world.escrow.setCommission(bps, {"from": world.admin})
    assert tx.events["CommissionChanged"]["bps"] == world.escrow.commissionBps() == bps
    assert world.escrow.job(open_job(world))["commissionBps"] == bps


def test_set_commission__it_is_at_most_the_cap__leaves_open_jobs_as_they_are(world, opened):
    world.escrow.setCommission(CAP_BPS, {"from": world.admin})
    assert world.escrow.job(opened)["commissionBps"] == COMMISSION_BPS
