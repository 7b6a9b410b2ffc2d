import pytest
from endings import ENDINGS, end
from escrow_world import (
    ASSIGNED,
    DRAWING,
    NONE,
    SEED_DELAY_BLOCKS,
    TRAINER,
    assign_job,
    bound,
    choose_trainers,
    hexed,
    lacks_role,
    next_block_at,
    open_job,
    ref,
    refuses,
    status_of,
)
from verdicts import fail_job, names_hash

pytestmark = pytest.mark.contracts


def refuses_trainer(provider):
    return refuses("NodeStaking_Unavailable", provider, TRAINER)


def test_assign__the_caller_is_not_the_operator__is_refused(world, opened):
    for account in (world.admin, world.arbiter, world.customer, world.stranger, world.trainers[0]):
        with lacks_role(account, world.escrow.OPERATOR_ROLE()):
            world.escrow.assign(opened, world.trainers, {"from": account})


def test_assign__the_job_was_never_opened__is_refused(world):
    with refuses("JobEscrow_WrongStatus", ref("never"), NONE):
        choose_trainers(world, ref("never"))


def test_assign__the_job_waits_for_its_draw__is_refused(world, drawing):
    with refuses("JobEscrow_WrongStatus", drawing.id, DRAWING):
        choose_trainers(world, drawing.id, world.trainers[:1])


def test_assign__the_job_is_assigned__is_refused(world, assigned):
    with refuses("JobEscrow_WrongStatus", assigned.id, ASSIGNED):
        choose_trainers(world, assigned.id)


@pytest.mark.parametrize("ending", ENDINGS)
def test_assign__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    with refuses("JobEscrow_WrongStatus", job.id, status):
        choose_trainers(world, job.id)


def test_assign__the_deadline_has_come__is_refused(world):
    job = open_job(world, seconds=60)
    deadline = world.escrow.job(job)["deadline"]
    next_block_at(deadline)
    with refuses("JobEscrow_DeadlinePassed", job, deadline):
        choose_trainers(world, job)


def test_assign__no_trainer_is_named__is_refused(world, opened):
    with refuses("JobEscrow_BadTrainerCount", 0, 512):
        world.escrow.assign(opened, [], {"from": world.operator})


def test_assign__more_than_512_trainers_are_named__is_refused(world, opened):
    many = [f"0x{i:040x}" for i in range(1, 514)]
    with refuses("JobEscrow_BadTrainerCount", 513, 512):
        world.escrow.assign(opened, many, {"from": world.operator})


def test_assign__a_trainer_is_named_twice__is_refused(world, opened):
    twice = world.trainers[0]
    with refuses("Ascending_NotAscending", twice, twice):
        choose_trainers(world, opened, [twice, twice])


def test_assign__the_trainers_do_not_ascend__is_refused(world, opened):
    first, second, third = world.trainers
    with refuses("Ascending_NotAscending", third, second):
        choose_trainers(world, opened, [first, third, second])


def test_assign__a_trainer_never_registered__is_refused(world, opened):
    with refuses_trainer(world.stranger):
        choose_trainers(world, opened, [world.stranger])


def test_assign__a_trainer_only_validates__is_refused(world, opened):
    with refuses_trainer(world.validators[0]):
        choose_trainers(world, opened, [world.validators[0]])


def test_assign__a_trainer_is_leaving__is_refused(world, opened):
    world.staking.requestExit({"from": world.trainers[1]})
    with refuses_trainer(world.trainers[1]):
        choose_trainers(world, opened)


def test_assign__a_trainer_is_accused__is_refused(world, opened):
    fail_job(world, assign_job(world, "earlier"), [world.trainers[2]])
    with refuses_trainer(world.trainers[2]):
        choose_trainers(world, opened)


def test_assign__the_trainers_are_free_and_ascend__fixes_a_seed_that_nobody_can_know_yet(world, opened):
    tx = world.escrow.assign(opened, world.trainers, {"from": world.operator})
    assert status_of(world, opened) == DRAWING
    assert world.escrow.job(opened)["seedBlock"] == tx.block_number + SEED_DELAY_BLOCKS


def test_assign__the_trainers_are_free_and_ascend__commits_to_the_trainers(world, opened):
    job = choose_trainers(world, opened)
    commitment = world.escrow.job(opened)["commitment"]
    assert commitment == world.escrow.crewHash(names_hash(job.trainers), ([], []))
    assert commitment != world.escrow.crewHash(names_hash(job.trainers[:2]), ([], []))
    assert commitment != hexed(bytes(32))


def test_assign__the_trainers_are_free_and_ascend__binds_every_trainer_once_more(world, opened):
    choose_trainers(world, opened)
    assert bound(world, world.trainers) == [1, 1, 1]
    choose_trainers(world, open_job(world, "second"), world.trainers[:2])
    assert bound(world, world.trainers) == [2, 2, 1]
    assert bound(world, world.validators) == [0] * 4


def test_assign__the_trainers_are_free_and_ascend__tells_the_trainers_in_its_event(world, opened):
    tx = world.escrow.assign(opened, world.trainers, {"from": world.operator})
    event = tx.events["TrainersChosen"]
    assert event["jobId"] == hexed(opened)
    assert list(event["trainers"]) == list(world.trainers)
    assert event["seedBlock"] == tx.block_number + SEED_DELAY_BLOCKS
