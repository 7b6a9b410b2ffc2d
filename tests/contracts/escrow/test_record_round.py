import pytest
from escrow_world import ref, refuses

pytestmark = pytest.mark.contracts


def test_record_round__rising_numbers__are_published(world, assigned):
    tx = world.escrow.recordRound(assigned, 1, ref("root"), {"from": world.operator})
    assert tx.events["RoundRecorded"]["root"] == "0x" + ref("root").hex()
    world.escrow.recordRound(assigned, 2, ref("root 2"), {"from": world.operator})


def test_record_round__a_number_again__is_refused(world, assigned):
    world.escrow.recordRound(assigned, 1, ref("root"), {"from": world.operator})
    with refuses("JobEscrow_RoundOutOfOrder"):
        world.escrow.recordRound(assigned, 1, ref("other root"), {"from": world.operator})


def test_record_round__open_job_or_stranger__is_refused(world, opened):
    with refuses("JobEscrow_WrongStatus"):
        world.escrow.recordRound(opened, 1, ref("root"), {"from": world.operator})
    with refuses("AccessControlUnauthorizedAccount"):
        world.escrow.recordRound(opened, 1, ref("root"), {"from": world.stranger})
