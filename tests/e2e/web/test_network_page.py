"""The front page, for somebody who just came by."""

from __future__ import annotations

from playwright.sync_api import expect

from scripts.demo.small_jobs import PlayedJob
from scripts.demo.stage import Stage
from tests.e2e.web.conftest import Visit


def test_network__signed_out__names_every_node_and_can_be_used_by_everyone(
    stage: Stage, visit: Visit
) -> None:
    visitor = visit()
    page = visitor.open("/")
    for node in stage.nodes():
        expect(page.get_by_text(node["name"]).first).to_be_visible()
    visitor.accessible()
    visitor.shoot("network")


def test_ticket__by_the_link_in_the_mail__says_how_the_job_ended(
    visit: Visit, settled_ticket: PlayedJob, refunded_ticket: PlayedJob
) -> None:
    visitor = visit()
    expect(visitor.open(settled_ticket.link).get_by_text("SETTLED").first).to_be_visible()
    expect(visitor.open(refunded_ticket.link).get_by_text("REFUNDED").first).to_be_visible()
