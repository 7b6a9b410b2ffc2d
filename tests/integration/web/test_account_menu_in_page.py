"""The account's menu while things change under it."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from scripts.browser.visitor import Visitor
from tests.integration.web.conftest import OTHER_CHAIN_ID, Site

Visit = Callable[..., Visitor]


def test_menu__drawn_anew_while_it_is_open__keeps_the_focus_on_its_item(site: Site, visit: Visit) -> None:
    wallet = site.wallet()
    visitor = visit(wallet)
    visitor.sign_in()
    page = visitor.open("/")
    page.locator("#account-button").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    last = page.get_by_role("menuitem", name="Sign out")
    expect(last).to_be_focused()
    wallet.switch_chain(OTHER_CHAIN_ID)
    expect(page.get_by_role("menuitem", name="Switch to the market chain")).to_be_visible()
    expect(last).to_be_focused()
    wallet.disconnect()
    expect(page.get_by_role("menuitem", name="Disconnect Test Wallet")).to_have_count(0)
    expect(last).to_be_focused()
