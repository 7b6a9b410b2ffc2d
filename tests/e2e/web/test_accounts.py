"""Accounts in the browser: sign up, confirm by mail, link a wallet, sign out, forget the password, set it anew."""

from __future__ import annotations

import json
import re
import time
import urllib.request

from playwright.sync_api import expect

from scripts.browser.visitor import Visitor
from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit

PASSWORD, ANOTHER = "correct horse battery", "a staple in its place"
WAIT_SECONDS = 30


def link_in_mail(stage: Stage, to: str, subject: str) -> str:
    """The path of the link in the newest letter of this subject, once it has come."""
    url = f"http://127.0.0.1:{stage.config.ports.mail_page}/mails.json?to={to}"
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        with urllib.request.urlopen(url) as answer:
            letters = [mail for mail in json.load(answer) if subject in mail["subject"]]
        if letters:
            return re.findall(r"https?://[^/\s]+(/\S+)", letters[0]["text"])[-1]
        time.sleep(0.5)
    raise AssertionError(f"no letter {subject!r} came to {to}")


def sign_up(stage: Stage, visitor: Visitor, email: str) -> None:
    """A confirmed account, by the pages."""
    page = visitor.open("/sign-in")
    page.get_by_role("button", name="Create an account").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_text("Look into your mail").wait_for()
    visitor.expect("answer 403: POST /api/auth/verify")
    visitor.open(link_in_mail(stage, email, "confirm"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm and sign in").click()
    page.get_by_role("heading", name="Your account").wait_for()


def test_account__from_sign_up_to_a_new_password__by_mail_and_wallet(
    stage: Stage, visit: Visit, new_wallet: NewWallet
) -> None:
    wallet = new_wallet(dml=0)
    visitor = visit(wallet)
    email = f"anna-{wallet.address[2:8].lower()}@example.org"

    page = visitor.open("/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill("not known yet")
    visitor.expect("answer 403: POST /api/auth/sign-in", "answer 400: POST /api/auth/sign-up")
    page.get_by_role("button", name="Sign in", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("auth.password")
    visitor.accessible()
    visitor.shoot("sign-in")

    sign_up(stage, visitor, email)
    expect(page.get_by_text("confirmed", exact=True)).to_be_visible()
    assert "token" not in page.url

    # Declined in the wallet at first, then signed.
    page.get_by_role("button", name=wallet.info["name"]).click()
    wallet.reject_next("sign")
    page.get_by_role("button", name="Link 0x").click()
    expect(page.get_by_role("alert")).to_contain_text("wallet.rejected")
    page.get_by_role("button", name="Link 0x").click()
    expect(page.get_by_text("in use", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Where you are signed in")).to_contain_text("Chrome on Linux")
    visitor.shown()
    visitor.accessible()
    visitor.fits()
    visitor.shoot("account")

    elsewhere = visit(wallet)
    elsewhere.sign_in()
    theirs = elsewhere.open("/account")
    expect(theirs.get_by_text(email).first).to_be_visible()

    page.get_by_role("button", name="Sign out", exact=True).last.click()
    page.get_by_role("heading", name="Sign in", level=1).wait_for()
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send the link").click()
    page.get_by_text("Look into your mail").wait_for()
    reset = link_in_mail(stage, email, "set a new password")
    visitor.open(reset)
    visitor.accessible()
    page.get_by_label("New password", exact=True).fill("password123")
    visitor.expect("answer 400: POST /api/auth/reset")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_label("New password", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("New password", exact=True).fill(ANOTHER)
    page.get_by_role("button", name="Set the password").click()
    page.get_by_role("heading", name="Your account").wait_for()

    # All other sessions are over; the link is too; the new password is the one.
    elsewhere.expect("answer 401")
    theirs.reload()
    theirs.get_by_role("heading", name="Sign in", level=1).wait_for()
    link_in_mail(stage, email, "was changed")
    visitor.open("/")
    visitor.open(reset)
    page.get_by_label("New password", exact=True).fill("and yet another one")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_contain_text("account.link")
    page.goto("/account")
    page.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(ANOTHER)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your account").wait_for()
    expect(page.get_by_text("in use", exact=True)).to_be_visible()


def test_account__wallet_first__adds_an_email_and_acts_for_a_second_wallet(
    stage: Stage, visit: Visit, new_wallet: NewWallet
) -> None:
    wallet, other = new_wallet(dml=0), new_wallet(dml=0, name="Other Wallet")
    visitor = visit(wallet, other)
    visitor.sign_in()
    page = visitor.open("/account")
    email = f"bert-{wallet.address[2:8].lower()}@example.org"
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Add the address").click()
    expect(page.get_by_text("not confirmed", exact=True)).to_be_visible()
    visitor.open(link_in_mail(stage, email, "confirm"))
    page.get_by_role("heading", name="Your account").wait_for()
    expect(page.get_by_text("confirmed", exact=True)).to_be_visible()
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_label("Present password", exact=True)).to_be_visible()

    page.get_by_role("button", name=f"Unlink wallet {wallet.address}").click()
    page.get_by_role("dialog").get_by_role("button", name="Unlink it").click()
    expect(page.get_by_text("None yet. Link one")).to_be_visible()
    page.get_by_role("button", name="Link 0x").click()
    expect(page.get_by_text("in use", exact=True)).to_be_visible()
