"""What everybody sees: the network, a job and its audit, the ledger; nobody is signed in."""

from __future__ import annotations

from playwright.sync_api import expect

from backend.cli.client import Api
from scripts.demo.small_jobs import PlayedJob
from scripts.demo.stage import Stage
from scripts.demo.story import wait_for
from tests.e2e.web.conftest import Visit

SEALED_SECONDS = 120.0
UNKNOWN = "0x" + "77" * 32


def test_network__after_a_job__adds_up_and_leads_to_the_job(visit: Visit, settled_ticket: PlayedJob) -> None:
    visitor = visit()
    page = visitor.open("/")
    expect(page.get_by_role("link", name="Train a model")).to_have_attribute("href", "/train")
    expect(page.locator(".figures")).to_contain_text("Paid to nodes")
    nodes = page.get_by_role("region", name="All nodes, to be sorted")
    rating = nodes.get_by_role("columnheader", name="Rating")
    rating.get_by_role("button").press("Enter")
    expect(rating).to_have_attribute("aria-sort", "descending")
    visitor.fits()
    page.locator(f'a[href="/jobs/{settled_ticket.job_id}"]').click()
    expect(page.get_by_role("heading", name="Audit")).to_be_visible()


def test_job__settled__every_check_that_can_be_made_holds(visit: Visit, settled_ticket: PlayedJob) -> None:
    visitor = visit()
    page = visitor.open(f"/jobs?find={settled_ticket.ticket['transactions'][0]}")
    expect(page).to_have_url(f"{visitor.site}/jobs/{settled_ticket.job_id}")
    checks = page.locator(".check")
    expect(page.locator('.check[data-check="lineage"][data-outcome="ok"]')).to_be_visible()
    expect(page.locator('.check[data-outcome="failed"]')).to_have_count(0)
    assert checks.count() >= 15
    for name in ("draw", "verdict", "shares", "spec", "result", "evidence", "credits"):
        expect(page.locator(f'.check[data-check="{name}"]')).to_have_attribute("data-outcome", "ok")
    expect(page.get_by_text("JobEscrow.JobSettled")).to_be_visible()
    assert settled_ticket.ticket["dataset"]["name"] not in page.content()
    visitor.accessible()
    visitor.fits()
    visitor.shoot("job")


def test_job__with_a_cheat__says_who_was_accused_and_that_the_fee_went_back(
    visit: Visit, refunded_ticket: PlayedJob
) -> None:
    visitor = visit(theme="dark")
    page = visitor.open(f"/jobs/{refunded_ticket.job_id}")
    expect(page.get_by_text("The work is not good: refund the customer")).to_be_visible()
    expect(page.get_by_role("region", name="Accused, with the evidence against them")).to_be_visible()
    expect(page.locator('.check[data-check="refund"]')).to_have_attribute("data-outcome", "ok")
    expect(page.locator('.check[data-outcome="failed"]')).to_have_count(0)


def test_job__unknown_or_tampered_with__is_refused_in_a_sentence(
    visit: Visit, settled_ticket: PlayedJob
) -> None:
    visitor = visit()
    visitor.expect("answer 404", "answer 400")
    page = visitor.open(f"/jobs/{UNKNOWN}")
    expect(page.get_by_text("job.unknown")).to_be_visible()
    page = visitor.open(f"/jobs/{settled_ticket.job_id[:-1]}")
    expect(page.get_by_text("That is no job id")).to_be_visible()
    page = visitor.open(f"/certificates?job={UNKNOWN}")
    expect(page.get_by_text("certificate.none")).to_be_visible()
    visitor.accessible()


def test_jobs__by_outcome__lists_those_and_no_file(visit: Visit, settled_ticket: PlayedJob) -> None:
    visitor = visit()
    page = visitor.open("/jobs")
    page.get_by_role("link", name="Settled").click()
    expect(page.locator(f'a[href="/jobs/{settled_ticket.job_id}"]')).to_be_visible()
    visitor.accessible()
    visitor.shoot("jobs")


def test_ledger__an_epoch__says_how_much_of_the_stake_signed_it(
    stage: Stage, visit: Visit, api: Api, settled_ticket: PlayedJob
) -> None:
    def count() -> int | None:
        return api.get("/api/network")["ledger"]["count"] or None

    wait_for(count, SEALED_SECONDS, "No epoch was sealed", stage.story)
    visitor = visit()
    page = visitor.open("/ledger?epoch=0")
    expect(page.get_by_text("it takes two thirds")).to_be_visible()
    expect(page.get_by_role("link", name="All readings, claims and ratings")).to_be_visible()
    visitor.accessible()
    visitor.fits()
    visitor.shoot("ledger")
