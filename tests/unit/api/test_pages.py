"""The server answers at every address that the pages know, and at no other."""

from __future__ import annotations

import re
from pathlib import Path

from backend.api.pages import PAGES, VENDORED
from tests.support.api_world import World

FRONTEND = Path(__file__).resolve().parents[3] / "frontend"


def addresses() -> set[str]:
    """The patterns of routes.js, in Flask's spelling."""
    text = (FRONTEND / "routes.js").read_text(encoding="utf-8")
    return {re.sub(r":(\w+)", "<>", pattern) for pattern in re.findall(r'\["(/[^"]*)"', text)}


def test_pages__every_route_of_the_browser__is_an_address_of_the_server():
    assert {re.sub(r"<\w+>", "<>", address) for address in PAGES} == addresses()


def test_page__deep_address__is_the_same_document_and_is_revalidated(world: World):
    home, deep = world.client.get("/"), world.client.get("/tickets/t_1/receipt")

    assert deep.data == home.data
    assert deep.headers["Cache-Control"] == "no-cache"


def test_vendored__every_library__is_there(world: World):
    for name in VENDORED:
        assert world.client.get(f"/vendor/{name}").status_code == 200, name


def test_vendored__what_is_not_listed__is_not_served(world: World):
    assert world.client.get("/vendor/ethers/package.json").status_code == 404
