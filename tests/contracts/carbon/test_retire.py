import pytest
from credited import baseline, fixable, reading, sealed
from escrow_world import ref, refuses
from eth_abi import encode
from eth_utils import keccak

pytestmark = pytest.mark.contracts
JOB = ref("credited")


@pytest.fixture
def holder(world):
    return world.trainers[0]


@pytest.fixture
def job(world, ledger, credit, holder):
    """Whose credits are issued."""
    fixed = credit.fixBaseline(*fixable(baseline(JOB)), {"from": world.operator}).timestamp
    job = sealed(ledger, [reading(JOB, 1, holder)], baseline(JOB), fixed)
    credit.issue(*job.arguments(), {"from": world.stranger})
    return job


@pytest.fixture
def which(credit, job):
    return credit.idOf(job.claims[0].hour, b"ES".ljust(32, b"\0"))


@pytest.fixture
def amount(job):
    return job.claims[0].amount_ug


def test_retire__there_is_nothing_to_retire__is_refused(credit, holder, which):
    with refuses("CarbonCredit_NothingToRetire"):
        credit.retire(which, 0, "the sea", "", {"from": holder})


def test_retire__the_holder_has_less__is_refused(world, credit, holder, which, amount):
    with refuses("ERC1155InsufficientBalance"):
        credit.retire(which, amount + 1, "the sea", "", {"from": holder})
    with refuses("ERC1155InsufficientBalance"):
        credit.retire(which, 1, "the sea", "", {"from": world.stranger})
    assert credit.certificateCount() == 0


def test_retire__a_text_is_too_long__is_refused(credit, holder, which):
    with refuses("CarbonCredit_TextTooLong", 101, 100):
        credit.retire(which, 1, "a" * 101, "", {"from": holder})
    with refuses("CarbonCredit_TextTooLong", 201, 200):
        credit.retire(which, 1, "", "a" * 201, {"from": holder})


def test_retire__credits_were_retired__refuses_to_issue_them_again(world, credit, holder, job, which, amount):
    credit.retire(which, amount, "the sea", "", {"from": holder})
    with refuses("CarbonCredit_AlreadyIssued", job.claims[0].serial(keccak)):
        credit.issue(*job.arguments(), {"from": world.stranger})


def test_retire__credits_were_retired__refuses_to_hand_them_on(world, credit, holder, which, amount):
    credit.retire(which, amount, "the sea", "", {"from": holder})
    with refuses("ERC1155InsufficientBalance"):
        credit.safeTransferFrom(holder, world.stranger, which, 1, b"", {"from": holder})


def test_retire__the_holder_has_enough__keeps_a_certificate(credit, holder, which, amount):
    transaction = credit.retire(which, amount - 1, "the sea", "for 2026", {"from": holder})
    kept = credit.certificate(1)
    assert (kept["holder"], kept["id"], kept["amount"]) == (holder, which, amount - 1)
    assert kept["retiredAt"] == transaction.timestamp
    texts = keccak(encode(["string", "string"], ["the sea", "for 2026"]))
    assert kept["textHash"] == "0x" + texts.hex()
    assert credit.totals(which) == (amount, amount - 1)
    assert credit.balanceOf(holder, which) == 1


def test_retire__the_holder_has_enough__tells_beneficiary_and_reason_in_its_event(credit, holder, which):
    event = credit.retire(which, 1, "the sea", "for 2026", {"from": holder}).events["CreditRetired"]
    assert (event["certificate"], event["holder"], event["id"]) == (1, holder, which)
    assert (event["amount"], event["beneficiary"], event["reason"]) == (1, "the sea", "for 2026")


def test_retire__the_holder_has_enough__works_while_issuing_is_paused(world, credit, holder, which):
    credit.pauseIssue({"from": world.admin})
    credit.safeTransferFrom(holder, world.stranger, which, 2, b"", {"from": holder})
    assert credit.retire(which, 2, "", "", {"from": world.stranger}).return_value == 1
