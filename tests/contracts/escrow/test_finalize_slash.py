import pytest
from accusations import accuse, close_window, contest, finalize
from escrow_world import (
    ACQUITTED,
    BANNED,
    CONTESTED,
    DEPOSIT_WEI,
    SLASHED,
    TRAINER,
    assign_job,
    books_balance,
    hexed,
    leave,
    node_key,
    refuses,
)
from verdicts import fail_job

pytestmark = pytest.mark.contracts

HALF_WEI = DEPOSIT_WEI // 2


def shares(world):
    """What each of the trainers is owed out of slashed deposits."""
    return [world.staking.credit(t) for t in world.trainers]


def slash(world, job, culprits):
    """Fails the job and slashes as soon as the window has closed."""
    fail_job(world, job, culprits)
    close_window(world, job)
    return finalize(world, job)


def test_finalize_slash__nobody_was_named__is_refused(world, assigned):
    for _ in range(2):
        with refuses("JobEscrow_NothingToFinalize", assigned.id):
            finalize(world, assigned)
        if not world.escrow.job(assigned.id)["released"]:
            fail_job(world, assigned)


def test_finalize_slash__the_window_is_open_for_a_second_more__is_refused(world, assigned):
    accuse(world, assigned)
    close_window(world, assigned, -1)
    with refuses("JobEscrow_WindowOpen", assigned.id, world.escrow.slashReadyAt(assigned.id)):
        finalize(world, assigned)


def test_finalize_slash__everything_was_decided__is_refused(world, assigned):
    slash(world, assigned, world.trainers[:1])
    with refuses("JobEscrow_NothingToFinalize", assigned.id):
        finalize(world, assigned)
    assert world.staking.totalSlashedUnclaimed() == DEPOSIT_WEI


def test_finalize_slash__one_of_three_is_named__splits_the_deposit_among_the_honest(world, assigned):
    culprit = world.trainers[1]
    slash(world, assigned, [culprit])
    assert shares(world) == [HALF_WEI, 0, HALF_WEI]
    assert world.escrow.accusation(assigned.id, culprit) == SLASHED
    node = world.staking.node(culprit)
    assert (node["deposit"], node["state"], node["frozen"]) == (0, BANNED, 0)
    assert world.staking.totalActive() == 6 * DEPOSIT_WEI
    assert culprit not in world.staking.providers()
    assert books_balance(world)


def test_finalize_slash__one_of_three_is_named__bans_the_wallet_and_its_key_for_life(world, assigned):
    culprit = world.trainers[0]
    slash(world, assigned, [culprit])
    key = node_key(culprit).address
    for wallet, new_key, banned in (
        (culprit, node_key("another machine").address, culprit),
        (world.stranger, key, key),
        (world.stranger, culprit, culprit),
    ):
        with refuses("NodeStaking_Banned", banned):
            world.staking.register("again", new_key, TRAINER, {"from": wallet, "value": DEPOSIT_WEI})


def test_finalize_slash__one_of_three_is_named__tells_the_shares_in_its_event(world, assigned):
    tx = slash(world, assigned, world.trainers[:1])
    event = tx.events["SlashFinalized"]
    assert (event["jobId"], event["culprit"]) == (hexed(assigned.id), world.trainers[0])
    assert event["amount"] == DEPOSIT_WEI
    assert list(event["honest"]) == list(world.trainers[1:])
    assert list(event["shares"]) == [HALF_WEI, HALF_WEI]
    assert list(tx.events["NodeSlashed"]["shares"]) == [HALF_WEI, HALF_WEI]
    assert tx.events["NodeBanned"]["provider"] == world.trainers[0]


def test_finalize_slash__the_deposit_does_not_divide__gives_the_odd_wei_to_the_first(world, assigned):
    world.staking.topUp({"from": world.trainers[2], "value": 1})
    slash(world, assigned, world.trainers[2:])
    assert shares(world) == [HALF_WEI + 1, HALF_WEI, 0]
    assert world.staking.totalSlashedUnclaimed() == DEPOSIT_WEI + 1


def test_finalize_slash__all_are_named__gives_the_deposits_to_the_treasury(world, assigned):
    slash(world, assigned, world.trainers)
    assert world.staking.credit(world.treasury) == 3 * DEPOSIT_WEI
    assert shares(world) == [0, 0, 0]
    assert [world.staking.credit(v) for v in world.validators] == [0] * 4
    assert books_balance(world)


def test_finalize_slash__one_of_two_contested__slashes_the_other_only(world, assigned):
    first, second, _ = world.trainers
    fail_job(world, assigned, [first, second])
    contest(world, assigned, first)
    close_window(world, assigned)
    finalize(world, assigned)
    assert [world.staking.node(t)["deposit"] for t in world.trainers] == [DEPOSIT_WEI, 0, DEPOSIT_WEI]
    assert world.escrow.accusation(assigned.id, first) == CONTESTED
    assert shares(world) == [0, 0, DEPOSIT_WEI]


def test_finalize_slash__the_arbiter_has_a_second_left__is_refused(world, assigned):
    culprit = accuse(world, assigned)
    contest(world, assigned, culprit)
    close_window(world, assigned, world.escrow.ARBITRATION_TIMEOUT() - 1)
    with refuses("JobEscrow_NothingToFinalize", assigned.id):
        finalize(world, assigned)
    assert world.staking.node(culprit)["frozen"] == 1


def test_finalize_slash__the_arbiter_stayed_silent__frees_the_accused(world, assigned):
    culprit = accuse(world, assigned)
    contest(world, assigned, culprit)
    close_window(world, assigned, world.escrow.ARBITRATION_TIMEOUT())
    tx = finalize(world, assigned)
    assert tx.events["SlashLapsed"]["culprit"] == culprit
    assert world.escrow.accusation(assigned.id, culprit) == ACQUITTED
    node = world.staking.node(culprit)
    assert (node["frozen"], node["deposit"]) == (0, DEPOSIT_WEI)
    assert not world.staking.isBanned(culprit)


def test_finalize_slash__the_culprit_was_leaving__takes_the_unbonding_deposit(world, assigned):
    culprit = world.trainers[0]
    world.staking.requestExit({"from": culprit})
    slash(world, assigned, [culprit])
    assert shares(world) == [0, HALF_WEI, HALF_WEI]
    assert (world.staking.totalUnbonding(), world.staking.totalActive()) == (0, 6 * DEPOSIT_WEI)
    with refuses("NodeStaking_NotExiting", culprit):
        world.staking.withdraw({"from": culprit})
    assert books_balance(world)


def test_finalize_slash__the_culprit_is_named_in_two_jobs__takes_the_deposit_once(world, assigned):
    other = assign_job(world, "other")
    culprit = world.trainers[0]
    fail_job(world, other, [culprit])
    slash(world, assigned, [culprit])
    assert world.staking.node(culprit)["frozen"] == 1
    close_window(world, assigned, 1)
    tx = finalize(world, other)
    assert tx.events["SlashFinalized"]["amount"] == 0
    assert world.staking.totalSlashedUnclaimed() == DEPOSIT_WEI
    assert world.staking.node(culprit)["frozen"] == 0
    assert books_balance(world)


def test_finalize_slash__the_culprit_topped_up_since__takes_the_whole_deposit(world, assigned):
    culprit = world.trainers[0]
    fail_job(world, assigned, [culprit])
    world.staking.topUp({"from": culprit, "value": DEPOSIT_WEI})
    close_window(world, assigned)
    finalize(world, assigned)
    assert shares(world) == [0, DEPOSIT_WEI, DEPOSIT_WEI]


def test_finalize_slash__an_honest_one_has_left_or_was_slashed__owes_the_share_all_the_same(world, assigned):
    culprit, gone, slashed = world.trainers
    other = assign_job(world, "other", trainers=[slashed])
    fail_job(world, assigned, [culprit])
    leave(world, gone)
    slash(world, other, [slashed])
    close_window(world, other, 1)
    finalize(world, assigned)
    assert shares(world) == [0, HALF_WEI, HALF_WEI]
    assert world.staking.credit(world.treasury) == DEPOSIT_WEI
