import pytest
from brownie import chain
from credited import DIRTY, baseline, fixable, reading, sealed
from escrow_world import hexed, ref, refuses
from eth_utils import keccak

pytestmark = pytest.mark.contracts
JOB = ref("credited")


@pytest.fixture
def fixed(world, credit):
    """A baseline; when it was fixed."""
    return credit.fixBaseline(*fixable(baseline(JOB)), {"from": world.operator}).timestamp


@pytest.fixture
def readings(world):
    """Two nodes, two rounds, and what one of them took to set up."""
    one, other = world.trainers[:2]
    return [reading(JOB, 0, one), *(reading(JOB, n, node) for n in (1, 2) for node in (one, other))]


@pytest.fixture
def job(ledger, fixed, readings):
    """Sealed and final."""
    return sealed(ledger, readings, baseline(JOB), fixed)


@pytest.fixture
def issue(world, credit):
    return lambda *arguments: credit.issue(*arguments, {"from": world.stranger})


def test_issue__the_epoch_is_not_final__is_refused(ledger, fixed, readings, issue):
    job = sealed(ledger, readings, baseline(JOB), fixed, final=False)
    with refuses("CarbonCredit_NotFinal", job.epoch):
        issue(*job.arguments())


def test_issue__the_epoch_is_void__is_refused_for_ever(ledger, fixed, readings, issue):
    job = sealed(ledger, readings, baseline(JOB), fixed, final=False)
    ledger.contract.challenge(job.epoch, ref("wrong"), [], {"from": ledger.arbiter})
    ledger.contract.arbitrate(job.epoch, False, {"from": ledger.arbiter})
    chain.sleep(10**6)
    with refuses("CarbonCredit_NotFinal", job.epoch):
        issue(*job.arguments())


def test_issue__the_job_has_no_baseline__is_refused(ledger, readings, issue):
    job = sealed(ledger, readings, baseline(JOB), chain.time())
    with refuses("CarbonCredit_NoBaseline", JOB):
        issue(*job.arguments())


def test_issue__the_baseline_came_after_the_start__is_refused(ledger, fixed, readings, issue):
    job = sealed(ledger, readings, baseline(JOB), fixed - 1)
    with refuses("CarbonCredit_FixedTooLate", JOB, fixed, fixed - 1):
        issue(*job.arguments())


def test_issue__the_job_is_not_of_the_epoch__is_refused(job, issue):
    epoch, summary, proof, claims = job.arguments()
    with refuses("CarbonCredit_UnknownJob", epoch, JOB):
        issue(epoch, summary._replace(micrograms=summary.micrograms - 1), proof, claims)
    with refuses("CarbonCredit_NotFinal", epoch + 1):
        issue(epoch + 1, summary, proof, claims)


def test_issue__a_reading_was_altered__is_refused(world, job, issue):
    altered = {"millijoules": 1, "intensity": 1, "node": str(world.stranger), "site_millijoules": 1}
    for field, value in altered.items():
        with refuses("CarbonCredit_UnknownReading"):
            issue(*job.arguments()[:3], [job.proven(0, **{field: value})])
    with refuses("CarbonCredit_OtherJob"):
        issue(*job.arguments()[:3], [job.proven(0, job=hexed(ref("other")))])
    with refuses("CarbonCredit_NoRound", JOB):
        issue(*job.arguments()[:3], [job.proven(0, round=0)])


def test_issue__a_claim_was_altered__is_refused(job, issue):
    for field in ("started", "uncertainty_ug", "chain_ug", "excess_ug"):
        altered = getattr(job.claims[0], field) + (1 if field == "started" else -1)
        with refuses("CarbonCredit_UnknownClaim"):
            issue(*job.arguments()[:3], [job.proven(0, **{field: altered})])


def test_issue__a_claim_was_sealed_too_certain__is_refused(ledger, fixed, readings, issue):
    least = -(-readings[1].micrograms * 400_000 // 10**6)
    job = sealed(ledger, readings, baseline(JOB), fixed, uncertainty_ug=least - 1)
    with refuses("CarbonCredit_TooCertain", least - 1, least):
        issue(*job.arguments(0))


def test_issue__a_node_avoided_nothing__is_refused(world, ledger, fixed, readings, issue):
    wasteful = reading(JOB, 1, world.trainers[2], DIRTY)
    job = sealed(ledger, [*readings[:3], wasteful], baseline(JOB), fixed)
    assert job.claims[2].amount_ug == 0
    with refuses("CarbonCredit_NothingAvoided", job.claims[2].serial(keccak)):
        issue(*job.arguments(2))


def test_issue__a_claim_was_issued__is_refused_with_all_that_comes_with_it(job, credit, issue):
    issue(*job.arguments(1))
    with refuses("CarbonCredit_AlreadyIssued", job.claims[1].serial(keccak)):
        issue(*job.arguments())
    with refuses("CarbonCredit_AlreadyIssued", job.claims[0].serial(keccak)):
        issue(*job.arguments(0, 0))
    assert credit.issuedFor(JOB) == (1, job.claims[1].amount_ug)


def test_issue__issuing_is_paused__is_refused(world, job, credit, issue):
    credit.pauseIssue({"from": world.admin})
    with refuses("EnforcedPause"):
        issue(*job.arguments())
    credit.resumeIssue({"from": world.admin})
    issue(*job.arguments())


def test_issue__the_claims_follow_the_rule__mints_what_was_avoided_less_all_that_counts_against_it(
    job, credit, issue
):
    issue(*job.arguments())
    for node in {claim.node for claim in job.claims}:
        own = [claim for claim in job.claims if claim.node == node]
        held = credit.balanceOf(node, credit.idOf(own[0].hour, b"ES".ljust(32, b"\0")))
        assert held == sum(claim.amount_ug for claim in own) > 0


def test_issue__the_claims_follow_the_rule__tells_each_credit_in_an_event(job, credit, issue):
    events = issue(*job.arguments()).events["CreditIssued"]
    for event, claim in zip(events, job.claims, strict=True):
        assert (event["job"], event["node"], event["round"]) == (claim.job, claim.node, claim.round)
        assert (event["epoch"], event["amount"]) == (job.epoch, claim.amount_ug)
        assert event["id"] == credit.idOf(claim.hour, b"ES".ljust(32, b"\0"))
        assert (event["serial"], event["claimLeaf"]) == (
            hexed(claim.serial(keccak)),
            hexed(claim.leaf(keccak)),
        )


def test_issue__the_claims_follow_the_rule__stays_within_what_the_job_avoided(job, credit, issue):
    issue(*job.arguments())
    claims, issued = credit.issuedFor(JOB)
    assert claims == 4
    assert 0 < issued <= 4 * 5_000 - job.summary.micrograms
