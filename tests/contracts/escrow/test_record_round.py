import pytest
from endings import ENDINGS, end
from escrow_world import DRAWING, OPEN, choose_trainers, hexed, lacks_role, ref, refuses

pytestmark = pytest.mark.contracts


def record(world, job, number, root="root"):
    return world.escrow.recordRound(job, number, ref(root), {"from": world.operator})


def test_record_round__the_caller_is_not_the_operator__is_refused(world, assigned):
    for account in (world.admin, world.stranger, world.customer):
        with lacks_role(account, world.escrow.OPERATOR_ROLE()):
            world.escrow.recordRound(assigned.id, 1, ref("root"), {"from": account})


def test_record_round__the_job_is_not_assigned__is_refused(world, opened):
    with refuses("JobEscrow_WrongStatus", opened, OPEN):
        record(world, opened, 1)
    choose_trainers(world, opened)
    with refuses("JobEscrow_WrongStatus", opened, DRAWING):
        record(world, opened, 1)


@pytest.mark.parametrize("ending", ENDINGS)
def test_record_round__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    with refuses("JobEscrow_WrongStatus", job.id, status):
        record(world, job.id, 1)


def test_record_round__the_number_rises__publishes_the_root(world, assigned):
    for number in (0, 1, 2):
        event = record(world, assigned.id, number, f"root {number}").events["RoundRecorded"]
        assert event["jobId"] == hexed(assigned.id)
        assert (event["round"], event["root"]) == (number, hexed(ref(f"root {number}")))
    assert world.escrow.job(assigned.id)["nextRound"] == 3


def test_record_round__the_number_skips_some__publishes_the_root(world, assigned):
    record(world, assigned.id, 1)
    assert record(world, assigned.id, 7).events["RoundRecorded"]["round"] == 7
    assert world.escrow.job(assigned.id)["nextRound"] == 8


def test_record_round__the_number_was_recorded__is_refused(world, assigned):
    record(world, assigned.id, 1)
    with refuses("JobEscrow_RoundOutOfOrder", assigned.id, 1, 2):
        record(world, assigned.id, 1, "another root")


def test_record_round__the_number_is_below_a_recorded_one__is_refused(world, assigned):
    record(world, assigned.id, 5)
    with refuses("JobEscrow_RoundOutOfOrder", assigned.id, 4, 6):
        record(world, assigned.id, 4)
