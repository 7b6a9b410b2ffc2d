import pytest
from accusations import SIDE, accuse, close_window, contest, finalize
from escrow_world import (
    ACQUITTED,
    CONTESTED,
    DEPOSIT_WEI,
    NAMED,
    SLASHED,
    UNACCUSED,
    assign_job,
    hexed,
    refuses,
)

pytestmark = pytest.mark.contracts


@pytest.fixture
def culprit(world, assigned, accounts):
    return accounts.at(accuse(world, assigned))


def test_contest__the_caller_is_not_accused__is_refused(world, assigned, culprit):
    for account in (world.trainers[1], world.validators[0], world.operator, world.arbiter, world.stranger):
        with refuses("JobEscrow_NotAccused", assigned.id, account, UNACCUSED):
            contest(world, assigned, account)


def test_contest__the_caller_is_accused_in_another_job__is_refused(world, assigned, culprit):
    other = assign_job(world, "other", trainers=world.trainers[1:])
    with refuses("JobEscrow_NotAccused", other.id, culprit, UNACCUSED):
        contest(world, other, culprit)


def test_contest__the_window_has_closed__is_refused(world, assigned, culprit):
    close_window(world, assigned)
    with refuses("JobEscrow_WindowClosed", assigned.id, world.escrow.slashReadyAt(assigned.id)):
        contest(world, assigned, culprit)
    assert world.escrow.accusation(assigned.id, culprit) == NAMED


def test_contest__it_was_contested_before__is_refused(world, assigned, culprit):
    contest(world, assigned, culprit)
    with refuses("JobEscrow_NotAccused", assigned.id, culprit, CONTESTED):
        contest(world, assigned, culprit)


@pytest.mark.parametrize(("guilty", "state"), [(True, SLASHED), (False, ACQUITTED)])
def test_contest__it_was_decided__is_refused(world, assigned, culprit, guilty, state):
    contest(world, assigned, culprit)
    world.escrow.arbitrate(assigned.id, culprit, guilty, {"from": world.arbiter})
    with refuses("JobEscrow_NotAccused", assigned.id, culprit, state):
        contest(world, assigned, culprit)


def test_contest__the_last_second_of_the_window__stops_the_slash(world, assigned, culprit):
    close_window(world, assigned, -1)
    contest(world, assigned, culprit)
    assert world.escrow.accusation(assigned.id, culprit) == CONTESTED
    close_window(world, assigned)
    with refuses("JobEscrow_NothingToFinalize", assigned.id):
        finalize(world, assigned)
    assert world.staking.node(culprit)["deposit"] == DEPOSIT_WEI


def test_contest__the_last_second_of_the_window__keeps_the_deposit_frozen(world, assigned, culprit):
    close_window(world, assigned, -1)
    contest(world, assigned, culprit)
    assert world.staking.node(culprit)["frozen"] == 1


def test_contest__the_last_second_of_the_window__tells_the_evidence_in_its_event(world, assigned, culprit):
    close_window(world, assigned, -1)
    event = contest(world, assigned, culprit).events["SlashContested"]
    assert (event["jobId"], event["culprit"]) == (hexed(assigned.id), culprit)
    assert event["evidence"] == hexed(SIDE)
