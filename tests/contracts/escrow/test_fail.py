import pytest
from brownie import chain
from escrow_world import (
    CONTEST_S,
    EVIDENCE,
    FAILED,
    FEE_WEI,
    NAMED,
    books_balance,
    drawn,
    fail_job,
    fail_verdict,
    judge,
    refuses,
    settle_job,
    settle_verdict,
    sign,
    status_of,
)

pytestmark = pytest.mark.contracts


def test_fail__nobody_to_blame__refunds_in_full(world, assigned):
    fail_job(world, assigned, [])

    assert status_of(world, assigned) == FAILED
    assert world.escrow.credit(world.customer) == FEE_WEI
    assert world.escrow.credit(world.treasury) == 0
    assert world.escrow.slashReadyAt(assigned) == 0
    assert all(world.staking.node(n)["assignedJobs"] == 0 for n in (*world.trainers, *drawn(world, assigned)))
    assert books_balance(world)


def test_fail__a_culprit__is_frozen_and_named_and_the_window_starts(world, assigned):
    culprit = world.trainers[1]
    tx = fail_job(world, assigned, [culprit])

    event = tx.events["JobFailed"]
    assert list(event["culprits"]) == [culprit]
    assert list(event["honest"]) == [world.trainers[0], world.trainers[2]]
    assert event["refund"] == FEE_WEI
    assert event["evidenceHash"] == "0x" + EVIDENCE.hex()
    assert world.staking.node(culprit)["frozen"] == 1
    assert world.escrow.accusation(assigned, culprit) == NAMED
    assert world.escrow.slashReadyAt(assigned) == chain[tx.block_number].timestamp + CONTEST_S
    assert world.escrow.credit(world.customer) == FEE_WEI


def test_fail__a_frozen_culprit__can_neither_leave_nor_take_new_work(world, assigned):
    culprit = world.trainers[0]
    world.staking.requestExit({"from": culprit})
    fail_job(world, assigned, [culprit])
    chain.sleep(10_000)
    chain.mine()
    with refuses("NodeStaking_Frozen"):
        world.staking.withdraw({"from": culprit})
    assert not world.staking.isAvailable(culprit, 1)


def test_fail__on_the_operators_word_alone__is_refused(world, assigned):
    with refuses("JobEscrow_QuorumNotReached"):
        judge(world, assigned, fail_verdict(assigned, [world.trainers[0]]), [])


def test_fail__a_culprit_outside_the_job__is_refused(world, assigned):
    for outsider in (world.stranger, world.validators[0]):
        verdict = fail_verdict(assigned, [outsider])
        with refuses("JobEscrow_NotATrainer"):
            judge(world, assigned, verdict)


def test_fail__a_culprit_named_twice__is_refused(world, assigned):
    verdict = fail_verdict(assigned, [world.trainers[0]] * 2)
    with refuses("JobEscrow_NamedTwice"):
        judge(world, assigned, verdict)


def test_fail__signatures_of_a_settlement__are_refused(world, assigned):
    signatures = sign(world, settle_verdict(world, assigned), drawn(world, assigned))
    with refuses("Verdicts_UnknownSigner"):
        judge(world, assigned, fail_verdict(assigned, []), signatures)


def test_fail__after_settlement_or_twice__is_refused(world, assigned):
    settle_job(world, assigned)
    with refuses("JobEscrow_WrongStatus"):
        fail_job(world, assigned, [])
    assert world.escrow.credit(world.customer) == 0
