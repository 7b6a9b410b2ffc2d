import pytest
from brownie import EnergyLedger
from escrow_world import ZERO_WORD, hexed, lacks_role, ref, refuses
from eth_abi import encode
from eth_utils import keccak

pytestmark = pytest.mark.contracts


@pytest.fixture
def ledger(world):
    """A ledger that the operator records in."""
    return EnergyLedger.deploy(world.admin, world.operator, {"from": world.admin})


@pytest.fixture
def record(world, ledger):
    return lambda job, root, millijoules: ledger.record(job, root, millijoules, {"from": world.operator})


def epoch_hash(index, job, root, millijoules, previous):
    types = ["uint256", "bytes32", "bytes32", "uint256", "bytes32"]
    return keccak(encode(types, [index, job, root, millijoules, previous]))


def test_record__the_caller_is_not_the_recorder__is_refused(world, ledger):
    for account in (world.admin, world.stranger):
        with lacks_role(account, ledger.RECORDER_ROLE()):
            ledger.record(ref("a"), ref("root"), 1, {"from": account})


def test_record__there_is_no_reference__is_refused(record):
    with refuses("EnergyLedger_EmptyReference"):
        record(ZERO_WORD, ref("root"), 1)


def test_record__the_job_was_recorded__is_refused_without_a_change(ledger, record):
    record(ref("a"), ref("root"), 1_000)
    head = ledger.headHash()
    with refuses("EnergyLedger_AlreadyRecorded", ref("a"), 0):
        record(ref("a"), ref("another root"), 1)
    assert (ledger.headHash(), ledger.count()) == (head, 1)


def test_record__nothing_was_recorded__has_no_head(ledger):
    assert ledger.headHash() == hexed(ZERO_WORD)
    assert ledger.count() == 0


def test_record__the_job_was_not_recorded__refuses_to_show_its_ledger_epoch(ledger, record):
    record(ref("a"), ref("root"), 1_000)
    assert ledger.isRecorded(ref("a"))
    assert not ledger.isRecorded(ref("b"))
    with refuses("EnergyLedger_NotRecorded", ref("b")):
        ledger.epochOf(ref("b"))


def test_record__the_job_was_not_recorded__forms_a_chain_that_anybody_recomputes(ledger, record):
    record(ref("a"), ref("root a"), 1_000)
    record(ref("b"), ref("root b"), 2_000)
    first = epoch_hash(0, ref("a"), ref("root a"), 1_000, ZERO_WORD)
    assert ledger.headHash() == hexed(epoch_hash(1, ref("b"), ref("root b"), 2_000, first))
    index, epoch = ledger.epochOf(ref("b"))
    assert (index, ledger.count()) == (1, 2)
    assert epoch == ledger.epoch(1)
    assert (epoch["jobRef"], epoch["merkleRoot"]) == (hexed(ref("b")), hexed(ref("root b")))
    assert (epoch["totalMillijoules"], epoch["prevHash"]) == (2_000, hexed(first))


def test_record__the_job_was_not_recorded__tells_the_ledger_epoch_in_its_event(record):
    event = record(ref("a"), ref("root a"), 1_000).events["EpochRecorded"]
    assert (event["index"], event["jobRef"], event["merkleRoot"]) == (
        0,
        hexed(ref("a")),
        hexed(ref("root a")),
    )
    assert (event["totalMillijoules"], event["prevHash"]) == (1_000, hexed(ZERO_WORD))
    assert event["epochHash"] == hexed(epoch_hash(0, ref("a"), ref("root a"), 1_000, ZERO_WORD))
