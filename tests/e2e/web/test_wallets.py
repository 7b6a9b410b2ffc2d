"""Wallets at the site: found, chosen, connected, signed in with; their chains, tokens and accounts; none of it lost by a reload."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit

DECLINED = "You declined the request in your wallet; nothing was sent."


def menu(page: Page) -> Locator:
    """The account's menu, opened, with its figures."""
    button = page.locator("#account-button")
    if button.get_attribute("aria-expanded") == "false":
        button.click()
    return page.locator(".account-sheet")


def choose(page: Page, item: str) -> None:
    menu(page).get_by_role("menuitem", name=item).click()


def brief(address: str) -> str:
    return f"{address[:6]}…{address[-4:]}"


def test_wallets__two_in_a_browser_new_to_the_site__one_is_chosen_and_signs_in(
    visit: Visit, new_wallet: NewWallet
) -> None:
    other, wallet = new_wallet(dml=0, name="Other Wallet", rdns="example.other"), new_wallet(dml=0)
    visitor = visit(other, wallet)
    page = visitor.open("/sign-in")
    chooser = page.get_by_role("list", name="Wallets in this browser")
    expect(chooser.get_by_role("button")).to_have_text(["Other Wallet", "Test Wallet"])
    assert chooser.locator("img").first.evaluate("image => image.naturalWidth") > 0
    visitor.accessible()
    visitor.shoot("wallet-chooser")

    wallet.reject_next("connect")
    chooser.get_by_role("button", name="Test Wallet").click()
    expect(page.get_by_role("alert").filter(has_text=DECLINED)).to_be_visible()
    chooser.get_by_role("button", name="Test Wallet").click()
    wallet.reject_next("sign")
    page.get_by_role("button", name=f"Sign in as {brief(wallet.address)}").click()
    expect(page.get_by_role("alert").filter(has_text=DECLINED)).to_be_visible()
    expect(page.locator("#account-button")).to_contain_text("not signed in")
    page.get_by_role("button", name=f"Sign in as {brief(wallet.address)}").click()
    expect(page.locator("#account-button")).to_have_text(brief(wallet.address))
    assert other.requests == []

    page.reload()
    expect(page.locator("#account-button")).to_have_text(brief(wallet.address))
    expect(menu(page)).to_contain_text("Test Wallet")
    assert len(wallet.asked("eth_requestAccounts")) == 2
    choose(page, "Sign out")
    expect(page.locator("#account-button")).to_contain_text("not signed in")
    choose(page, "Disconnect Test Wallet")
    expect(page.locator("#account").get_by_role("link", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.locator("#account").get_by_role("link", name="Sign in")).to_be_visible()


def test_wallets__knows_neither_chain__is_given_both_and_the_token_and_coins(
    stage: Stage, visit: Visit, new_wallet: NewWallet
) -> None:
    wallet = new_wallet(dml=5, native=2)
    wallet.forget_chains()
    visitor = visit(wallet)
    visitor.sign_in()
    page = visitor.open("/")
    expect(page.locator("#account-button")).to_contain_text("other chain")
    expect(menu(page)).to_contain_text("none of this network's")
    choose(page, "Switch to the market chain")
    expect(page.locator("#account-button")).to_have_text(brief(wallet.address))
    expect(menu(page)).to_contain_text("5 DML")
    expect(menu(page)).to_contain_text("2 ETH")
    visitor.accessible()
    visitor.shoot("account-menu")
    choose(page, "Switch to the carbon chain")
    expect(menu(page)).to_contain_text("EcoDML carbon")
    choose(page, "Switch to the market chain")
    added = [chain["chainName"] for (chain,) in wallet.asked("wallet_addEthereumChain")]
    assert added == ["EcoDML market", "EcoDML carbon"]

    choose(page, "Add DML to the wallet")
    expect(page.locator("#toasts")).to_contain_text("DML is among your wallet's tokens now.")
    token = stage.market.contract("DMLToken").address
    options = {"address": token, "symbol": "DML", "decimals": 18}
    assert wallet.watched == [{"type": "ERC20", "options": options}]
    choose(page, "Get coins to try with")
    expect(page.locator("#toasts")).to_contain_text("The faucet sent 1,000 DML and 1 ETH")
    expect(menu(page)).to_contain_text("1,005 DML")
    wallet.approve["switch"] = False
    choose(page, "Switch to the carbon chain")
    expect(page.locator("#toasts")).to_contain_text(DECLINED)


def test_wallets__another_account_in_mid_session__is_said_and_can_be_signed_in(
    visit: Visit, new_wallet: NewWallet
) -> None:
    wallet = new_wallet(dml=0)
    first = wallet.account
    visitor = visit(wallet)
    visitor.sign_in()
    page = visitor.open("/provide")
    expect(page.locator("#account-button")).to_have_text(brief(wallet.address))
    wallet.switch_account()
    expect(page.locator("#account-button")).to_contain_text("other account")
    said = page.get_by_role("region", name="Wallet and session")
    expect(said).to_contain_text(re.compile(f"signed in as\\s+{brief(first.address)}"))
    wallet.switch_account(first)
    expect(page.locator("#account-button")).to_have_text(brief(first.address))
    wallet.switch_account()
    said.get_by_role("button", name=f"Sign in as {brief(wallet.address)}").click()
    expect(page.locator("#account-button")).to_have_text(brief(wallet.address))
    wallet.disconnect()
    expect(said.get_by_role("heading", name="Connect your wallet")).to_be_visible()


def test_account_menu__by_keyboard_alone__opens_moves_and_closes(visit: Visit, new_wallet: NewWallet) -> None:
    visitor = visit(new_wallet(dml=0))
    visitor.sign_in()
    page = visitor.open("/")
    page.locator("#account-button").focus()
    page.keyboard.press("ArrowDown")
    item = page.get_by_role("menuitem")
    expect(item.first).to_be_focused()
    page.keyboard.press("End")
    expect(item.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(item.first).to_be_focused()
    page.keyboard.press("d")
    expect(page.get_by_role("menuitem", name="Disconnect")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#account-button")).to_be_focused()
    expect(item.first).to_be_hidden()
    page.keyboard.press("Enter")
    expect(item.first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/account$"))


def test_wallets__none_in_the_browser__says_how_to_get_one(visit: Visit) -> None:
    visitor = visit()
    page = visitor.open("/sign-in")
    expect(page.get_by_text("There is no wallet in this browser.")).to_be_visible()
    expect(page.get_by_role("link", name="MetaMask")).to_be_visible()
    visitor.accessible()
