"""What a customer sees after paying, live on a real stack: to the end, refunded, cancelled, by a link, and on the receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backend.cli.client import Api
from backend.cli.dataset import facts_of
from backend.cli.market import Market
from backend.cli.purchase import buy, quote
from backend.cli.signin import sign_in
from scripts.browser.wallet import TestWallet
from scripts.demo.small_jobs import CHEAT, PlayedJob, write_garden
from scripts.demo.stage import Stage
from scripts.stack.config import MARKET_CHAIN_ID
from tests.e2e.web.conftest import NewWallet, Visit

SLOW_MS = 90_000
SPEC = {"target": "kind", "model": "logistic", "rounds": 6, "local_epochs": 5, "batch_size": 4, "trainers": 2}
Paid = Callable[[], tuple[TestWallet, str, Path]]


@pytest.fixture
def paid(stage: Stage, new_wallet: NewWallet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paid:
    """`paid()`: a customer's wallet, the id of a ticket that it has paid, and the file that is still to be uploaded."""
    monkeypatch.setenv("ECODML_HOME", str(tmp_path / "home"))

    def make() -> tuple[TestWallet, str, Path]:
        wallet, file = new_wallet(dml=10), write_garden(tmp_path / "garden.csv")
        api = Api(stage.api_url)
        sign_in(api, wallet.account, MARKET_CHAIN_ID)
        config: dict[str, Any] = api.get("/api/config")
        offer = quote(api, facts_of(file, "kind"), SPEC, None, None)
        buy(api, Market.from_config(config), wallet.account, offer, stage.config.market_rpc_url, file, str)
        return wallet, str(offer["ticket"]["id"]), file

    return make


def status(page: Page, wanted: str) -> None:
    """Wait until the page says, without being loaded again, that the ticket got there."""
    badge = page.locator("#standing [data-status]")
    expect(badge).to_have_attribute("data-status", re.compile(wanted), timeout=SLOW_MS)


def test_ticket__paid_and_then_uploaded_in_its_page__is_followed_live_to_its_settlement(
    visit: Visit, paid: Paid
) -> None:
    wallet, ticket, file = paid()
    visitor = visit(wallet)
    visitor.sign_in()
    page = visitor.open(f"/tickets/{ticket}")
    expect(page.locator("#live")).to_have_text("Live")
    page.locator("#upload #file").set_input_files(file)
    status(page, "RUNNING|VERIFYING|SETTLING|SETTLED")
    expect(page.locator("#rounds canvas")).to_be_visible(timeout=SLOW_MS)
    status(page, "^SETTLED$")
    expect(page.locator("#rounds .scroll tbody tr")).to_have_count(6)
    expect(page.locator("#announcer")).to_contain_text("Done: the model is ready")
    expect(page.locator("#nodes tbody tr")).to_have_count(5)
    expect(page.locator("#results")).to_contain_text("Test accuracy")
    expect(page.locator("#verdict")).to_contain_text("Why so much")
    expect(page.locator("#energy")).to_contain_text("Eco Score")
    with page.expect_download() as saved:
        page.locator("#files").get_by_role("button", name="metrics.json").click()
    assert '"accuracy"' in saved.value.path().read_text()
    visitor.accessible()
    visitor.fits()
    visitor.shoot("ticket-settled")
    page.get_by_role("link", name="All tickets").click()
    expect(page.locator(f"[data-ticket={ticket}]")).to_contain_text("Settled")
    visitor.accessible()
    visitor.shoot("tickets")


def test_ticket__cancelled_before_its_start__has_the_whole_fee_back(
    stage: Stage, visit: Visit, paid: Paid
) -> None:
    wallet, ticket, _ = paid()
    visitor = visit(wallet)
    visitor.sign_in()
    page = visitor.open(f"/tickets/{ticket}")
    page.locator("#cancel-job").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the job").click()
    status(page, "^REFUNDED$")
    expect(page.locator("#standing .done")).to_contain_text("the whole fee, is in the customer's wallet")
    expect(page.locator("#events")).to_contain_text("JobEscrow.JobCancelled", timeout=SLOW_MS)
    assert stage.market.dml_wei(wallet.address) == 10 * 10**18


def test_ticket__refunded_for_a_cheat__says_who_it_was_and_where_the_money_went(
    visit: Visit, refunded_ticket: PlayedJob, customer_wallet: Callable[[PlayedJob], TestWallet]
) -> None:
    visitor = visit(customer_wallet(refunded_ticket), theme="dark")
    visitor.sign_in()
    page = visitor.open(f"/tickets/{refunded_ticket.id}")
    expect(page.locator("#standing .culprits")).to_contain_text(f"{CHEAT}: lost its deposit and is banned")
    expect(page.locator("#standing .done")).to_contain_text("on the market chain, block")
    expect(page.locator("#stages")).to_contain_text("FAILED")
    expect(page.locator("#events")).to_contain_text("NodeStaking.NodeBanned")
    visitor.accessible()
    visitor.shoot("ticket-refunded")


def test_receipt__of_a_settled_job__follows_here_and_on_the_wallets_own_chain(
    visit: Visit, settled_ticket: PlayedJob, customer_wallet: Callable[[PlayedJob], TestWallet]
) -> None:
    visitor = visit(customer_wallet(settled_ticket))
    visitor.sign_in()
    page = visitor.open(f"/tickets/{settled_ticket.id}/receipt")
    expect(page.locator("#checks > [data-outcome=ok]")).to_contain_text(
        "Everything that could be checked follows"
    )
    page.locator("#ask-chain").click()
    for name in ("Escrow's record", "Customer in escrow", "Escrow's events"):
        expect(page.locator("#checks li[data-outcome=ok]").filter(has_text=name)).to_have_count(1)
    visitor.accessible()
    visitor.shoot("receipt")


def test_ticket__by_a_link__is_shown_to_a_stranger_and_nothing_else_is(
    visit: Visit, settled_ticket: PlayedJob, refunded_ticket: PlayedJob
) -> None:
    visitor = visit()
    page = visitor.open(settled_ticket.link)
    status(page, "^SETTLED$")
    expect(page.locator("#money")).to_be_hidden()
    assert settled_ticket.customer.email not in page.content()
    token = settled_ticket.link.partition("?")[2]
    visitor.expect("answer 404: GET /api/tickets/")
    page = visitor.open(f"/tickets/{refunded_ticket.id}?{token}")
    expect(page.locator("#page .problem")).to_contain_text("ticket.unknown")
    page = visitor.open(f"/tickets/{refunded_ticket.id}/receipt?{token}")
    expect(page.locator("#page .problem")).to_contain_text("ticket.unknown")
    assert refunded_ticket.job_id not in page.content()
