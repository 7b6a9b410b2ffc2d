"""Every page of the site, as everyone: nothing goes wrong in it, a reader of screens can use it, it fits on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from scripts.browser.people import People
from scripts.browser.places import PLACES, Place, Who
from scripts.browser.visitor import Visitor
from scripts.demo.small_jobs import PlayedJob
from scripts.demo.stage import Stage
from scripts.stack.config import ROOT
from tests.e2e.web.conftest import PICTURES

EVERYONE: tuple[Who, ...] = ("passer-by", "customer", "provider", "admin")
# What a page asks for and is rightly refused when it is shown to those whom it is not for.
REFUSED = ("answer 401:", "answer 403:", "answer 404: GET /api/")
# A deployment's first jobs earn no credit, so there is no certificate of one yet.
NOT_THERE = {"credit-certificate": ("answer 404: GET /api/credits/certificates/1",)}
SEEN = [
    pytest.param(place, who, id=f"{place.name} as {who}")
    for who in EVERYONE
    for place in PLACES
    if who in ("passer-by", place.who) or place.name == "network"
]

As = Callable[[Who], Visitor]


@pytest.fixture(scope="module")
def people(stage: Stage, settled_ticket: PlayedJob) -> People:
    """Everyone who looks at this stack's site."""
    return People(stage, settled_ticket)


@pytest.fixture(scope="module")
def as_(chromium: Browser, people: People) -> Iterator[As]:
    """`as_("provider")`: one visitor for each kind of person, signed in where that kind is."""
    came: dict[Who, Visitor] = {}

    def make(who: Who) -> Visitor:
        if who not in came:
            came[who] = people.visitor(chromium, who, PICTURES)
        return came[who]

    yield make
    for visitor in came.values():
        visitor.close()


@pytest.mark.parametrize(("place", "who"), SEEN)
def test_page__opened__is_whole_and_for_everyone(place: Place, who: Who, as_: As, people: People) -> None:
    visitor = as_(who)
    visitor.forget()
    visitor.open(people.path(place))
    visitor.shown()
    assert visitor.page.locator("h1").count() == 1
    if who == place.who:
        visitor.shoot(f"page-{place.name}")
        for theme in ("dark", "light"):
            visitor.page.emulate_media(color_scheme=theme)
            visitor.accessible()
    else:
        visitor.accessible()
    visitor.fits()
    visitor.expect(*NOT_THERE.get(place.name, ()))
    if place.who not in (who, "passer-by"):
        visitor.expect(*REFUSED)
    assert visitor.wrong == []


def test_places__are_the_routes_of_the_pages() -> None:
    routes = re.findall(
        r'^  \["(/[^"]*)"', (ROOT / "frontend/routes.js").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(re.sub(r":\w+", "*", route) for route in routes) == sorted(
        re.sub(r"{\w+}", "*", place.path) for place in PLACES
    )
