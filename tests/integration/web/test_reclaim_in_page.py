"""The fee taken back from the escrow in the browser, while the API answers nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.adapters.chain.customer import pay
from backend.api.quotes import payment
from backend.domain.ticket import Ticket
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.integration.web.conftest import Site, connected
from tests.support.chains import CHAIN_ID
from tests.support.jobs import FEE_WEI, quoted_ticket

SECONDS = 60


def paid(site: Site, wallet: TestWallet) -> Ticket:
    """A ticket that this wallet paid for; nobody works on it."""
    ticket = quoted_ticket("t_1", wallet.address, site.chain.now() + SECONDS)
    contracts = site.chain.document["market"]["contracts"]
    pay(site.chain.rpc_url, contracts, wallet.account, payment(contracts, CHAIN_ID, ticket))
    return ticket


def keep_receipt(page: Page, site: Site, ticket: Ticket, deadline: int) -> None:
    """As the page of payments writes it."""
    contracts = site.chain.document["market"]["contracts"]
    receipt: dict[str, Any] = {
        "ticket": ticket.id,
        "job_id": ticket.job_id,
        "customer": ticket.customer,
        "ref": ticket.ref,
        "escrow": contracts["JobEscrow"]["address"],
        "chain_id": CHAIN_ID,
        "deadline": deadline,
        "fee_wei": str(FEE_WEI),
    }
    kept = json.dumps({"receipt": receipt, "at": 0})
    page.evaluate("([key, text]) => localStorage.setItem(key, text)", [f"ecodml.purchase.{ticket.id}", kept])


def balance(site: Site, wallet: TestWallet) -> int:
    """DML wei of a wallet."""
    return int(site.chain.contract("DMLToken").functions.balanceOf(wallet.address).call())


@pytest.mark.parametrize(
    "lost", ["**/api/**", "**/{api/**,vendor/ethers.min.js}"], ids=["the API", "the library too"]
)
def test_reclaim__server_answers_nothing__the_receipt_and_the_wallet_are_enough(
    site: Site, visit: Callable[..., Visitor], lost: str
) -> None:
    wallet = site.wallet(dml=5)
    visitor = visit(wallet)
    page = connected(visitor)
    expect(page.locator("#account")).to_contain_text(wallet.address[2:6])
    ticket, before = paid(site, wallet), balance(site, wallet)
    site.chain.pass_time(SECONDS + 1)
    keep_receipt(page, site, ticket, int(time.time()) - 1)
    visitor.expect("no answer:", "console:")
    page.route(lost, lambda route: route.abort())
    page.evaluate(
        "(to) => import('/static/router.js').then((router) => router.navigate(to))", f"/tickets/{ticket.id}"
    )
    expect(page.get_by_role("heading", name="Your receipt is in this browser")).to_be_visible()
    page.get_by_role("button", name="back now").click()
    expect(page.locator(".reclaim")).to_contain_text("Confirmed", timeout=30_000)
    assert balance(site, wallet) == before + FEE_WEI


def test_reclaim__deadline_is_still_to_come__offers_nothing_and_says_when(
    site: Site, visit: Callable[..., Visitor]
) -> None:
    wallet = site.wallet(dml=5)
    visitor = visit(wallet)
    page = connected(visitor)
    ticket = paid(site, wallet)
    keep_receipt(page, site, ticket, int(time.time()) + SECONDS)
    page.evaluate(
        "(to) => import('/static/router.js').then((router) => router.navigate(to))", f"/tickets/{ticket.id}"
    )
    expect(page.get_by_text("From the deadline on you can take the fee back here")).to_be_visible()
    expect(page.locator(".reclaim")).to_have_count(0)
