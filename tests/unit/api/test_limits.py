"""How often: 429 with one sentence and when to come again; workers' and pages' files are not counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from backend.api.limits import RULES
from tests.support.accounts import said
from tests.support.api_world import CUSTOMER, World

GUESS = {"email": "anna@example.org", "password": "not this one"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An API that counts requests."""
    settings = replace(World(tmp_path).parts.settings, rate_limit_factor=1.0, trusted_proxies=1)
    return World(tmp_path, changes={"settings": settings, "faucet": lambda _: (1, 1)})


def test_sign_in__guessed_at_from_many_addresses__is_slow_for_the_account(world: World) -> None:
    answers = [
        world.client.post("/api/auth/sign-in", json=GUESS, headers={"X-Forwarded-For": f"10.0.0.{n}"})
        for n in range(12)
    ]
    assert [a.status_code for a in answers] == [403] * 10 + [429] * 2
    assert said(answers[-1]) == "request.too_many"
    assert answers[-1].json["error"]["message"] == "Too many requests: try again in 10 minutes at the latest."
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 600
    other = world.client.post("/api/auth/sign-in", json=GUESS | {"email": "bert@example.org"})
    assert other.status_code == 403


@pytest.mark.parametrize("spelling", [" Anna@example.org", "ANNA@EXAMPLE.ORG"])
def test_sign_in__same_address_spelled_otherwise__is_the_same_account(world: World, spelling: str) -> None:
    for _ in range(10):
        world.client.post("/api/auth/sign-in", json=GUESS)
    assert world.client.post("/api/auth/sign-in", json=GUESS | {"email": spelling}).status_code == 429


def test_faucet__asked_by_one_address__is_slow_for_it_alone(world: World) -> None:
    def ask(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return int(
            world.client.post("/api/faucet", json={"address": CUSTOMER.address}, headers=headers).status_code
        )

    assert [ask("10.0.0.1") for _ in range(21)] == [200] * 20 + [429]
    assert ask("10.0.0.2") == 200


def test_files_and_health__asked_without_end__are_not_counted(world: World) -> None:
    paths = ("/static/app.js", "/api/health", "/metrics")
    assert all("X-RateLimit-Limit" not in world.client.get(path).headers for path in paths)
    assert "X-RateLimit-Limit" in world.client.get("/api/nodes").headers


def test_rules__every_one__is_of_a_route_that_exists(world: World) -> None:
    assert set(RULES) <= set(world.api.app.view_functions)
