"""Wallets that are not as they should be: of the old kind, announcing twice, busy with another request; and in two tabs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from scripts.browser.chain_access import ProviderError
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.integration.web.conftest import Site, connected

Visit = Callable[..., Visitor]
ACCOUNT = "0x" + "12" * 20
OLD = f"""window.ethereum = {{
  request: async ({{ method }}) => ({{ eth_chainId: "0x7a69", eth_getBalance: "0x0", eth_call: "0x" }})[method] ?? ["{ACCOUNT}"],
  on() {{}},
}};"""
HOSTILE = """
const announce = (info) => window.dispatchEvent(
  new CustomEvent("eip6963:announceProvider", { detail: { info, provider: { request: async () => [] } } }),
);
window.addEventListener("eip6963:requestProvider", () => {
  for (const info of %s) announce(info);
});"""


def test_wallets__only_one_of_the_old_kind__is_offered_and_found_again(site: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.context.add_init_script(OLD)
    page = visitor.open("/sign-in")
    page.get_by_role("button", name="Browser wallet").click()
    expect(page.locator("#account-button")).to_contain_text("0x1212…1212")
    page.reload()
    expect(page.locator("#account-button")).to_contain_text("0x1212…1212")


def test_wallets__hostile_announcements__are_shown_as_text_once_and_load_nothing(
    site: Site, visit: Visit
) -> None:
    good: dict[str, Any] = {
        "uuid": "1",
        "name": "<img src=x>",
        "rdns": "a.b",
        "icon": "https://evil.example/i.png",
    }
    visitor = visit()
    script = HOSTILE % json.dumps([good, good, good | {"uuid": 7}, good | {"uuid": "2", "name": ""}, None])
    visitor.context.add_init_script(script)
    page = visitor.open("/sign-in")
    wallets = page.get_by_role("list", name="Wallets in this browser")
    expect(wallets.get_by_role("button")).to_have_text(["<img src=x>"])
    expect(wallets.locator("img")).to_have_count(0)


def test_wallets__another_account_of_the_same_person__goes_on_without_signing(
    site: Site, visit: Visit
) -> None:
    wallet = site.wallet()
    visitor = visit(wallet)
    visitor.sign_in()
    page = visitor.open("/provide")
    expect(page.locator("#account-button")).to_be_visible()
    wallet.switch_account()
    said = page.get_by_role("region", name="Wallet and session")
    expect(said).to_contain_text("Your wallet shows another account")
    page.evaluate("""async () => (await import("/static/wallet/sign-in.js")).linkWallet()""")
    expect(said).to_contain_text("which is linked to your account")
    signed = len(wallet.asked("personal_sign"))
    said.get_by_role("button", name="Go on as").click()
    expect(page.locator("#account-button")).to_have_text(f"{wallet.address[:6]}…{wallet.address[-4:]}")
    assert len(wallet.asked("personal_sign")) == signed


class Busy(TestWallet):
    """A wallet that has an older request open."""

    __test__ = False

    def _answer(self, method: str, params: Any, events: list[tuple[str, Any]]) -> Any:
        if method == "eth_requestAccounts":
            raise ProviderError(-32002, "Request of type 'wallet_requestPermissions' already pending")
        return super()._answer(method, params, events)


def test_wallets__older_request_open__says_where_to_answer_it(site: Site, visit: Visit) -> None:
    known = site.wallet()
    page = visit(Busy(known.account, known.nodes)).open("/sign-in")
    page.get_by_role("button", name="Test Wallet").click()
    said = "Your wallet still has an older request open: answer it there, then try again."
    expect(page.get_by_role("alert")).to_contain_text(said)


def test_wallets__connected_and_forgotten_in_one_tab__is_so_in_the_other(site: Site, visit: Visit) -> None:
    wallet = site.wallet()
    visitor = visit(wallet)
    other = visitor.context.new_page()
    other.goto("/sign-in")
    connected(visitor)
    expect(other.locator("#account-button")).to_contain_text("not signed in")
    visitor.page.locator("#account-button").click()
    visitor.page.get_by_role("menuitem", name="Disconnect").click()
    expect(other.locator("#account-button")).to_have_count(0)
