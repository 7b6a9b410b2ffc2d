from dataclasses import replace

import pytest
from brownie import chain
from escrow_world import hexed, lacks_role, pass_time, refuses
from ledger_world import (
    MARKET_BLOCK,
    MARKET_HASH,
    RECOVERY_S,
    jobs,
    members_of,
    next_epoch,
    renew,
    seal,
    sign_epoch,
)

pytestmark = pytest.mark.contracts

OTHERS = members_of("other", [10**21, 10**21, 10**21])


def test_checkpoints__somebody_else_than_the_keeper_anchors__is_refused(world, empty):
    for account in (world.admin, world.arbiter, world.stranger):
        with lacks_role(account, empty.contract.KEEPER_ROLE()):
            empty.contract.anchor(MARKET_BLOCK, MARKET_HASH, empty.said, {"from": account})


def test_checkpoints__there_is_a_checkpoint__refuses_to_anchor_again(ledger):
    with refuses("EnergyLedger_NotStuck", 0):
        ledger.contract.anchor(MARKET_BLOCK + 1, MARKET_HASH, ledger.said, {"from": ledger.keeper})


def test_checkpoints__there_is_a_checkpoint__anchors_again_where_an_epoch_was_called_for_long_ago(ledger):
    ledger.contract.callProposer(ledger.by)
    pass_time(RECOVERY_S)
    said = replace(ledger, members=OTHERS).said
    tx = ledger.contract.anchor(MARKET_BLOCK + 1, MARKET_HASH, said, {"from": ledger.keeper})
    assert tx.events["CheckpointMade"]["anchored"]


def test_checkpoints__a_quorum_of_the_members_signs_the_next_ones__lets_only_these_seal(ledger):
    renew(ledger, OTHERS)
    due = next_epoch(ledger)
    with refuses("EnergyLedger_WrongMembers", 1):
        ledger.contract.seal(due, jobs(), ledger.said, sign_epoch(ledger, due, jobs()), ledger.by)
    seal(replace(ledger, members=OTHERS))
    assert ledger.contract.epoch(0)["checkpoint"] == 1


def test_checkpoints__a_quorum_of_the_members_signs_the_next_ones__tells_the_next_ones_in_its_event(ledger):
    event = renew(ledger, OTHERS).events["CheckpointMade"]
    assert (event["id"], event["marketBlock"], event["anchored"]) == (1, MARKET_BLOCK + 1, False)
    assert event["marketHash"] == hexed(MARKET_HASH)
    assert [tuple(member) for member in event["members"]] == replace(ledger, members=OTHERS).said


def test_checkpoints__less_than_two_thirds_of_the_weight_signed__is_refused(ledger):
    heavy = [account.address for account, weight in ledger.members if weight == 2 * 10**21]
    with refuses("EnergyLedger_QuorumNotReached", 2 * 10**21, 6 * 10**21):
        renew(ledger, OTHERS, silent=heavy)


def test_checkpoints__the_signatures_are_for_another_chain_or_ledger__is_refused(ledger):
    for elsewhere in ({"chain_id": chain.id + 1}, {"contract": ledger.members[0][0].address}):
        with refuses("EnergyLedger_UnknownSigner"):
            renew(ledger, OTHERS, **elsewhere)


def test_checkpoints__the_market_block_is_not_later__is_refused(ledger):
    with refuses("EnergyLedger_OldMarketBlock", MARKET_BLOCK, MARKET_BLOCK):
        renew(ledger, OTHERS, block=MARKET_BLOCK)
