from dataclasses import replace

import pytest
from brownie import chain
from endings import ENDINGS, end, tree_of
from escrow_world import (
    DRAWING,
    FEE_WEI,
    NEWCOMER_BPS,
    NONE,
    OPEN,
    SETTLED,
    Job,
    assign_job,
    books_balance,
    bound,
    choose_trainers,
    crowd,
    hexed,
    ref,
    refuses,
    status_of,
)
from eth_account import Account
from payout_tree import payout_tree
from verdicts import (
    EVIDENCE,
    RESULT,
    commission_wei,
    judge,
    payout_verdict,
    pool_wei,
    settle_verdict,
    sign,
)

pytestmark = pytest.mark.contracts


@pytest.fixture
def verdict(assigned):
    return payout_verdict(assigned, tree_of(assigned))


def test_settle_by_root__the_job_is_not_assigned__is_refused(world, opened):
    tree = payout_tree([(str(world.trainers[0]), pool_wei())])
    for job, status in ((Job(ref("never"), ()), NONE), (Job(opened, ()), OPEN)):
        with refuses("JobEscrow_WrongStatus", job.id, status):
            judge(world, job, payout_verdict(job, tree))
    job = choose_trainers(world, opened)
    with refuses("JobEscrow_WrongStatus", opened, DRAWING):
        judge(world, job, payout_verdict(job, tree))


@pytest.mark.parametrize("ending", ENDINGS)
def test_settle_by_root__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    tree = payout_tree([(str(world.trainers[0]), pool_wei())])
    with refuses("JobEscrow_WrongStatus", job.id, status):
        judge(world, job, payout_verdict(job, tree))


def test_settle_by_root__the_trainers_or_the_crew_are_others__is_refused(world, assigned, verdict):
    validators, keys = assigned.crew
    own = [str(world.operator)] * 3
    for crew in ((validators, own), (own, keys), (validators[:2], keys[:2]), ([], [])):
        with refuses("JobEscrow_WrongCrew", assigned.id):
            judge(world, assigned, verdict, crew=crew)
    with refuses("JobEscrow_WrongCrew", assigned.id):
        judge(world, replace(assigned, trainers=assigned.trainers[:2]), verdict)


def test_settle_by_root__one_of_three_signed__is_refused(world, assigned, verdict):
    with refuses("JobEscrow_QuorumNotReached", 1, 2):
        judge(world, assigned, verdict, sign(world, verdict, assigned.validators[:1]) * 2)


def test_settle_by_root__the_signatures_are_for_another_word_of_the_verdict__is_refused(
    world, assigned, verdict
):
    signatures = sign(world, verdict, assigned.validators)
    others = [
        verdict._replace(result_hash=ref("another model")),
        verdict._replace(evidence_hash=ref("other reports")),
        verdict._replace(payout_root=ref("another root")),
        verdict._replace(payees=4),
    ]
    for other in others:
        with refuses("Verdicts_UnknownSigner"):
            judge(world, assigned, other, signatures)


def test_settle_by_root__the_signatures_are_for_a_settlement_by_names__is_refused(world, assigned, verdict):
    signatures = sign(world, settle_verdict(assigned), assigned.validators)
    with refuses("Verdicts_UnknownSigner"):
        judge(world, assigned, verdict, signatures)


def test_settle_by_root__the_signatures_are_for_another_chain_or_escrow__is_refused(world, assigned, verdict):
    for elsewhere in ({"chain_id": chain.id + 1}, {"escrow": world.staking}):
        with refuses("Verdicts_UnknownSigner"):
            judge(world, assigned, verdict, sign(world, verdict, assigned.validators, **elsewhere))


def test_settle_by_root__a_quorum_signed__credits_the_treasury_alone(world, assigned, verdict):
    judge(world, assigned, verdict)
    assert status_of(world, assigned.id) == SETTLED
    assert world.escrow.credit(world.treasury) == commission_wei()
    assert [world.escrow.credit(t) for t in world.trainers] == [0, 0, 0]
    assert (world.escrow.totalCredits(), world.escrow.openFees()) == (FEE_WEI, 0)
    assert books_balance(world)


def test_settle_by_root__a_quorum_signed__keeps_the_nodes_bound_until_they_are_released(
    world, assigned, verdict
):
    judge(world, assigned, verdict)
    assert bound(world, assigned.nodes) == [1] * 6
    world.escrow.release(assigned.id, assigned.trainers, assigned.crew, {"from": world.stranger})
    assert bound(world, assigned.nodes) == [0] * 6


def test_settle_by_root__a_quorum_signed__leaves_every_quality_alone(world, assigned, verdict):
    judge(world, assigned, verdict)
    assert list(world.escrow.qualityOf(assigned.nodes)) == [NEWCOMER_BPS] * 6


def test_settle_by_root__a_quorum_signed__tells_everything_in_its_event(world, assigned, verdict):
    signatures = sign(world, verdict, assigned.validators)
    event = judge(world, assigned, verdict, signatures).events["JobSettledByRoot"]
    assert event["jobId"] == hexed(assigned.id)
    assert (event["resultHash"], event["evidenceHash"]) == (hexed(RESULT), hexed(EVIDENCE))
    assert (event["payoutRoot"], event["payees"]) == (hexed(verdict.payout_root), 3)
    assert event["commission"] == commission_wei()
    assert list(event["signatures"]) == [hexed(signature) for signature in signatures]
    assert world.escrow.payoutRoot(assigned.id) == hexed(verdict.payout_root)


def test_settle_by_root__a_quorum_signed__hashes_the_verdict_as_wallets_do(world, assigned, verdict):
    (signature,) = sign(world, verdict, assigned.validators[:1])
    digest = bytes(world.escrow.hashPayout(verdict))
    assert Account._recover_hash(digest, signature=signature) == assigned.keys[0]


def test_settle_by_root__the_escrow_is_paused__settles(world, assigned, verdict):
    world.escrow.pause({"from": world.admin})
    judge(world, assigned, verdict)
    assert status_of(world, assigned.id) == SETTLED


def test_settle_by_root__there_are_65_trainers__pays_every_one_of_them(world):
    job = assign_job(world, trainers=crowd(world, 65))
    share, rest = divmod(pool_wei(), 65)
    tree = payout_tree([(t, share + (rest if i == 64 else 0)) for i, t in enumerate(job.trainers)])
    judge(world, job, payout_verdict(job, tree))
    for index in range(65):
        world.escrow.claim(job.id, *tree.claim(index), {"from": world.stranger})
    assert [world.escrow.credit(t) for t in job.trainers] == [share] * 64 + [share + rest]
    assert books_balance(world)
