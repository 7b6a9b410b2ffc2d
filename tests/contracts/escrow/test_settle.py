import pytest
from brownie import JobEscrow
from escrow_world import (
    COMMISSION_BPS,
    CONTEST_S,
    FEE_WEI,
    RESULT,
    SCORES,
    SETTLED,
    assign_job,
    books_balance,
    drawn,
    fail_job,
    judge,
    open_job,
    pool_wei,
    ref,
    refuses,
    settle_job,
    settle_verdict,
    sign,
    status_of,
)
from eth_account import Account

pytestmark = pytest.mark.contracts


def test_settle__a_quorum_signed__pays_every_wei_once(world, assigned):
    verdict = settle_verdict(world, assigned)
    tx = settle_job(world, assigned)

    assert status_of(world, assigned) == SETTLED
    for trainer, amount in zip(world.trainers, verdict[4], strict=True):
        assert world.escrow.credit(trainer) == amount
    assert world.escrow.credit(world.treasury) == FEE_WEI - pool_wei()
    assert world.escrow.totalCredits() == FEE_WEI
    assert world.escrow.openFees() == 0
    assert books_balance(world)
    event = tx.events["JobSettled"]
    assert event["resultHash"] == "0x" + RESULT.hex()
    assert event["scoresHash"] == "0x" + SCORES.hex()
    assert list(event["amounts"]) == verdict[4]
    assert event["commission"] == FEE_WEI - pool_wei()


def test_settle__any__sets_the_nodes_free(world, assigned):
    nodes = (*world.trainers, *drawn(world, assigned))
    settle_job(world, assigned)
    assert all(world.staking.node(n)["assignedJobs"] == 0 for n in nodes)


def test_settle__some_trainers_earn_nothing__is_possible(world, assigned):
    verdict = settle_verdict(world, assigned, [pool_wei(), 0])
    signatures = sign(world, verdict, drawn(world, assigned)[:2])
    judge(world, assigned, verdict, signatures)
    assert world.escrow.credit(world.trainers[0]) == pool_wei()
    assert world.escrow.credit(world.trainers[2]) == 0


def test_settle__commission_changed_since_opening__uses_the_one_agreed(world, assigned):
    world.escrow.setCommission(500, {"from": world.admin})
    settle_job(world, assigned)
    assert world.escrow.credit(world.treasury) == FEE_WEI * COMMISSION_BPS // 10_000


@pytest.mark.parametrize("off_by", [-1, 1])
def test_settle__one_wei_off__is_refused(world, assigned, off_by):
    verdict = settle_verdict(world, assigned, [pool_wei() + off_by])
    with refuses("JobEscrow_WrongSum"):
        judge(world, assigned, verdict)


def test_settle__amounts_that_overflow__are_refused(world, assigned):
    verdict = settle_verdict(world, assigned, [2**256 - 1, pool_wei() + 1])
    with refuses("Integer overflow"):
        judge(world, assigned, verdict)


def test_settle__more_payees_than_amounts__is_refused(world, assigned):
    payees = [str(t) for t in world.trainers]
    verdict = (assigned, RESULT, SCORES, payees, [pool_wei()])
    with refuses("JobEscrow_LengthMismatch"):
        judge(world, assigned, verdict)


def test_settle__a_payee_that_is_no_trainer_of_the_job__is_refused(world, assigned):
    for outsider in (world.operator, world.validators[0], world.stranger):
        verdict = (assigned, RESULT, SCORES, [str(outsider)], [pool_wei()])
        with refuses("JobEscrow_NotATrainer"):
            judge(world, assigned, verdict)


def test_settle__a_payee_twice__is_refused(world, assigned):
    verdict = (assigned, RESULT, SCORES, [str(world.trainers[0])] * 2, [pool_wei() - 1, 1])
    with refuses("JobEscrow_NamedTwice"):
        judge(world, assigned, verdict)


def test_settle__on_the_operators_word_alone__is_refused(world, assigned):
    verdict = settle_verdict(world, assigned)
    with refuses("JobEscrow_QuorumNotReached"):
        judge(world, assigned, verdict, [])


def test_settle__one_validator_signs_twice__counts_once(world, assigned):
    verdict = settle_verdict(world, assigned)
    signatures = sign(world, verdict, drawn(world, assigned)[:1]) * 3
    with refuses("JobEscrow_QuorumNotReached"):
        judge(world, assigned, verdict, signatures)


def test_settle__signed_by_a_validator_that_was_not_drawn__is_refused(world, assigned):
    (undrawn,) = set(map(str, world.validators)) - set(drawn(world, assigned))
    verdict = settle_verdict(world, assigned)
    signatures = sign(world, verdict, [drawn(world, assigned)[0], undrawn])
    with refuses("Verdicts_UnknownSigner"):
        judge(world, assigned, verdict, signatures)


def test_settle__a_malformed_signature__is_refused(world, assigned):
    verdict = settle_verdict(world, assigned)
    for junk in (b"", b"\x01" * 64, b"\x00" * 65, b"\xff" * 65):
        with refuses("Verdicts_UnknownSigner"):
            judge(world, assigned, verdict, [junk, junk])


def test_settle__signed_for_another_amount__is_refused(world, assigned):
    signatures = sign(world, settle_verdict(world, assigned), drawn(world, assigned))
    with refuses("Verdicts_UnknownSigner"):
        judge(world, assigned, settle_verdict(world, assigned, [pool_wei()]), signatures)


def test_settle__a_verdict_about_another_job__is_refused(world, assigned):
    other = assign_job(world, "other")
    verdict = settle_verdict(world, other)
    with refuses("JobEscrow_WrongJob"):
        judge(world, assigned, verdict)


def test_settle__signed_for_another_escrow__is_refused(world, assigned):
    twin = JobEscrow.deploy(
        world.token,
        world.staking,
        world.admin,
        world.operator,
        world.arbiter,
        world.treasury,
        COMMISSION_BPS,
        CONTEST_S,
        {"from": world.admin},
    )
    verdict = settle_verdict(world, assigned)
    signatures = sign(world, verdict, drawn(world, assigned), escrow=twin)
    with refuses("Verdicts_UnknownSigner"):
        judge(world, assigned, verdict, signatures)


def test_settle__digest__is_the_one_wallets_compute(world, assigned):
    verdict = settle_verdict(world, assigned)
    (signature,) = sign(world, verdict, drawn(world, assigned)[:1])
    recovered = Account._recover_hash(world.escrow.hashSettle(verdict), signature=signature)
    assert recovered == world.key_of(drawn(world, assigned)[0]).address


def test_settle__twice__pays_once(world, assigned):
    settle_job(world, assigned)
    with refuses("JobEscrow_WrongStatus"):
        settle_job(world, assigned)
    assert world.escrow.totalCredits() == FEE_WEI


def test_settle__after_it_failed__is_refused(world, assigned):
    fail_job(world, assigned, [])
    with refuses("JobEscrow_WrongStatus"):
        settle_job(world, assigned)


def test_settle__not_assigned_or_unknown__is_refused(world):
    job = open_job(world)
    for job_id in (job, ref("never opened")):
        verdict = settle_verdict(world, job_id)
        with refuses("JobEscrow_WrongStatus"):
            judge(world, job_id, verdict, sign(world, verdict, world.validators))


def test_settle__while_paused__still_pays(world, assigned):
    world.escrow.pause({"from": world.admin})
    settle_job(world, assigned)
    world.escrow.withdraw({"from": world.trainers[0]})
