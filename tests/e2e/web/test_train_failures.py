"""What can go wrong on the way from a file to a ticket: plain words, a way forward, nothing lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import Route, expect

from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.training import (
    arrive,
    choose,
    connect_and_sign_in,
    signed_in,
    ticket_in_address,
    until,
    write_digits,
)

QUICK = {"model": "logistic", "rounds": "1", "local_epochs": "2"}


def test_train__the_account_is_empty__names_what_lacks_and_the_faucet_helps(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=0, native=0)
    visitor = visit(wallet, width=390)
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "poor.csv", seed=7), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    page.locator("#agree").click()
    lacking = re.compile(
        r"Your account lacks [\d.]+ DML for the fee and [\d.]+ .* for the network fee; nothing was paid"
    )
    expect(page.get_by_text(lacking)).to_be_visible()
    visitor.accessible()
    page.locator("#faucet").click()
    page.locator("#pay").click()
    arrive(page)


def test_train__the_offer_is_not_what_was_asked_for__is_refused_before_the_wallet_is_asked(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=5)
    page = (visitor := visit(wallet)).open("/train")

    def dearer(route: Route) -> None:
        answer = route.fetch()
        offer = answer.json()
        offer["ticket"]["spec"]["rounds"] = 2
        offer["payment"]["fee_wei"] = str(2 * int(offer["payment"]["fee_wei"]))
        route.fulfill(response=answer, body=json.dumps(offer))

    page.route("**/api/quotes", dearer)
    choose(page, write_digits(tmp_path / "changed.csv", seed=8), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    expect(page.get_by_text(re.compile("another specification.* and another fee"))).to_be_visible()
    expect(page.locator("#agree")).to_have_count(0)
    assert wallet.asked("eth_signTypedData_v4") == []
    visitor.accessible()


def test_train__the_file_is_gone_after_a_reload__only_the_right_one_is_taken_and_a_cancel_brings_the_fee_back(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    visitor.expect("/objects/datasets/")
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "gone.csv", seed=9), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    page.route("**/objects/**", lambda route: route.abort("internetdisconnected"))
    page.locator("#agree").click()
    expect(page.get_by_text("Nothing is lost; trying again")).to_be_visible(timeout=60_000)
    ticket = ticket_in_address(page)
    page.evaluate("() => indexedDB.deleteDatabase('ecodml')")
    visitor.open("/train")
    expect(page.locator(".unfinished")).to_contain_text("paid; the file is not uploaded yet")
    visitor.accessible()
    visitor.shoot("train-unfinished")
    page.locator(".unfinished").get_by_role("link", name="Go on").click()
    page.reload()
    page.set_input_files("#file", write_digits(tmp_path / "other.csv", seed=10))
    expect(page.get_by_text("This is not the file that was paid for")).to_be_visible()
    page.locator("#cancel-job").click()
    page.get_by_role("button", name="Cancel the job").click()
    assert arrive(page) == ticket
    until(signed_in(stage, visitor), stage, ticket, lambda t: t["status"] == "REFUNDED")
    assert stage.market.dml_wei(wallet.address) == 5 * 10**18


def test_train__the_session_ends_on_the_way__signing_in_again_goes_on_where_it_was(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    visitor.expect("answer 401")
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "ended.csv", seed=11), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    expect(page.locator("#agree")).to_be_visible()
    wallet.hold("sign")
    page.locator("#agree").click()
    while not wallet.waiting:
        page.wait_for_timeout(50)
    ticket = ticket_in_address(page)
    visitor.context.clear_cookies()
    page.reload()
    wallet.release()
    page.locator("#wallet-sign-in").click()
    page.locator("#pay").click()
    assert arrive(page) == ticket


def test_train__the_offer_is_too_old_to_be_paid__nothing_is_sent_and_a_new_one_is_made(
    visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    wallet = new_wallet(dml=5)
    visitor = visit(wallet)
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "old.csv", seed=12), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    expect(page.locator("#agree")).to_be_visible()
    wallet.reject_next("sign")
    page.locator("#agree").click()
    expect(page.locator("#pay")).to_be_visible()
    page.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((name) => name.startsWith("ecodml.purchase."));
          const kept = JSON.parse(localStorage.getItem(key));
          kept.payment.deadline = 1_700_000_000;
          localStorage.setItem(key, JSON.stringify(kept));
        }"""
    )
    page.reload()
    expect(page.get_by_text("This offer's deadline has passed; nothing was paid.")).to_be_visible()
    page.get_by_role("button", name="Make a new offer").click()
    expect(page.locator("#choose-file")).to_be_visible()
    expect(page.locator(".unfinished")).to_be_hidden()
    assert wallet.asked("eth_sendTransaction") == []


def test_train__the_ticket_is_open_in_a_second_tab__one_of_them_sends_and_the_ticket_page_goes_on(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    visitor = visit(new_wallet(dml=5))
    visitor.expect("/objects/datasets/")
    page = visitor.open("/train")
    choose(page, write_digits(tmp_path / "tabs.csv", seed=13), **QUICK)
    page.locator("#review").click()
    connect_and_sign_in(page)
    visitor.context.route("**/objects/**", lambda route: route.abort("internetdisconnected"))
    page.locator("#agree").click()
    expect(page.get_by_text("Nothing is lost; trying again")).to_be_visible(timeout=60_000)
    ticket = ticket_in_address(page)
    second = visitor.context.new_page()
    second.goto(f"/tickets/{ticket}")
    expect(second.get_by_text("Another tab of this browser is sending this file.")).to_be_visible()
    page.close()
    visitor.context.unroute("**/objects/**")
    second.get_by_role("button", name="Send it here").click()
    expect(second.get_by_text("Another tab")).to_be_hidden()
    until(signed_in(stage, visitor), stage, ticket, lambda t: t["status"] not in ("QUOTED", "FUNDED"))
    assert len(visitor.wallet.asked("eth_sendTransaction")) == 1
