"""What every page stands on: templates that escape, a router, the state of the connection, light and dark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.browser.visitor import Visitor
from tests.support.recorded_site import RecordedSite
from tests.support.recordings import recorded

ANSWERS = {
    "/api/auth/session": {"user": None, "csrf": "token"},
    "/api/config": recorded("network")["config"],
    "/api/jobs": {"jobs": [], "next": None},
    "/api/ledger/epochs": {"count": 0, "epochs": []},
}
# Draws what a stranger may have chosen, as text, as an attribute, and as part of one.
DRAW = """async (hostile) => {
  const { html, replace } = await import("/static/html.js");
  replace(document.getElementById("page"),
    html`<p id="text">${hostile}</p>`,
    html`<p id="attribute" title=${hostile}>x</p>`,
    html`<p id="part" class="a ${hostile}">x</p>`,
    html`<ul>${[hostile, html`<li id="node">${hostile}</li>`, null, false]}</ul>`);
}"""
HOSTILE = '"><img src=x onerror="window.broken = true"><script>window.broken = true</script>${1+1}'


@pytest.fixture
def site() -> Iterator[RecordedSite]:
    """The pages, with nobody signed in and nothing there."""
    with RecordedSite(dict(ANSWERS)).serving() as serving:
        yield serving


@pytest.fixture
def visitor(chromium: Browser, site: RecordedSite) -> Iterator[Visitor]:
    """Somebody who looks at the jobs; the test fails for what went wrong and was not expected."""
    made = Visitor(chromium, site.url)
    made.open("/jobs")
    expect(heading(made.page)).to_have_text("Jobs")
    yield made
    made.close()
    assert made.wrong == []


def heading(page: Page):
    """The page's own."""
    return page.get_by_role("main").get_by_role("heading", level=1)


def test_html__markup_from_a_stranger__stays_text_everywhere(visitor: Visitor) -> None:
    page = visitor.page
    page.evaluate(DRAW, HOSTILE)

    for place in ("#text", "#node"):
        expect(page.locator(place)).to_have_text(HOSTILE)
    expect(page.locator("#attribute")).to_have_attribute("title", HOSTILE)
    expect(page.locator("#part")).to_have_attribute("class", f"a {HOSTILE}")
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("window.broken") is None


def test_html__address_that_runs_script__is_refused(visitor: Visitor) -> None:
    draw = """async () => {
      const { html } = await import("/static/html.js");
      try { html`<a href=${" JavaScript:alert(1)"}>x</a>`; return "made"; } catch (error) { return error.name; }
    }"""
    assert visitor.page.evaluate(draw) == "TypeError"


def test_router__links_back_and_deep_addresses__show_their_page_without_loading_again(
    visitor: Visitor,
) -> None:
    page = visitor.page
    page.evaluate("window.same = true")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Ledger").click()
    expect(heading(page)).not_to_have_text("Jobs")
    expect(page.get_by_role("link", name="Ledger", exact=True)).to_have_attribute("aria-current", "page")
    expect(heading(page)).to_be_focused()

    page.go_back()

    expect(heading(page)).to_have_text("Jobs")
    assert page.evaluate("window.same") is True


def test_router__skip_link__goes_to_the_content_of_the_same_page(visitor: Visitor) -> None:
    page = visitor.page
    first = heading(page).element_handle()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#page")).to_be_focused()
    page.wait_for_timeout(300)

    expect(page.locator("#page")).to_be_focused()
    assert first is not None
    assert first.evaluate("heading => heading.isConnected")


def test_router__nothing_at_the_address__says_so(visitor: Visitor) -> None:
    page = visitor.page
    page.evaluate("""async () => (await import("/static/router.js")).navigate("/no/such/page")""")

    expect(heading(page)).to_have_text("Nothing here")
    expect(page.get_by_role("alert")).to_contain_text("page.unknown")


def test_connection__server_gone_and_back__is_said_and_taken_back(visitor: Visitor) -> None:
    visitor.expect("ERR_INTERNET_DISCONNECTED", "no answer")
    page, banner = visitor.page, visitor.page.get_by_text("The server does not answer; trying again.")
    ask = """async () => { const { get } = await import("/static/api.js"); await get("/api/jobs").catch(() => {}); }"""
    visitor.context.set_offline(True)
    page.evaluate(ask)
    expect(banner).to_be_visible()

    visitor.context.set_offline(False)
    page.evaluate(ask)

    expect(banner).to_be_hidden()


def test_theme__chosen_once__holds_after_a_reload(visitor: Visitor) -> None:
    page = visitor.page
    paper = """getComputedStyle(document.body).backgroundColor"""
    light = page.evaluate(paper)
    page.get_by_role("button", name="Use dark colours").click()
    dark = page.evaluate(paper)
    assert dark != light

    page.reload()

    expect(page.get_by_role("button", name="Use light colours")).to_be_visible()
    assert page.evaluate(paper) == dark
