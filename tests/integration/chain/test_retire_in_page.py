"""Credits are retired in the browser: real credits on a real chain, a real browser, a wallet that signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.adapters.chain.credits import CreditReader, credits_on
from scripts.browser.visitor import Visitor
from scripts.browser.wallet import TestWallet
from tests.integration.chain.conftest import Stage
from tests.integration.chain.credit_office import issued, keeper_of_credits, opened
from tests.integration.chain.site import visited

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Site:
    """The pages over a chain on which a node was issued credits, that node's wallet, and the chain's books."""

    visitor: Visitor
    wallet: TestWallet
    books: CreditReader


@pytest.fixture
def site(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    office = opened(stage, tmp_path / "office", monkeypatch)
    issued(office, keeper_of_credits(office))
    document = {**stage.world.document["carbon"], "rpc_url": stage.world.rpc_url}
    books = credits_on(document)
    deployments = {"market": stage.world.document["market"], "carbon": document}
    holder = stage.world.trainers[0]
    stage.world.fund(holder.address)
    changes = {"credits": books, "deployments": deployments}
    with visited(tmp_path / "site", holder.wallet, stage.world.rpc_url, changes) as visitor:
        yield Site(visitor, visitor.wallet, books)


def test_retire__declined_and_then_signed__leaves_one_certificate_that_anybody_can_read(site: Site) -> None:
    page = site.visitor.open("/credits")
    (holding,) = site.books.holdings(site.wallet.address)
    page.locator("main .connect").get_by_role("button").first.click()
    expect(
        page.get_by_role("cell", name="DE").or_(page.get_by_role("rowheader", name="DE")).first
    ).to_be_visible()

    page.get_by_label("Amount in µg").fill(str(holding.held_ug + 1))
    page.get_by_role("button", name="Retire …").click()
    expect(page.get_by_text(f"This account holds {holding.held_ug} µg")).to_be_visible()
    page.get_by_label("Amount in µg").fill(str(holding.held_ug - 1))
    page.get_by_label("In whose name").fill("the sea <b>")
    page.get_by_label("What for").fill("for good")
    site.visitor.accessible()

    page.get_by_role("button", name="Retire …").click()
    page.get_by_role("button", name="Not now").click()
    site.wallet.reject_next("send")
    page.get_by_role("button", name="Retire …").click()
    site.visitor.accessible()
    page.get_by_role("button", name="Retire for ever").click()
    expect(page.get_by_text("declined").first).to_be_visible()
    assert site.books.certificates() == ()

    page.get_by_role("button", name="Retire …").click()
    page.get_by_role("button", name="Retire for ever").click()
    expect(page.get_by_role("heading", name="Certificate of retirement No. 1")).to_be_visible()
    expect(page.get_by_text("the sea <b>")).to_be_visible()
    site.visitor.accessible()
    site.visitor.fits()
    made = site.books.certificate(1)
    assert (made.holder, made.micrograms, made.beneficiary, made.reason) == (
        site.wallet.address,
        holding.held_ug - 1,
        "the sea <b>",
        "for good",
    )
    expect(page.get_by_text(made.tx)).to_be_visible()
