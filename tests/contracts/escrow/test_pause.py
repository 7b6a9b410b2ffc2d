import pytest
from endings import settled_by_root
from escrow_world import (
    RECLAIMED,
    ZERO_WORD,
    choose_trainers,
    draw,
    lacks_role,
    mine_seed,
    next_block_at,
    open_job,
    ref,
    refuses,
    status_of,
)

pytestmark = pytest.mark.contracts


@pytest.fixture
def paused(world):
    return world.escrow.pause({"from": world.admin})


def test_pause__the_caller_is_not_the_admin__is_refused(world):
    for account in (world.operator, world.arbiter, world.treasury, world.customer):
        with lacks_role(account, ZERO_WORD):
            world.escrow.pause({"from": account})


def test_pause__it_is_paused_again__is_refused(world, paused):
    with refuses("EnforcedPause"):
        world.escrow.pause({"from": world.admin})


def test_pause__somebody_else_unpauses__is_refused(world, paused):
    for account in (world.operator, world.arbiter, world.customer):
        with lacks_role(account, ZERO_WORD):
            world.escrow.unpause({"from": account})


def test_pause__the_admin_unpauses__takes_new_jobs_again(world, paused):
    world.escrow.unpause({"from": world.admin})
    open_job(world)


def test_pause__a_job_is_opened__is_refused(world, paused):
    with refuses("EnforcedPause"):
        open_job(world)


def test_pause__a_job_runs_on__is_assigned_and_drawn_and_recorded_and_released(world):
    # Cancelling, verdicts, claims, withdrawals and reclaims are in the trees of those verbs.
    opened, reclaimed, by_root = open_job(world), open_job(world, "late", seconds=60), settled_by_root(world)
    world.escrow.pause({"from": world.admin})
    world.escrow.release(by_root.id, by_root.trainers, by_root.crew, {"from": world.stranger})
    next_block_at(world.escrow.job(reclaimed)["deadline"])
    world.escrow.reclaim(reclaimed, {"from": world.stranger})
    assert status_of(world, reclaimed) == RECLAIMED
    job = choose_trainers(world, opened)
    mine_seed()
    job = draw(world, job)
    world.escrow.recordRound(job.id, 1, ref("root"), {"from": world.operator})


def test_pause__it_is_unpaused__is_refused(world):
    with refuses("ExpectedPause"):
        world.escrow.unpause({"from": world.admin})
