import pytest
from brownie import EnergyLedger, accounts
from escrow_world import ref, refuses
from eth_abi import encode
from eth_utils import keccak

pytestmark = pytest.mark.contracts

ZERO = b"\x00" * 32


@pytest.fixture
def recorder():
    return accounts[1]


@pytest.fixture
def ledger(recorder):
    return EnergyLedger.deploy(accounts[0], recorder, {"from": accounts[0]})


def epoch_hash(index, job, root, millijoules, previous):
    return keccak(
        encode(
            ["uint256", "bytes32", "bytes32", "uint256", "bytes32"], [index, job, root, millijoules, previous]
        )
    )


def test_record__two_jobs__form_a_chain_anybody_can_recompute(ledger, recorder):
    ledger.record(ref("a"), ref("root a"), 1_000, {"from": recorder})
    tx = ledger.record(ref("b"), ref("root b"), 2_000, {"from": recorder})

    first = epoch_hash(0, ref("a"), ref("root a"), 1_000, ZERO)
    second = epoch_hash(1, ref("b"), ref("root b"), 2_000, first)
    assert ledger.count() == 2
    assert bytes(ledger.headHash()) == second
    event = tx.events["EpochRecorded"]
    assert (event["index"], event["totalMillijoules"]) == (1, 2_000)
    assert event["prevHash"] == "0x" + first.hex()
    assert event["epochHash"] == "0x" + second.hex()
    index, epoch = ledger.epochOf(ref("b"))
    assert index == 1
    assert epoch["merkleRoot"] == "0x" + ref("root b").hex()


def test_record__the_same_job_again__is_refused_and_changes_nothing(ledger, recorder):
    ledger.record(ref("a"), ref("root"), 1_000, {"from": recorder})
    head = ledger.headHash()
    with refuses("EnergyLedger_AlreadyRecorded"):
        ledger.record(ref("a"), ref("another root"), 1, {"from": recorder})
    assert ledger.headHash() == head


def test_record__without_the_role__is_refused(ledger):
    for account in (accounts[0], accounts[2]):
        with refuses("AccessControlUnauthorizedAccount"):
            ledger.record(ref("a"), ref("root"), 1, {"from": account})


def test_record__no_reference__is_refused(ledger, recorder):
    with refuses("EnergyLedger_EmptyReference"):
        ledger.record(ZERO, ref("root"), 1, {"from": recorder})


def test_epoch_of__unknown_job__is_refused(ledger):
    assert not ledger.isRecorded(ref("a"))
    with refuses("EnergyLedger_NotRecorded"):
        ledger.epochOf(ref("a"))
