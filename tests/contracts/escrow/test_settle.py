import pytest
from brownie import JobEscrow, chain
from endings import ENDINGS, end
from escrow_world import (
    COMMISSION_BPS,
    CONTEST_S,
    DEPOSIT_WEI,
    DRAWING,
    FEE_WEI,
    NEWCOMER_BPS,
    NONE,
    OPEN,
    SETTLED,
    TRAINER,
    ZERO_WORD,
    Job,
    assign_job,
    books_balance,
    bound,
    choose_trainers,
    crowd,
    hexed,
    next_block_at,
    node_key,
    ref,
    refuses,
    set_baseline,
    status_of,
)
from eth_account import Account
from verdicts import (
    EVIDENCE,
    RESULT,
    commission_wei,
    fail_job,
    judge,
    pool_wei,
    score,
    settle_job,
    settle_verdict,
    sign,
)

pytestmark = pytest.mark.contracts

ORDER_OF_THE_CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def refuses_signer():
    return refuses("Verdicts_UnknownSigner")


def two_validators(world):
    """A job with the two validators that there are."""
    for validator in world.validators[:2]:
        world.staking.requestExit({"from": validator})
    return assign_job(world)


def test_settle__the_job_is_not_assigned__is_refused(world, opened):
    for job, status in ((Job(ref("never"), ()), NONE), (Job(opened, ()), OPEN)):
        with refuses("JobEscrow_WrongStatus", job.id, status):
            judge(world, job, settle_verdict(job, [], []))
    job = choose_trainers(world, opened)
    with refuses("JobEscrow_WrongStatus", opened, DRAWING):
        judge(world, job, settle_verdict(job), sign(world, settle_verdict(job), world.validators))


@pytest.mark.parametrize("ending", ENDINGS)
def test_settle__the_job_has_ended__is_refused(world, ending):
    job, status = end(world, ending)
    held, owed = world.token.balanceOf(world.escrow), world.escrow.totalCredits()
    with refuses("JobEscrow_WrongStatus", job.id, status):
        judge(world, job, settle_verdict(job, payees=world.trainers))
    assert (world.token.balanceOf(world.escrow), world.escrow.totalCredits()) == (held, owed)


def test_settle__the_payees_are_not_all_the_trainers_in_order__is_refused(world, assigned):
    first, second, third = world.trainers
    for payees in (
        [first],
        [third, second, first],
        [first, second, world.operator],
        [first, second, world.validators[0]],
        [first, second, third, third],
        [],
    ):
        verdict = settle_verdict(assigned, [0] * len(payees), payees)
        with refuses("JobEscrow_WrongCrew", assigned.id):
            judge(world, assigned, verdict)


def test_settle__the_crew_is_not_the_one_drawn__is_refused(world, assigned):
    validators, keys = assigned.crew
    own = [str(world.operator)] * 3
    for crew in (
        (validators, own),
        (own, keys),
        (validators[:2], keys[:2]),
        (validators, keys[::-1]),
        ([], []),
    ):
        with refuses("JobEscrow_WrongCrew", assigned.id):
            judge(world, assigned, settle_verdict(assigned), crew=crew)


def test_settle__nobody_signed__is_refused(world, assigned):
    with refuses("JobEscrow_QuorumNotReached", 0, 2):
        judge(world, assigned, settle_verdict(assigned), [])


def test_settle__one_of_three_signed__is_refused(world, assigned):
    verdict = settle_verdict(assigned)
    with refuses("JobEscrow_QuorumNotReached", 1, 2):
        judge(world, assigned, verdict, sign(world, verdict, assigned.validators[2:]))


def test_settle__one_validator_signed_thrice__is_refused(world, assigned):
    verdict = settle_verdict(assigned)
    with refuses("JobEscrow_QuorumNotReached", 1, 2):
        judge(world, assigned, verdict, sign(world, verdict, assigned.validators[:1]) * 3)


def test_settle__both_of_two_validators_must_sign_and_one_did__is_refused(world):
    job = two_validators(world)
    verdict = settle_verdict(job)
    with refuses("JobEscrow_QuorumNotReached", 1, 2):
        judge(world, job, verdict, sign(world, verdict, job.validators[:1]))


def test_settle__a_validator_that_was_not_drawn_signed__is_refused(world, assigned):
    (undrawn,) = set(map(str, world.validators)) - set(assigned.validators)
    verdict = settle_verdict(assigned)
    with refuses("Verdicts_UnknownSigner", node_key(undrawn).address):
        judge(world, assigned, verdict, sign(world, verdict, [*assigned.validators, undrawn]))


def test_settle__a_signature_is_malformed__is_refused(world, assigned):
    for junk in (b"", b"\x01" * 64, b"\x00" * 65, b"\xff" * 65):
        with refuses_signer():
            judge(world, assigned, settle_verdict(assigned), [junk, junk])


def test_settle__a_signature_is_the_mirrored_one__is_refused(world, assigned):
    verdict = settle_verdict(assigned)
    (good,) = sign(world, verdict, assigned.validators[:1])
    mirrored_s = ORDER_OF_THE_CURVE - int.from_bytes(good[32:64], "big")
    mirrored = good[:32] + mirrored_s.to_bytes(32, "big") + bytes([27 + 28 - good[64]])
    with refuses_signer():
        judge(world, assigned, verdict, [good, mirrored])


def test_settle__a_signature_is_the_short_one__is_refused(world, assigned):
    verdict = settle_verdict(assigned)
    long = sign(world, verdict, assigned.validators[:2])
    # EIP-2098: the parity stands in the highest bit of s.
    short = [good[:32] + bytes([good[32] | (good[64] - 27) << 7]) + good[33:64] for good in long]
    with refuses_signer():
        judge(world, assigned, verdict, short)


def test_settle__the_signatures_are_for_another_word_of_the_verdict__is_refused(world, assigned):
    signed = settle_verdict(assigned)
    signatures = sign(world, signed, assigned.validators)
    others = [
        signed._replace(result_hash=ref("another model")),
        signed._replace(evidence_hash=ref("other reports")),
        signed._replace(amounts=[signed.amounts[1], signed.amounts[0], signed.amounts[2]]),
        signed._replace(scores=[score(1_000_000), *signed.scores[1:]]),
    ]
    for other in others:
        with refuses_signer():
            judge(world, assigned, other, signatures)


def test_settle__the_signatures_are_for_another_escrow__is_refused(world, assigned):
    people = world.admin, world.operator, world.arbiter, world.treasury
    by = {"from": world.admin}
    twin = JobEscrow.deploy(world.token, world.staking, *people, COMMISSION_BPS, CONTEST_S, by)
    verdict = settle_verdict(assigned)
    with refuses_signer():
        judge(world, assigned, verdict, sign(world, verdict, assigned.validators, escrow=twin))


def test_settle__the_signatures_are_for_another_chain__is_refused(world, assigned):
    verdict = settle_verdict(assigned)
    with refuses_signer():
        judge(world, assigned, verdict, sign(world, verdict, assigned.validators, chain_id=chain.id + 1))


def test_settle__an_amount_is_missing__is_refused(world, assigned):
    verdict = settle_verdict(assigned)._replace(amounts=[pool_wei()])
    with refuses("JobEscrow_LengthMismatch", 3, 1, 3):
        judge(world, assigned, verdict)


def test_settle__a_score_is_missing__is_refused(world, assigned):
    verdict = settle_verdict(assigned)._replace(scores=[score(1)] * 4)
    with refuses("JobEscrow_LengthMismatch", 3, 3, 4):
        judge(world, assigned, verdict)


@pytest.mark.parametrize("off_by", [-1, 1])
def test_settle__the_amounts_are_a_wei_off__is_refused(world, assigned, off_by):
    verdict = settle_verdict(assigned, [pool_wei(), 0, off_by] if off_by > 0 else [pool_wei() - 1, 0, 0])
    with refuses("JobEscrow_WrongSum", pool_wei() + off_by, pool_wei()):
        judge(world, assigned, verdict)


def test_settle__the_amounts_overflow__is_refused(world, assigned):
    with refuses("Integer overflow"):
        judge(world, assigned, settle_verdict(assigned, [2**256 - 1, pool_wei() + 1, 0]))


def test_settle__there_are_65_payees__is_refused(world):
    job = assign_job(world, trainers=crowd(world, 65))
    with refuses("JobEscrow_TooManyPayees", 65, 64):
        settle_job(world, job)


def test_settle__a_quorum_signed__credits_every_payee_and_the_treasury_with_every_wei(world, assigned):
    verdict = settle_verdict(assigned)
    settle_job(world, assigned)
    assert status_of(world, assigned.id) == SETTLED
    for trainer, amount in zip(world.trainers, verdict.amounts, strict=True):
        assert world.escrow.credit(trainer) == amount
    assert world.escrow.credit(world.treasury) == commission_wei() == FEE_WEI - sum(verdict.amounts)
    assert (world.escrow.totalCredits(), world.escrow.openFees()) == (FEE_WEI, 0)
    assert world.escrow.credit(world.customer) == 0
    assert books_balance(world)


def test_settle__a_quorum_signed__sets_the_nodes_free(world, assigned):
    settle_job(world, assigned)
    assert bound(world, assigned.nodes) == [0] * 6
    record = world.escrow.job(assigned.id)
    assert (record["released"], record["commitment"]) == (True, hexed(ZERO_WORD))


def test_settle__a_quorum_signed__moves_every_quality_an_eighth_of_the_way_to_its_share_of_the_best(
    world, assigned
):
    settle_job(world, assigned, accuracies_ppm=[600_000, 800_000, 400_001])
    # To 7500, 10000 and 5000 and an eightieth of one, rounded down.
    assert list(world.escrow.qualityOf(world.trainers)) == [5_312, 5_625, 5_000]
    assert list(world.escrow.qualityOf([*world.validators, world.stranger])) == [NEWCOMER_BPS] * 5
    settle_job(world, assign_job(world, "second"), accuracies_ppm=[1, 0, 3])
    assert list(world.escrow.qualityOf(world.trainers)) == [5_064, 4_921, 5_625]


def test_settle__a_quorum_signed__rates_every_trainer_by_quality_and_baseline(world, assigned):
    set_baseline(world, world.trainers[1], 10_000)
    settle_job(world, assigned, accuracies_ppm=[600_000, 800_000, 400_000])
    ratings = [world.staking.node(t)["rating"] for t in world.trainers]
    assert ratings == [(5_000 + 5_312) // 2, (10_000 + 5_625) // 2, 5_000]
    weights = dict(zip(*world.staking.weights(TRAINER, 2**63), strict=True))
    assert [weights[t] for t in world.trainers] == [DEPOSIT_WEI * rating for rating in ratings]


def test_settle__a_quorum_signed__tells_everything_in_its_event(world, assigned):
    verdict = settle_verdict(assigned)
    signatures = sign(world, verdict, assigned.validators[1:])
    event = judge(world, assigned, verdict, signatures).events["JobSettled"]
    assert event["jobId"] == hexed(assigned.id)
    assert (event["resultHash"], event["evidenceHash"]) == (hexed(RESULT), hexed(EVIDENCE))
    assert (list(event["payees"]), list(event["amounts"])) == (verdict.payees, verdict.amounts)
    assert list(event["scores"]) == [hexed(word) for word in verdict.scores]
    assert event["commission"] == commission_wei()
    assert list(event["signatures"]) == [hexed(signature) for signature in signatures]


def test_settle__a_quorum_signed__hashes_the_verdict_as_wallets_do(world, assigned):
    verdict = settle_verdict(assigned)
    (signature,) = sign(world, verdict, assigned.validators[:1])
    digest = bytes(world.escrow.hashSettle(verdict))
    assert Account._recover_hash(digest, signature=signature) == assigned.keys[0]


def test_settle__all_three_signed__settles(world, assigned):
    verdict = settle_verdict(assigned)
    judge(world, assigned, verdict, sign(world, verdict, assigned.validators[::-1]))
    assert status_of(world, assigned.id) == SETTLED


def test_settle__both_of_two_validators_signed__settles(world):
    job = two_validators(world)
    settle_job(world, job)
    assert status_of(world, job.id) == SETTLED


def test_settle__there_are_64_payees__settles(world):
    job = assign_job(world, trainers=crowd(world, 64))
    settle_job(world, job)
    assert status_of(world, job.id) == SETTLED
    assert sum(world.escrow.credit(t) for t in job.trainers) == pool_wei()
    assert books_balance(world)


def test_settle__a_trainer_earns_nothing__settles(world, assigned):
    settle_job(world, assigned, amounts=[pool_wei(), 0, 0])
    assert [world.escrow.credit(t) for t in world.trainers] == [pool_wei(), 0, 0]
    assert bound(world, world.trainers) == [0, 0, 0]


def test_settle__the_commission_changed_since_the_job_was_opened__takes_the_commission_agreed(world, opened):
    world.escrow.setCommission(500, {"from": world.admin})
    job = assign_job(world, "later")
    with refuses("JobEscrow_WrongSum"):
        settle_job(world, job)
    settle_job(world, job, amounts=[FEE_WEI - FEE_WEI * 500 // 10_000, 0, 0])
    assert world.escrow.credit(world.treasury) == FEE_WEI * 500 // 10_000
    world.escrow.setCommission(0, {"from": world.admin})
    assert world.escrow.job(opened)["commissionBps"] == COMMISSION_BPS


def test_settle__the_commission_was_zero__pays_the_trainers_everything(world):
    world.escrow.setCommission(0, {"from": world.admin})
    job = assign_job(world)
    settle_job(world, job, amounts=[FEE_WEI, 0, 0])
    assert world.escrow.credit(world.treasury) == 0
    assert world.escrow.credit(world.trainers[0]) == world.escrow.totalCredits() == FEE_WEI


def test_settle__the_fee_is_one_wei__pays_the_trainers_everything(world):
    job = assign_job(world, fee_wei=1)
    settle_job(world, job, amounts=[0, 1, 0])
    assert world.escrow.credit(world.trainers[1]) == world.escrow.totalCredits() == 1


def test_settle__nobody_scored_anything__moves_every_quality_an_eighth_of_the_way_to_zero(world, assigned):
    settle_job(world, assigned, accuracies_ppm=[0, 0, 0])
    assert list(world.escrow.qualityOf(world.trainers)) == [4_375] * 3


def test_settle__the_accuracies_are_the_greatest_that_fit__moves_every_quality_an_eighth_of_the_way_to_the_top(
    world, assigned
):
    settle_job(world, assigned, accuracies_ppm=[2**32 - 1] * 3)
    assert list(world.escrow.qualityOf(world.trainers)) == [5_625] * 3


def test_settle__a_trainer_was_paid_before_and_works_elsewhere__keeps_pay_and_bonds_and_quality_apart(
    world, assigned
):
    other = assign_job(world, "other")
    settle_job(world, assign_job(world, "earlier"), amounts=[pool_wei(), 0, 0], accuracies_ppm=[0, 1, 1])
    settle_job(world, assigned, amounts=[pool_wei(), 0, 0], accuracies_ppm=[0, 1, 1])
    trainer = world.trainers[0]
    assert (world.escrow.credit(trainer), world.escrow.openJobs(trainer)) == (2 * pool_wei(), 1)
    assert list(world.escrow.qualityOf([trainer])) == [3_828]
    world.escrow.withdraw({"from": trainer})
    assert (world.escrow.credit(trainer), world.escrow.openJobs(trainer)) == (0, 1)
    assert list(world.escrow.qualityOf([trainer])) == [3_828]
    fail_job(world, other)
    assert (world.escrow.credit(trainer), world.escrow.openJobs(trainer)) == (0, 0)
    assert list(world.escrow.qualityOf([trainer])) == [3_828]


def test_settle__the_deadline_has_passed__settles(world, assigned):
    next_block_at(world.escrow.job(assigned.id)["deadline"] + 1)
    settle_job(world, assigned)
    assert status_of(world, assigned.id) == SETTLED


def test_settle__the_escrow_is_paused__settles(world, assigned):
    world.escrow.pause({"from": world.admin})
    settle_job(world, assigned)
    assert status_of(world, assigned.id) == SETTLED
