"""Browser sessions: a cookie that no script reads, that no other site's page can use, and that nobody can plant."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.support.accounts import USER_AGENT, browser, login, nonce_of, said, sign_in_text, signed
from tests.support.api_world import ARBITER, CUSTOMER, STRANGER, World


def test_login__with_cookie__opens_a_session_that_scripts_cannot_read(world: World) -> None:
    client = world.client
    answer = login(world, client, CUSTOMER)
    assert answer.json == {"address": CUSTOMER.address}
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="))
    assert "Secure" not in cookie
    user = client.get("/api/auth/session").json["user"]
    assert (user["address"], user["wallets"], user["email"]) == (CUSTOMER.address, [CUSTOMER.address], None)
    assert user["roles"] == {"arbiter": False, "admin": False}


def test_login__over_https__binds_the_cookie_to_this_host(tmp_path: Path) -> None:
    world = World(tmp_path)
    settings = replace(world.parts.settings, api_url="https://ecodml.example")
    world = World(tmp_path, changes={"settings": settings})
    answer = login(world, world.client, CUSTOMER, site="ecodml.example")
    assert answer.headers["Set-Cookie"].startswith("__Host-ecodml=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "includeSubDomains" in answer.headers["Strict-Transport-Security"]
    assert "wss://ecodml.example" in answer.headers["Content-Security-Policy"]


def test_session__of_the_arbiter__says_so(world: World) -> None:
    assert browser(world, ARBITER).get("/api/auth/session").json["user"]["roles"]["arbiter"] is True


def test_session__nobody__is_nobody(world: World) -> None:
    assert world.client.get("/api/auth/session").json == {"user": None, "csrf": None}


def test_session__planted_before_signing_in__is_not_taken_over(world: World) -> None:
    victim, attacker = world.client, browser(world, STRANGER)
    planted = attacker.get_cookie("ecodml-8600").value
    victim.set_cookie("ecodml-8600", planted)
    token = victim.get("/api/auth/session").json["csrf"]
    assert login(world, victim, CUSTOMER, csrf=token).status_code == 200
    assert victim.get_cookie("ecodml-8600").value != planted
    assert attacker.get("/api/auth/session").json["user"] is None


def test_request__by_cookie_without_its_token__changes_nothing(world: World) -> None:
    client = browser(world, CUSTOMER)
    ticket = world.quote()
    for headers in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": "0" * 64}, {"X-CSRF-Token": "\u00e9"}):
        refused = client.post(f"/api/tickets/{ticket.id}/cancel", headers=headers)
        assert (refused.status_code, said(refused)) == (403, "auth.csrf")
    other = browser(world, STRANGER).get("/api/auth/session").json["csrf"]
    refused = client.post(f"/api/tickets/{ticket.id}/cancel", headers={"X-CSRF-Token": other})
    assert said(refused) == "auth.csrf"
    assert world.tickets.get(ticket.id) == ticket


def test_request__by_cookie_with_its_token__is_carried_out(world: World) -> None:
    client = browser(world, CUSTOMER)
    ticket = world.funded()
    headers = {"X-CSRF-Token": client.get("/api/auth/session").json["csrf"]}
    assert client.post(f"/api/tickets/{ticket.id}/upload", headers=headers).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8601", "http://"])
def test_request__from_another_sites_page__is_refused(world: World, origin: str) -> None:
    client = browser(world, CUSTOMER)
    headers = {"X-CSRF-Token": client.get("/api/auth/session").json["csrf"], "Origin": origin}
    assert said(client.post("/api/auth/logout", headers=headers)) == "auth.origin"
    assert said(world.client.post("/api/auth/nonce", headers={"Origin": origin})) == "auth.origin"
    own = {"Origin": "http://127.0.0.1:8600"}
    assert client.post("/api/auth/logout", headers=headers | own).status_code == 200


def test_request__by_bearer_token__needs_no_other(world: World) -> None:
    assert world.client.post("/api/auth/logout", headers=world.sign_in()).status_code == 200


def test_logout__by_cookie__ends_the_session(world: World) -> None:
    client = browser(world, CUSTOMER)
    stolen = client.get_cookie("ecodml-8600").value
    headers = {"X-CSRF-Token": client.get("/api/auth/session").json["csrf"]}
    assert client.post("/api/auth/logout", headers=headers).status_code == 200
    assert client.get_cookie("ecodml-8600") is None
    client.set_cookie("ecodml-8600", stolen)
    ended = client.get("/api/tickets")
    assert (ended.status_code, said(ended)) == (401, "auth.expired")


def test_ticket__of_somebody_else__looks_like_none_by_cookie(world: World) -> None:
    ticket = world.quote(CUSTOMER)
    client = browser(world, STRANGER)
    answer = client.get(f"/api/tickets/{ticket.id}")
    assert (answer.status_code, said(answer)) == (404, "ticket.unknown")
    assert client.get("/api/tickets").json["tickets"] == []
    assert browser(world, CUSTOMER).get(f"/api/tickets/{ticket.id}").status_code == 200


def test_session__remembers_the_browser__in_short(world: World) -> None:
    client: FlaskClient = browser(world, CUSTOMER)
    user = client.get("/api/auth/session").json["user"]["id"]
    (kept,) = world.parts.sessions.of(user, world.clock())
    assert kept.agent == USER_AGENT


def test_login__text_that_links_a_wallet__does_not_sign_in(world: World) -> None:
    message = sign_in_text(world, nonce_of(world.client), more="\nRequest ID: u_1")
    body = {"message": message, "signature": signed(CUSTOMER, message), "cookie": True}
    assert said(world.client.post("/api/auth/login", json=body)) == "auth.purpose"
