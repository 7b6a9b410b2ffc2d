"""A transaction in a real page: declined, too dear, replaced, refused, taken back, away on another chain, in two tabs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.integration.web.conftest import OTHER_CHAIN_ID, Site, connected, show

Visit = Callable[..., Visitor]
FRIEND = "0x" + "77" * 20
ONE = str(10**18)


def give_one(visitor: Visitor) -> Locator:
    """The widget that gives a friend 1 DML, on a page with its wallet connected."""
    return show(connected(visitor), "Give 1 DML", "DMLToken", "transfer", FRIEND, ONE)


def press(widget: Locator, name: str = "Give 1 DML") -> None:
    widget.get_by_role("button", name=name, exact=True).click()


def asked(visitor: Visitor) -> None:
    """Wait until the wallet's user is being asked."""
    while not visitor.wallet.waiting:
        visitor.page.wait_for_timeout(20)


def sends(wallet: TestWallet) -> int:
    return len(wallet.asked("eth_sendTransaction"))


def in_pool(site: Site, wallet: TestWallet) -> dict[str, Any]:
    """The wallet's only waiting transaction, as its node has it, with its signed bytes as `raw`."""
    (waiting,) = site.chain.rpc("txpool_content")["pending"][wallet.address.lower()].values()
    return {**waiting, "raw": site.chain.rpc("eth_getRawTransactionByHash", waiting["hash"])}


def outbid(site: Site, wallet: TestWallet, **changes: Any) -> str:
    """The wallet's user sends something else with the nonce that waits, for a higher fee."""
    waiting = in_pool(site, wallet)
    wanted = {
        "to": site.chain.contract("DMLToken").address,
        "data": waiting["input"],
        "value": 0,
        "gas": 100_000,
        "nonce": int(waiting["nonce"], 16),
        "chainId": 31337,
        "maxFeePerGas": 20 * int(waiting["maxFeePerGas"], 16),
        "maxPriorityFeePerGas": 20 * int(waiting["maxPriorityFeePerGas"], 16),
        "type": 2,
    }
    signed = wallet.account.sign_transaction(wanted | changes)
    return str(site.chain.rpc("eth_sendRawTransaction", signed.raw_transaction.to_0x_hex()))


def test_transaction__declined_then_agreed__says_so_and_is_sent_once(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=3)
    widget = give_one(visit(wallet))
    wallet.reject_next("send")
    press(widget)
    expect(widget).to_contain_text("You declined the request in your wallet; nothing was sent.")
    press(widget, "Try again")
    expect(widget).to_contain_text("Confirmed")
    assert site.chain.contract("DMLToken").functions.balanceOf(FRIEND).call() == 10**18
    assert sends(wallet) == 2


def test_transaction__while_the_wallet_asks__cannot_be_asked_again(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=3)
    widget = give_one(visit(wallet))
    wallet.hold("send")
    press(widget)
    expect(widget).to_contain_text("Confirm or decline in Test Wallet")
    expect(widget.get_by_role("button", name="Give 1 DML")).to_be_disabled()
    wallet.release()
    expect(widget).to_contain_text("Confirmed")
    assert sends(wallet) == 1


def test_transaction__too_little_of_either_coin__is_said_and_the_faucet_helps(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet(dml=0, native=0)
    widget = give_one(visit(wallet))
    press(widget)
    expect(widget).to_contain_text("Your account holds 0 DML; 1 DML are needed.")
    site.chain.mint(wallet.address, 10**18)
    press(widget)
    expect(widget).to_contain_text("too little of the chain's own coin to pay the network fee")
    press(widget, "Get coins to try with")
    expect(widget.page.locator("#toasts")).to_contain_text("The faucet sent 1,000 DML and 1 ETH")
    press(widget, "Try again")
    expect(widget).to_contain_text("Confirmed")


def test_transaction__reloaded_before_it_is_mined__is_followed_and_not_sent_again(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet(dml=3)
    visitor = visit(wallet)
    site.chain.rpc("evm_setAutomine", False)
    widget = give_one(visitor)
    press(widget)
    expect(widget).to_contain_text("sent, waiting for a block")
    visitor.page.reload()
    widget = show(visitor.page, "Give 1 DML", "DMLToken", "transfer", FRIEND, ONE)
    expect(widget).to_contain_text("Pending")
    expect(widget.get_by_role("button", name="Give 1 DML")).to_be_disabled()
    site.chain.mine()
    expect(widget).to_contain_text("Confirmed")
    assert sends(wallet) == 1


def test_transaction__reloaded_while_the_wallet_asks__its_late_answer_is_found(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet(dml=3)
    visitor = visit(wallet)
    widget = give_one(visitor)
    wallet.hold("send")
    press(widget)
    asked(visitor)
    visitor.page.reload()
    widget = show(visitor.page, "Give 1 DML", "DMLToken", "transfer", FRIEND, ONE)
    expect(widget).to_contain_text("Before this page was loaded again, your wallet was asked")
    expect(widget.get_by_role("button", name="Start again")).to_be_enabled()
    wallet.release()
    expect(widget).to_contain_text("Confirmed")
    assert sends(wallet) == 1


def test_transaction__reloaded_before_the_wallet_is_asked_to_send__can_be_started_at_once(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet(dml=3)
    visitor = visit(wallet)
    wallet.forget_chains()
    widget = give_one(visitor)
    wallet.hold("add")
    press(widget)
    asked(visitor)
    visitor.page.reload()
    wallet.release()
    widget = show(visitor.page, "Give 1 DML", "DMLToken", "transfer", FRIEND, ONE)
    expect(widget.get_by_role("button", name="Give 1 DML")).to_be_enabled()
    press(widget)
    expect(widget).to_contain_text("Confirmed")
    assert sends(wallet) == 1


def test_transaction__second_tab__shows_the_same_and_sends_nothing(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=3)
    visitor = visit(wallet)
    first = give_one(visitor)
    other = visitor.context.new_page()
    other.goto("/")
    second = show(other, "Give 1 DML", "DMLToken", "transfer", FRIEND, ONE)
    site.chain.rpc("evm_setAutomine", False)
    press(first)
    expect(second).to_contain_text("Pending")
    expect(second.get_by_role("button", name="Give 1 DML")).to_be_disabled()
    site.chain.mine()
    expect(first).to_contain_text("Confirmed")
    expect(second).to_contain_text("Confirmed")
    assert sends(wallet) == 1


def test_transaction__sped_up_in_the_wallet__is_followed_under_its_new_hash(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=3)
    site.chain.rpc("evm_setAutomine", False)
    widget = give_one(visit(wallet))
    press(widget)
    expect(widget).to_contain_text("sent, waiting for a block")
    faster = outbid(site, wallet)
    site.chain.mine()
    expect(widget).to_contain_text("Confirmed")
    expect(widget.locator("code").first).to_have_attribute("title", faster)


def test_transaction__cancelled_in_the_wallet__says_so_and_can_be_sent_anew(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=3)
    site.chain.rpc("evm_setAutomine", False)
    widget = give_one(visit(wallet))
    press(widget)
    expect(widget).to_contain_text("sent, waiting for a block")
    outbid(site, wallet, to=wallet.address, data="0x")
    site.chain.mine()
    expect(widget).to_contain_text("The transaction was cancelled in the wallet; it had no effect.")
    site.chain.rpc("evm_setAutomine", True)
    press(widget, "Try again")
    expect(widget).to_contain_text("Confirmed")


def test_transaction__contract_refuses_it_in_its_block__says_why(site: Site, visit: Visit) -> None:
    wallet, thief = site.wallet(dml=1), site.chain.person("stranger")
    token = site.chain.contract("DMLToken")
    site.chain.act(wallet.account, token.functions.approve(thief.address, 10**18))
    widget = give_one(visit(wallet))
    site.chain.rpc("evm_setAutomine", False)
    press(widget)
    expect(widget).to_contain_text("sent, waiting for a block")
    raw = in_pool(site, wallet)["raw"]
    site.chain.rpc("anvil_dropAllTransactions")
    taking = token.functions.transferFrom(wallet.address, thief.address, 10**18).build_transaction(
        {"from": thief.address, "nonce": site.chain.web3.eth.get_transaction_count(thief.address)}
    )
    site.chain.web3.eth.send_raw_transaction(thief.sign_transaction(taking).raw_transaction)
    site.chain.rpc("eth_sendRawTransaction", raw)
    site.chain.mine()
    expect(widget).to_contain_text("Your account holds 0 DML; 1 DML are needed.")
    expect(widget).to_contain_text("Transaction 0x")


def test_transaction__wallet_goes_to_another_chain__says_so_and_goes_on_when_back(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet(dml=3)
    widget = give_one(visit(wallet))
    site.chain.rpc("evm_setAutomine", False)
    press(widget)
    expect(widget).to_contain_text("sent, waiting for a block")
    wallet.switch_chain(OTHER_CHAIN_ID)
    expect(widget).to_contain_text("Your wallet is on another chain; the transaction is on EcoDML market.")
    site.chain.mine()
    press(widget, "Switch to EcoDML market")
    expect(widget).to_contain_text("Confirmed")


@pytest.mark.parametrize("site", [3], indirect=True)
def test_transaction__chain_takes_its_block_back__waits_for_it_again(site: Site, visit: Visit) -> None:
    wallet = site.wallet(dml=3)
    widget = give_one(visit(wallet))
    site.chain.rpc("evm_setAutomine", False)
    press(widget)
    expect(widget).to_contain_text("sent, waiting for a block")
    raw = in_pool(site, wallet)["raw"]
    before = site.chain.rpc("evm_snapshot")
    site.chain.mine()
    expect(widget).to_contain_text("1 of 3 confirmations")
    site.chain.rpc("evm_revert", before)
    expect(widget).to_contain_text("The chain took its newest blocks back")
    site.chain.rpc("eth_sendRawTransaction", raw)
    site.chain.mine(3)
    expect(widget).to_contain_text("Confirmed")


def test_contract__chain_without_our_contracts__is_refused_before_anything_is_asked(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet(dml=1)
    wallet.known[31337] = site.other_url  # A node of one's own that answers for another chain.
    widget = give_one(visit(wallet))
    press(widget)
    expect(widget).to_contain_text("is not this network's: there is no contract at")
    assert sends(wallet) == 0
