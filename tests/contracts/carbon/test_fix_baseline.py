import pytest
from brownie import chain
from credited import baseline, fixable, reading, sealed
from escrow_world import ZERO_WORD, hexed, lacks_role, ref, refuses
from eth_utils import keccak

pytestmark = pytest.mark.contracts
JOB = ref("credited")


@pytest.fixture
def fix(world, credit):
    return lambda made: credit.fixBaseline(*fixable(made), {"from": world.operator})


def test_fix_baseline__the_caller_is_not_the_operator__is_refused(world, credit):
    for account in (world.admin, world.stranger):
        with lacks_role(account, credit.OPERATOR_ROLE()):
            credit.fixBaseline(*fixable(baseline(JOB)), {"from": account})


def test_fix_baseline__something_is_missing__is_refused(fix):
    nothing = {"millijoules": 0, "micrograms": 0, "hour_millijoules": 0, "node_rounds": 0}
    for field, value in {**nothing, "decision": hexed(ZERO_WORD)}.items():
        with refuses("CarbonCredit_BadBaseline", JOB):
            fix(baseline(JOB, **{field: value}))
    with refuses("CarbonCredit_BadBaseline", ZERO_WORD):
        fix(baseline(ZERO_WORD))


def test_fix_baseline__the_job_has_a_baseline__is_refused_without_a_change(credit, fix):
    fix(baseline(JOB))
    with refuses("CarbonCredit_AlreadyFixed", JOB):
        fix(baseline(JOB, micrograms=9_000))
    assert credit.baselineOf(JOB)["micrograms"] == 5_000


def test_fix_baseline__the_job_was_sealed__is_refused(world, ledger, fix):
    sealed(ledger, [reading(JOB, 1, world.trainers[0])], baseline(JOB), chain.time())
    with refuses("CarbonCredit_JobSealed", JOB):
        fix(baseline(JOB))


def test_fix_baseline__the_job_has_no_baseline__says_so(credit):
    assert credit.baselineOf(JOB)["fixedAt"] == 0
    with refuses("CarbonCredit_NoBaseline", JOB):
        credit.baselineHash(JOB)


def test_fix_baseline__the_job_has_no_baseline__keeps_it_with_the_time_of_the_block(credit, fix):
    transaction = fix(baseline(JOB))
    kept = credit.baselineOf(JOB)
    assert (kept["millijoules"], kept["micrograms"]) == (50_000, 5_000)
    assert (kept["nodeRounds"], kept["hourMillijoules"]) == (4, 400_000)
    assert (kept["decision"], kept["fixedAt"]) == (baseline(JOB).decision, transaction.timestamp)
    assert credit.baselineHash(JOB) == hexed(baseline(JOB).digest(keccak))


def test_fix_baseline__the_job_has_no_baseline__tells_it_in_its_event(fix):
    transaction = fix(baseline(JOB))
    event = transaction.events["BaselineFixed"]
    assert (event["job"], event["baselineHash"]) == (hexed(JOB), hexed(baseline(JOB).digest(keccak)))
    assert (event["millijoules"], event["micrograms"], event["nodeRounds"]) == (50_000, 5_000, 4)
    assert (event["hourMillijoules"], event["decision"]) == (400_000, baseline(JOB).decision)
    assert event["fixedAt"] == transaction.timestamp
