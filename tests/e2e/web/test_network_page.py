"""The front page, for somebody who just came by."""

from __future__ import annotations

from playwright.sync_api import expect

from scripts.demo.stage import Stage
from tests.e2e.web.conftest import Visit


def test_network__signed_out__names_every_node_and_can_be_used_by_everyone(
    stage: Stage, visit: Visit
) -> None:
    visitor = visit()
    page = visitor.open("/")
    for name, _ in stage.config.nodes:
        expect(page.get_by_text(name).first).to_be_visible()
    visitor.accessible()
    visitor.shoot("network")
