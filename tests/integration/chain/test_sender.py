"""Stuck, lost, replaced and superseded transactions: each write happens once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.fees import Pace
from backend.adapters.chain.sender import Sender
from backend.errors import Conflict, Invalid, Recoverable
from tests.integration.chain.waiting_sender import AMOUNT_WEI, WaitingSender
from tests.support.chains import ChainWorld, chain_world


@pytest.fixture(scope="module")
def chain() -> Iterator[ChainWorld]:
    """A chain of its own: Anvil forgets old states, and after many blocks a reorganisation would find none to go back to."""
    with chain_world() as world:
        yield world


def nothing() -> None:
    """A nap in which nothing happens."""


def test_send__done_before__sends_nothing(stage):
    made = WaitingSender(stage)
    before = made.nonce()
    assert made.sender.send(made.drip, lambda: "0xdone") == "0xdone"
    assert made.nonce("pending") == before


def test_send__refused__is_told_in_a_sentence_and_costs_nothing(stage):
    made = WaitingSender(stage)
    too_much = stage.world.contract("LocalFaucet").functions.drip(made.to, 10**30)
    balance = stage.world.web3.eth.get_balance(made.sender.address)
    with pytest.raises(Conflict, match="LocalFaucet_AboveCap") as refusal:
        made.sender.send(too_much, lambda: None)
    assert refusal.value.code == "chain.rejected"
    assert stage.world.web3.eth.get_balance(made.sender.address) == balance


def test_send__stuck__is_replaced_with_a_higher_fee_and_mined_once(stage):
    made = WaitingSender(stage)
    made.pause_mining()
    fees = []

    def look() -> None:
        (pooled,) = stage.world.rpc("txpool_content")["pending"][made.sender.address.lower()].values()
        fees.append(int(pooled["maxFeePerGas"], 16))

    made.naps = [look, nothing, nothing, nothing, look, made.mine]
    before = made.nonce()
    tx = made.sender.send(made.drip, made.done)
    assert stage.world.web3.eth.get_transaction_receipt(tx)["status"] == 1
    assert fees[1] >= fees[0] * 5 // 4
    assert (made.held(), made.nonce()) == (AMOUNT_WEI, before + 1)


def test_send__dropped_by_the_pool__is_sent_again(stage):
    made = WaitingSender(stage)
    made.pause_mining()
    made.naps = [lambda: stage.world.rpc("anvil_dropAllTransactions"), *[nothing] * 4, made.mine]
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI


def test_send__a_dead_process_left_the_same_in_the_pool__happens_once(stage):
    dead, heir = WaitingSender(stage, Pace(give_up_s=1.0, poll_s=0.6)), WaitingSender(stage)
    dead.pause_mining()
    before = dead.nonce()
    with pytest.raises(Recoverable) as left:
        dead.sender.send(dead.drip, dead.done)
    assert left.value.code == "chain.stuck"
    heir.naps = [heir.mine]
    heir.sender.send(heir.drip, heir.done)
    assert (heir.held(), heir.nonce()) == (AMOUNT_WEI, before + 1)


def test_send__the_dead_processs_transaction_is_mined_after_all__is_seen_as_done(stage):
    dead, heir = WaitingSender(stage, Pace(give_up_s=1.0, poll_s=0.6)), WaitingSender(stage)
    dead.pause_mining()
    with pytest.raises(Recoverable):
        dead.sender.send(dead.drip, dead.done)
    dead.mine()
    assert heir.sender.send(heir.drip, heir.done) == "before"
    assert heir.held() == AMOUNT_WEI


def test_send__its_nonce_is_used_by_another__looks_again_and_does_it_once(stage):
    made, other = WaitingSender(stage), WaitingSender(stage)
    made.overtaken_by(other)
    with pytest.raises(Recoverable) as superseded:
        made.sender.send(made.drip, made.done)
    assert superseded.value.code == "chain.superseded"
    stage.world.rpc("evm_setAutomine", True)
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI


def test_send__never_mined__gives_up_for_now(stage):
    made = WaitingSender(stage)
    made.pause_mining()
    with pytest.raises(Recoverable, match="not confirmed") as stuck:
        made.sender.send(made.drip, made.done)
    assert stuck.value.code == "chain.stuck"


def test_send__three_confirmations_wanted__waits_for_them(stage):
    made = WaitingSender(stage, Pace(confirmations=3, poll_s=0.1))
    heads = []
    made.naps = [lambda: (heads.append(stage.world.web3.eth.block_number), made.mine())] * 2
    tx = made.sender.send(made.drip, made.done)
    mined = stage.world.web3.eth.get_transaction_receipt(tx)["blockNumber"]
    assert heads == [mined, mined + 1]


def test_send__taken_back_by_a_reorganisation__is_mined_again_and_stays(stage):
    made = WaitingSender(stage, Pace(confirmations=2, stuck_s=1.0, poll_s=0.6, slowest_poll_s=0.6))
    world = stage.world

    def reorganise() -> None:
        world.rpc("anvil_reorg", 1, [])
        assert made.held() == 0

    made.naps = [reorganise, nothing, nothing, made.mine, made.mine]
    before = made.nonce()
    tx = made.sender.send(made.drip, made.done)
    assert world.web3.eth.get_transaction_receipt(tx)["status"] == 1
    assert (made.held(), made.nonce()) == (AMOUNT_WEI, before + 1)


def test_send__no_coin_for_gas__says_so_and_can_be_retried(stage):
    made = WaitingSender(stage)
    stage.world.fund(made.sender.address, 1)
    with pytest.raises(Recoverable) as broke:
        made.sender.send(made.drip, made.done)
    assert broke.value.code == "chain.no_gas"
    stage.world.fund(made.sender.address)
    made.sender.send(made.drip, made.done)
    assert made.held() == AMOUNT_WEI


def test_send__a_persons_own_transaction_is_in_flight__is_followed_not_replaced(stage):
    made = WaitingSender(stage, who="customer", replaces=False)
    made.pause_mining()
    world, customer = stage.world, stage.world.person("customer")
    own = {
        "to": made.to,
        "value": 7,
        "gas": 21_000,
        "nonce": made.nonce(),
        "chainId": 31337,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 1,
    }
    sent = world.web3.eth.send_raw_transaction(customer.sign_transaction(own).raw_transaction)
    made.naps = [made.mine]
    made.sender.send(made.drip, made.done)
    assert world.web3.eth.get_transaction_receipt(sent)["status"] == 1
    assert made.held() == AMOUNT_WEI


def test_sender__not_a_key__is_refused(stage):
    connection = Connection(stage.world.deployments.market, stage.world.rpc_url)
    with pytest.raises(Invalid, match="not a private key"):
        Sender(connection, "0x12")
