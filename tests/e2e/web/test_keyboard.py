"""The main journeys without a mouse: everything can be reached with Tab, seen where it is, and pressed."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.training import arrive, signed_in, until, write_digits

STEPS = 120
# A focus that shows: an outline, or what stands for one.
SHOWS = """(element) => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
  return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus; it must show that it has."""
    wanted.wait_for()
    passed = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            assert wanted.evaluate(SHOWS), f"{wanted} does not show that it has the focus"
            return
        passed.append(page.evaluate("() => document.activeElement.outerHTML.slice(0, 60)"))
    raise AssertionError(f"Tab does not lead to {wanted}, but to: {passed[-12:]}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    """Go to a button or link by Tab and press it."""
    tab_to(page, wanted)
    page.keyboard.press(key)


def test_keyboard__from_the_front_page_to_a_paid_ticket(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    visitor = visit(new_wallet(dml=5))
    page = visitor.page
    # Browsers without it open the dialogue of the input, which a test can answer.
    page.add_init_script("delete window.showOpenFilePicker")
    file = write_digits(tmp_path / "keys.csv", seed=30)
    # Listened for from the start: a dialogue is answered however soon it opens.
    page.on("filechooser", lambda chooser: chooser.set_files(file))
    visitor.open("/")
    visitor.shown()
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#page")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    press(page, page.get_by_role("navigation").get_by_role("link", name="Train"))
    expect(page.locator("h1")).to_be_focused()

    tab_to(page, page.locator("#choose-file"))
    page.keyboard.press("Enter")
    model = page.locator("#option-model")
    tab_to(page, model)
    page.keyboard.type("logistic")
    expect(model).to_have_value("logistic")
    tab_to(page, page.locator("#option-rounds"))
    page.keyboard.press("Control+A")
    page.keyboard.type("1")
    press(page, page.locator("#review"))
    press(page, page.get_by_role("button", name="Test Wallet"))
    press(page, page.locator("#wallet-sign-in"))
    press(page, page.locator("#agree"))
    ticket = arrive(page)

    press(page, page.locator("#account-button"))
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(page.locator("#account-button")).to_be_focused()
    seen = until(signed_in(stage, visitor), stage, ticket, lambda t: t["status"] not in ("QUOTED", "FUNDED"))
    assert (seen["spec"]["model"], seen["spec"]["rounds"]) == ("logistic", 1)


def test_keyboard__the_account_menu__answers_to_letters_and_closes_on_tab(
    visit: Visit, new_wallet: NewWallet
) -> None:
    visitor = visit(new_wallet())
    visitor.sign_in()
    page = visitor.open("/provide")
    visitor.shown()
    press(page, page.locator("#account-button"))
    page.keyboard.press("s")  # Switch to …, or Sign out: the menu answers to letters
    expect(page.get_by_role("menuitem", name="S").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("menuitem").first).to_be_hidden()
