import pytest
from escrow_world import (
    COMMISSION_BPS,
    DATASET,
    FEE_WEI,
    OPEN,
    SPEC,
    ZERO_WORD,
    books_balance,
    deadline_in,
    hexed,
    job_id,
    next_block_at,
    ref,
    refuses,
    status_of,
)

pytestmark = pytest.mark.contracts

NEAREST_S = 30
FARTHEST_S = 30 * 24 * 3600


def pay(world, name="job", fee_wei=FEE_WEI, deadline=None, sender=None):
    by = {"from": sender or world.customer}
    world.token.approve(world.escrow, fee_wei, by)
    return world.escrow.openJob(ref(name), SPEC, DATASET, fee_wei, deadline or deadline_in(600), by)


def pay_with_deadline_after(world, seconds):
    """Opens a job whose deadline is exactly so many seconds after its block; the time of that block."""
    now = deadline_in(60)
    world.token.approve(world.escrow, FEE_WEI, {"from": world.customer})
    next_block_at(now)
    world.escrow.openJob(ref("job"), SPEC, DATASET, FEE_WEI, now + seconds, {"from": world.customer})


def test_open_job__the_escrow_is_paused__is_refused(world):
    world.escrow.pause({"from": world.admin})
    with refuses("EnforcedPause"):
        pay(world)
    assert world.escrow.openFees() == 0


def test_open_job__the_escrow_is_unpaused_again__holds_the_fee(world):
    world.escrow.pause({"from": world.admin})
    world.escrow.unpause({"from": world.admin})
    pay(world)
    assert world.escrow.openFees() == FEE_WEI


def test_open_job__the_reference_was_used_before__is_refused(world, opened):
    with refuses("JobEscrow_AlreadyOpened", opened):
        pay(world)
    assert world.escrow.openFees() == FEE_WEI
    assert books_balance(world)


def test_open_job__another_customer_used_the_reference__opens_a_second_job(world, opened):
    world.token.mint(world.stranger, FEE_WEI, {"from": world.admin})
    pay(world, sender=world.stranger)
    assert status_of(world, job_id(world.stranger, ref("job"))) == OPEN
    assert world.escrow.openFees() == 2 * FEE_WEI


def test_open_job__the_fee_is_zero__is_refused(world):
    with refuses("JobEscrow_ZeroFee"):
        pay(world, fee_wei=0)


def test_open_job__the_fee_exceeds_128_bits__is_refused(world):
    with refuses("SafeCastOverflowedUintDowncast", 128, 2**128 + 1):
        pay(world, fee_wei=2**128 + 1)


def test_open_job__the_deadline_is_a_second_too_near__is_refused(world):
    with refuses("JobEscrow_BadDeadline"):
        pay_with_deadline_after(world, NEAREST_S - 1)


def test_open_job__the_deadline_is_the_nearest_allowed__holds_the_fee(world):
    pay_with_deadline_after(world, NEAREST_S)
    assert world.escrow.openFees() == FEE_WEI


def test_open_job__the_deadline_is_the_farthest_allowed__holds_the_fee(world):
    pay_with_deadline_after(world, FARTHEST_S)
    assert world.escrow.openFees() == FEE_WEI


def test_open_job__the_deadline_is_a_second_too_far__is_refused(world):
    with refuses("JobEscrow_BadDeadline"):
        pay_with_deadline_after(world, FARTHEST_S + 1)


def test_open_job__the_allowance_is_too_small__is_refused(world):
    world.token.approve(world.escrow, FEE_WEI - 1, {"from": world.customer})
    with refuses("ERC20InsufficientAllowance", world.escrow, FEE_WEI - 1, FEE_WEI):
        world.escrow.openJob(ref("a"), SPEC, DATASET, FEE_WEI, deadline_in(600), {"from": world.customer})


def test_open_job__the_customer_has_too_little__is_refused(world):
    with refuses("ERC20InsufficientBalance", world.stranger, 0, FEE_WEI):
        pay(world, sender=world.stranger)


def test_open_job__the_fee_can_be_paid__holds_the_fee(world):
    before = world.token.balanceOf(world.customer)
    pay(world)
    assert world.token.balanceOf(world.customer) == before - FEE_WEI
    assert world.token.balanceOf(world.escrow) == world.escrow.openFees() == FEE_WEI
    assert world.escrow.totalCredits() == 0


def test_open_job__the_fee_can_be_paid__records_the_job(world):
    deadline = deadline_in(600)
    tx = pay(world, deadline=deadline)
    job = job_id(world.customer, ref("job"))
    record = world.escrow.job(job)
    assert world.escrow.jobIdOf(world.customer, ref("job")) == hexed(job)
    assert (record["status"], record["released"], record["nextRound"]) == (OPEN, False, 0)
    assert (record["customer"], record["fee"], record["deadline"]) == (world.customer, FEE_WEI, deadline)
    assert record["commissionBps"] == COMMISSION_BPS
    assert (record["openedBlock"], record["seedBlock"]) == (tx.block_number, 0)
    assert record["commitment"] == hexed(ZERO_WORD)


def test_open_job__the_fee_can_be_paid__tells_everything_in_its_event(world):
    deadline = deadline_in(600)
    event = pay(world, deadline=deadline).events["JobOpened"]
    assert event["jobId"] == hexed(job_id(world.customer, ref("job")))
    assert (event["customer"], event["ref"]) == (world.customer, hexed(ref("job")))
    assert (event["specHash"], event["datasetHash"]) == (hexed(SPEC), hexed(DATASET))
    assert (event["fee"], event["deadline"], event["commissionBps"]) == (FEE_WEI, deadline, COMMISSION_BPS)
