from dataclasses import replace

import pytest
from brownie import chain
from endings import ENDINGS, end
from escrow_world import (
    CONTEST_S,
    DEPOSIT_WEI,
    DRAWING,
    FAILED,
    FEE_WEI,
    NAMED,
    NEWCOMER_BPS,
    NONE,
    OPEN,
    TRAINER,
    UNACCUSED,
    UNBONDING_S,
    ZERO_WORD,
    Job,
    books_balance,
    bound,
    choose_trainers,
    hexed,
    next_block_at,
    pass_time,
    ref,
    refuses,
    status_of,
    time_of,
)
from eth_account import Account
from verdicts import EVIDENCE, fail_job, fail_verdict, judge, settle_verdict, sign

pytestmark = pytest.mark.contracts


def refunded(world, job):
    """The customer is owed the fee, and nobody else anything."""
    owed = world.escrow.credit(world.customer) == world.escrow.totalCredits() == FEE_WEI
    return (
        owed and world.escrow.openFees() == 0 and status_of(world, job.id) == FAILED and books_balance(world)
    )


def test_fail__the_job_is_not_assigned__is_refused(world, opened):
    for job, status in ((Job(ref("never"), ()), NONE), (Job(opened, ()), OPEN)):
        with refuses("JobEscrow_WrongStatus", job.id, status):
            fail_job(world, job)
    job = choose_trainers(world, opened)
    with refuses("JobEscrow_WrongStatus", opened, DRAWING):
        fail_job(world, job)


@pytest.mark.parametrize("ending", ENDINGS)
def test_fail__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    credit = world.escrow.credit(world.customer)
    with refuses("JobEscrow_WrongStatus", job.id, status):
        fail_job(world, job)
    assert world.escrow.credit(world.customer) == credit


def test_fail__the_trainers_or_the_crew_are_others__is_refused(world, assigned):
    verdict = fail_verdict(assigned, world.trainers[:1])
    validators, keys = assigned.crew
    own = [str(world.operator)] * 3
    for crew in ((validators, own), (own, keys), (validators[:2], keys[:2]), ([], [])):
        with refuses("JobEscrow_WrongCrew", assigned.id):
            judge(world, assigned, verdict, crew=crew)
    for trainers in (assigned.trainers[:2], assigned.trainers[::-1], ()):
        with refuses("JobEscrow_WrongCrew", assigned.id):
            judge(world, replace(assigned, trainers=trainers), verdict)


def test_fail__one_of_three_signed__is_refused(world, assigned):
    verdict = fail_verdict(assigned, world.trainers[:1])
    with refuses("JobEscrow_QuorumNotReached", 1, 2):
        judge(world, assigned, verdict, sign(world, verdict, assigned.validators[:1]) * 2)


def test_fail__the_signatures_are_for_other_culprits__is_refused(world, assigned):
    first, second, _ = world.trainers
    signatures = sign(world, fail_verdict(assigned, [first]), assigned.validators)
    for others in ([], [second], [first, second]):
        with refuses("Verdicts_UnknownSigner"):
            judge(world, assigned, fail_verdict(assigned, others), signatures)


def test_fail__the_signatures_are_for_a_settlement__is_refused(world, assigned):
    signatures = sign(world, settle_verdict(assigned), assigned.validators)
    with refuses("Verdicts_UnknownSigner"):
        judge(world, assigned, fail_verdict(assigned), signatures)


def test_fail__the_signatures_are_for_another_chain_or_escrow__is_refused(world, assigned):
    verdict = fail_verdict(assigned, world.trainers[:1])
    for elsewhere in ({"chain_id": chain.id + 1}, {"escrow": world.staking}):
        with refuses("Verdicts_UnknownSigner"):
            judge(world, assigned, verdict, sign(world, verdict, assigned.validators, **elsewhere))


def test_fail__a_culprit_is_no_trainer_of_the_job__is_refused(world, assigned):
    for outsider in (world.stranger, world.validators[0], world.customer):
        with refuses("Ascending_Unknown", outsider):
            fail_job(world, assigned, [outsider])


def test_fail__a_culprit_is_named_twice__is_refused(world, assigned):
    twice = world.trainers[1]
    with refuses("Ascending_NotAscending", twice, twice):
        fail_job(world, assigned, [twice, twice])


def test_fail__the_culprits_do_not_ascend__is_refused(world, assigned):
    first, _, third = world.trainers
    with refuses("Ascending_NotAscending", third, first):
        fail_job(world, assigned, [third, first])


def test_fail__a_quorum_signed__hashes_the_verdict_as_wallets_do(world, assigned):
    verdict = fail_verdict(assigned, world.trainers[1:])
    (signature,) = sign(world, verdict, assigned.validators[:1])
    digest = bytes(world.escrow.hashFail(verdict))
    assert Account._recover_hash(digest, signature=signature) == assigned.keys[0]


def test_fail__nobody_is_to_blame__credits_the_customer_in_full(world, assigned):
    fail_job(world, assigned)
    assert refunded(world, assigned)


def test_fail__nobody_is_to_blame__sets_the_nodes_free(world, assigned):
    fail_job(world, assigned)
    assert bound(world, assigned.nodes) == [0] * 6
    record = world.escrow.job(assigned.id)
    assert (record["released"], record["commitment"]) == (True, hexed(ZERO_WORD))


def test_fail__nobody_is_to_blame__leaves_every_quality_alone(world, assigned):
    fail_job(world, assigned)
    assert list(world.escrow.qualityOf(assigned.nodes)) == [NEWCOMER_BPS] * 6


def test_fail__nobody_is_to_blame__accuses_nobody(world, assigned):
    fail_job(world, assigned)
    assert world.escrow.slashReadyAt(assigned.id) == 0
    assert list(world.escrow.culprits(assigned.id)) == list(world.escrow.honest(assigned.id)) == []
    assert [world.staking.node(n)["frozen"] for n in assigned.nodes] == [0] * 6


def test_fail__somebody_is_to_blame__credits_the_customer_in_full(world, assigned):
    fail_job(world, assigned, world.trainers[:2])
    assert refunded(world, assigned)
    assert bound(world, assigned.nodes) == [0] * 6


def test_fail__somebody_is_to_blame__names_the_culprit_and_the_honest(world, assigned):
    first, culprit, third = world.trainers
    fail_job(world, assigned, [culprit])
    assert list(world.escrow.culprits(assigned.id)) == [culprit]
    assert list(world.escrow.honest(assigned.id)) == [first, third]
    accusations = [world.escrow.accusation(assigned.id, node) for node in assigned.nodes]
    assert accusations == [UNACCUSED, NAMED, *[UNACCUSED] * 4]


def test_fail__somebody_is_to_blame__freezes_the_deposit_of_the_culprit(world, assigned):
    tx = fail_job(world, assigned, world.trainers[1:])
    assert [world.staking.node(t)["frozen"] for t in world.trainers] == [0, 1, 1]
    assert [event["provider"] for event in tx.events["NodeFrozen"]] == list(world.trainers[1:])
    assert [world.staking.isAvailable(t, TRAINER) for t in world.trainers] == [True, False, False]
    assert world.staking.totalActive() == 7 * DEPOSIT_WEI


def test_fail__somebody_is_to_blame__starts_the_window(world, assigned):
    tx = fail_job(world, assigned, [world.trainers[0]])
    assert world.escrow.slashReadyAt(assigned.id) == time_of(tx) + CONTEST_S


def test_fail__somebody_is_to_blame__tells_everything_in_its_event(world, assigned):
    first, culprit, third = world.trainers
    verdict = fail_verdict(assigned, [culprit])
    signatures = sign(world, verdict, assigned.validators[1:])
    event = judge(world, assigned, verdict, signatures).events["JobFailed"]
    assert (event["jobId"], event["evidenceHash"]) == (hexed(assigned.id), hexed(EVIDENCE))
    assert (list(event["culprits"]), list(event["honest"])) == ([culprit], [first, third])
    assert event["refund"] == FEE_WEI
    assert list(event["signatures"]) == [hexed(signature) for signature in signatures]


def test_fail__the_culprit_was_leaving__keeps_the_deposit(world, assigned):
    culprit = world.trainers[0]
    world.staking.requestExit({"from": culprit})
    fail_job(world, assigned, [culprit])
    pass_time(UNBONDING_S + 1)
    with refuses("NodeStaking_Frozen", culprit):
        world.staking.withdraw({"from": culprit})


def test_fail__the_deadline_has_passed__credits_the_customer_in_full(world, assigned):
    next_block_at(world.escrow.job(assigned.id)["deadline"] + 1)
    fail_job(world, assigned)
    assert refunded(world, assigned)


def test_fail__the_escrow_is_paused__credits_the_customer_in_full(world, assigned):
    world.escrow.pause({"from": world.admin})
    fail_job(world, assigned)
    assert refunded(world, assigned)
