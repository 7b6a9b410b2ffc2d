"""Two customers at the same time, each in a browser of their own: both are served, neither sees the other's."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from scripts.demo.stage import Stage
from tests.e2e.web.conftest import NewWallet, Visit
from tests.e2e.web.training import arrive, choose, connect_and_sign_in, signed_in, until, write_digits

QUICK = {"model": "logistic", "rounds": "1", "local_epochs": "1", "trainers": "2"}


def test_two_customers__at_once__both_are_settled_and_each_sees_their_own(
    stage: Stage, visit: Visit, new_wallet: NewWallet, tmp_path: Path
) -> None:
    visitors = [visit(new_wallet(dml=5)) for _ in range(2)]
    for number, visitor in enumerate(visitors):
        visitor.open("/train")
        choose(visitor.page, write_digits(tmp_path / f"mine-{number}.csv", seed=20 + number), **QUICK)
    for visitor in visitors:
        visitor.page.locator("#review").click()
        connect_and_sign_in(visitor.page)
    for visitor in visitors:
        visitor.page.locator("#agree").click()
    tickets = [arrive(visitor.page) for visitor in visitors]
    assert len(set(tickets)) == len(tickets)
    apis = [signed_in(stage, visitor) for visitor in visitors]
    for api, ticket in zip(apis, tickets, strict=True):
        until(api, stage, ticket, lambda t: t["status"] == "SETTLED")
    for visitor, other, mine, theirs in zip(visitors, visitors[::-1], tickets, tickets[::-1], strict=True):
        page = visitor.open("/tickets")
        expect(page.locator(f'#page a[href^="/tickets/{mine}"]').first).to_be_visible()
        expect(page.locator(f'#page a[href^="/tickets/{theirs}"]')).to_have_count(0)
        visitor.expect(f"answer 404: GET /api/tickets/{theirs}")
        visitor.open(f"/tickets/{theirs}")
        visitor.shown()
        expect(page.get_by_text("ticket.unknown").first).to_be_visible()
        expect(page.get_by_text(other.wallet.address)).to_have_count(0)
