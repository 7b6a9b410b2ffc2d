import pytest
from accusations import accuse, close_window, contest, finalize
from escrow_world import (
    ACQUITTED,
    DEPOSIT_WEI,
    NAMED,
    SLASHED,
    TRAINER,
    UNACCUSED,
    books_balance,
    hexed,
    lacks_role,
    node_key,
    refuses,
)

pytestmark = pytest.mark.contracts


@pytest.fixture
def culprit(world, assigned, accounts):
    return accounts.at(accuse(world, assigned))


@pytest.fixture
def contested(world, assigned, culprit):
    contest(world, assigned, culprit)
    return assigned


def decide(world, job, account, guilty):
    return world.escrow.arbitrate(job.id, account, guilty, {"from": world.arbiter})


def test_arbitrate__the_caller_is_not_the_arbiter__is_refused(world, contested, culprit):
    for account in (world.operator, world.admin, culprit, world.customer, world.stranger):
        with lacks_role(account, world.escrow.ARBITER_ROLE()):
            world.escrow.arbitrate(contested.id, culprit, True, {"from": account})


def test_arbitrate__the_account_was_never_named__is_refused(world, contested):
    for account in (world.trainers[1], world.validators[0], world.stranger):
        with refuses("JobEscrow_NotAccused", contested.id, account, UNACCUSED):
            decide(world, contested, account, True)


def test_arbitrate__the_accusation_is_not_contested__is_refused(world, assigned, culprit):
    with refuses("JobEscrow_NotAccused", assigned.id, culprit, NAMED):
        decide(world, assigned, culprit, True)


@pytest.mark.parametrize(("guilty", "state"), [(True, SLASHED), (False, ACQUITTED)])
def test_arbitrate__the_accusation_was_decided__is_refused(world, contested, culprit, guilty, state):
    decide(world, contested, culprit, guilty)
    for again in (True, False):
        with refuses("JobEscrow_NotAccused", contested.id, culprit, state):
            decide(world, contested, culprit, again)


def test_arbitrate__the_accused_is_innocent__frees_the_deposit(world, contested, culprit):
    event = decide(world, contested, culprit, False).events["SlashArbitrated"]
    assert (event["jobId"], event["culprit"], event["guilty"]) == (hexed(contested.id), culprit, False)
    assert world.escrow.accusation(contested.id, culprit) == ACQUITTED
    node = world.staking.node(culprit)
    assert (node["frozen"], node["deposit"]) == (0, DEPOSIT_WEI)
    assert world.staking.isAvailable(culprit, TRAINER)


def test_arbitrate__the_accused_is_innocent__leaves_nothing_to_finalize(world, contested, culprit):
    decide(world, contested, culprit, False)
    close_window(world, contested)
    with refuses("JobEscrow_NothingToFinalize", contested.id):
        finalize(world, contested)


def test_arbitrate__the_accused_is_guilty__slashes_at_once(world, contested, culprit):
    tx = decide(world, contested, culprit, True)
    assert tx.events["SlashArbitrated"]["guilty"]
    assert tx.events["SlashFinalized"]["amount"] == DEPOSIT_WEI
    assert world.escrow.accusation(contested.id, culprit) == SLASHED
    assert [world.staking.credit(t) for t in world.trainers] == [0, DEPOSIT_WEI // 2, DEPOSIT_WEI // 2]
    assert books_balance(world)


def test_arbitrate__the_accused_is_guilty__bans_the_wallet_and_its_key(world, contested, culprit):
    decide(world, contested, culprit, True)
    assert world.staking.isBanned(culprit)
    assert world.staking.isBanned(node_key(culprit).address)


def test_arbitrate__the_arbiter_is_late_and_nobody_has_freed_the_accused__decides_all_the_same(
    world, contested, culprit
):
    close_window(world, contested, world.escrow.ARBITRATION_TIMEOUT())
    decide(world, contested, culprit, True)
    assert world.escrow.accusation(contested.id, culprit) == SLASHED
