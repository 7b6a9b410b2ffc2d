import pytest
from brownie import chain
from escrow_world import (
    ACQUITTED,
    CONTEST_S,
    CONTESTED,
    DEPOSIT_WEI,
    SLASHED,
    books_balance,
    fail_job,
    ref,
    refuses,
)

pytestmark = pytest.mark.contracts


@pytest.fixture
def accused(world, assigned):
    """A failed job with trainer 0 named."""
    fail_job(world, assigned, [world.trainers[0]])
    return assigned


def after_window():
    chain.sleep(CONTEST_S + 1)
    chain.mine()


def test_contest__inside_the_window__stops_the_slash(world, accused):
    tx = world.escrow.contest(accused, ref("my side"), {"from": world.trainers[0]})
    assert tx.events["SlashContested"]["evidence"] == "0x" + ref("my side").hex()
    assert world.escrow.accusation(accused, world.trainers[0]) == CONTESTED
    after_window()
    with refuses("JobEscrow_NothingToFinalize"):
        world.escrow.finalizeSlash(accused, {"from": world.stranger})
    assert world.staking.node(world.trainers[0])["deposit"] == DEPOSIT_WEI


def test_contest__too_late__is_refused(world, accused):
    after_window()
    with refuses("JobEscrow_WindowClosed"):
        world.escrow.contest(accused, ref("my side"), {"from": world.trainers[0]})


def test_contest__not_accused_or_again__is_refused(world, accused):
    for account in (world.trainers[1], world.stranger, world.operator):
        with refuses("JobEscrow_NotAccused"):
            world.escrow.contest(accused, ref("x"), {"from": account})
    world.escrow.contest(accused, ref("x"), {"from": world.trainers[0]})
    with refuses("JobEscrow_NotAccused"):
        world.escrow.contest(accused, ref("x"), {"from": world.trainers[0]})


def test_arbitrate__innocent__frees_the_deposit(world, accused):
    node = world.trainers[0]
    world.escrow.contest(accused, ref("x"), {"from": node})
    world.escrow.arbitrate(accused, node, False, {"from": world.arbiter})
    assert world.escrow.accusation(accused, node) == ACQUITTED
    assert world.staking.node(node)["frozen"] == 0
    after_window()
    with refuses("JobEscrow_NothingToFinalize"):
        world.escrow.finalizeSlash(accused, {"from": world.stranger})
    assert world.staking.isAvailable(node, 1)


def test_arbitrate__guilty__slashes_at_once(world, accused):
    node = world.trainers[0]
    world.escrow.contest(accused, ref("x"), {"from": node})
    tx = world.escrow.arbitrate(accused, node, True, {"from": world.arbiter})
    assert world.escrow.accusation(accused, node) == SLASHED
    assert tx.events["SlashFinalized"]["amount"] == DEPOSIT_WEI
    assert world.staking.isBanned(node)
    assert books_balance(world)


def test_arbitrate__not_the_arbiter__is_refused(world, accused):
    world.escrow.contest(accused, ref("x"), {"from": world.trainers[0]})
    for account in (world.operator, world.admin, world.trainers[0]):
        with refuses("AccessControlUnauthorizedAccount"):
            world.escrow.arbitrate(accused, world.trainers[0], True, {"from": account})


def test_arbitrate__not_contested__is_refused(world, accused):
    with refuses("JobEscrow_NotAccused"):
        world.escrow.arbitrate(accused, world.trainers[0], True, {"from": world.arbiter})


def test_arbitrate__never__frees_the_accused_in_the_end(world, accused):
    node = world.trainers[0]
    world.escrow.contest(accused, ref("x"), {"from": node})
    chain.sleep(world.escrow.ARBITRATION_TIMEOUT() + CONTEST_S + 1)
    chain.mine()
    tx = world.escrow.finalizeSlash(accused, {"from": world.stranger})
    assert tx.events["SlashLapsed"]["culprit"] == node
    assert world.staking.node(node)["frozen"] == 0
    assert not world.staking.isBanned(node)
