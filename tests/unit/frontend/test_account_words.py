"""Where signing in leads, and what browsers are called: whoever wrote the address or the header."""

from __future__ import annotations

import pytest

from tests.support.javascript import node


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("/train?file=1", "/train?file=1"),
        ("/tickets/t_1", "/tickets/t_1"),
        (None, "/account"),
        ("", "/account"),
        ("/sign-in", "/account"),
        ("train", "/account"),
        ("//evil.example/x", "/account"),
        ("/\\evil.example", "/account"),
        ("/\t/evil.example", "/account"),
        ("https://evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
        ("/..//evil.example", "/account"),
    ],
)
def test_next_page__whatever_the_address_asks__is_a_page_of_this_site(wanted: str | None, page: str) -> None:
    body = """
    const { nextPage } = await import(`${frontend}/components/account/next.js`);
    give(nextPage(new URLSearchParams(given === null ? {} : { next: given })));
    """
    assert node(body, wanted) == page


def test_agent_name__what_browsers_call_themselves__is_what_people_call_them() -> None:
    linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
    phone = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.0 Mobile/15E148 Safari/604.1"
    )
    agents = [linux, linux + " Edg/140.0", phone, "python-requests/2.32", "<b>" + "x" * 60, ""]
    body = """
    const { agentName } = await import(`${frontend}/components/account/agent.js`);
    give(given.map(agentName));
    """
    assert node(body, agents) == [
        "Chrome on Linux",
        "Edge on Linux",
        "Safari on iOS",
        "Command line",
        "<b>" + "x" * 37,
        "Unknown",
    ]


def test_mail_token__after_the_hash__is_found_only_there() -> None:
    body = """
    globalThis.location = { hash: given.hash, search: given.search };
    const { mailToken } = await import(`${frontend}/components/account/token.js`);
    give(mailToken());
    """
    assert node(body, {"hash": "#token=a.b-c_d", "search": ""}) == "a.b-c_d"
    assert node(body, {"hash": "", "search": "?token=a"}) is None
