"""What each page loads over the wire, whatever one does on it, is little; and what the first paint needs is asked for at once."""

import re

import pytest

from tests.support.api_world import World
from tests.support.web import graph

MOST_EVER = 400_000
"""Bytes of all that a page may ever load, compressed, before any data: the document, sheets, modules, libraries, workers."""
MOST_AT_FIRST = 200_000
"""Bytes that a page cannot open without, with the headers that each answer carries (HTTP/2 would pack those away)."""
HEADER = "/static/wallet/account-menu.js"
PRELOADED = re.compile(r'<link rel="modulepreload" href="([^"]+)" />')


class Site:
    """Files as a browser gets them."""

    def __init__(self, world: World) -> None:
        self.client = world.client
        self.texts: dict[str, str] = {}
        self.bodies: dict[str, int] = {}
        self.heads: dict[str, int] = {}

    def text(self, file: str) -> str:
        """A file's text; its weight is noted."""
        if file not in self.texts:
            packed = self.client.get(file, headers={"Accept-Encoding": "br"})
            assert packed.status_code == 200, file
            self.bodies[file] = len(packed.data)
            self.heads[file] = sum(len(name) + len(value) + 4 for name, value in packed.headers)
            self.texts[file] = self.client.get(file).text
        return self.texts[file]

    def pages(self) -> dict[str, str]:
        """The module of each address."""
        return graph.pages(self.text(graph.ROUTES))


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


def test_pages__all_that_each_may_ever_load__is_at_most_400_kilobytes(site: Site) -> None:
    addresses = site.pages()
    assert len(addresses) > 10
    shell = graph.reached([graph.START], site.text, graph.all_of)
    weights = {}
    for address, module in addresses.items():
        files = shell | graph.reached([module], site.text, graph.all_of)
        weights[address] = sum(site.bodies[file] for file in files)
    assert {address: weight for address, weight in weights.items() if weight > MOST_EVER} == {}


def test_pages__what_each_needs_to_open__is_at_most_200_kilobytes_with_headers(site: Site) -> None:
    shell = {graph.START, *graph.all_of(graph.START, site.text(graph.START)), HEADER}
    weights = {}
    for address, module in site.pages().items():
        files = graph.reached([*shell, module], site.text, graph.first_of)
        weights[address] = sum(site.bodies[file] + site.heads[file] for file in files)
    assert {address: weight for address, weight in weights.items() if weight > MOST_AT_FIRST} == {}


def test_index__modules_of_the_shell__are_preloaded_and_no_others(site: Site) -> None:
    document = site.text(graph.START)
    preloaded = PRELOADED.findall(document)
    assert len(preloaded) == len(set(preloaded))
    needed = graph.reached(["/static/app.js"], site.text, graph.first_modules)
    assert set(preloaded) == needed - {"/static/app.js"}
