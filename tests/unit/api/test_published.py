"""What was published is offered before anything is paid, and its files are anybody's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.domain.publication import published
from backend.domain.ticket import Status
from backend.errors import Recoverable
from tests.support.api_world import CUSTOMER, STRANGER, World, quote_body
from tests.support.tickets import round_record


def quote(world: World, account: Any = STRANGER, **spec: Any) -> dict[str, Any]:
    answer = world.client.post("/api/quotes", json=quote_body(spec=spec), headers=world.sign_in(account))
    assert answer.status_code == 201
    told: dict[str, Any] = answer.json
    return told


def publish(world: World, accuracy: float = 0.9, open_to_all: bool = True) -> str:
    """A settled ticket of the customer, listed on the carbon chain; its job."""
    first = world.tickets.get(quote(world, CUSTOMER)["ticket"]["id"])
    stored = world.parts.objects.put(f"exports/{first.id}/model.keras", b"model")
    kept = {"key": stored.key, "sha256": stored.sha256, "size": stored.size}
    done = replace(
        first,
        id=first.id + "x",
        job_id="0x" + first.id.encode().hex().ljust(64, "0"),
        ref=first.ref + "x",
        status=Status.SETTLED,
        spec=replace(first.spec, publish=True),
        rounds=(round_record(1),),
        files={"model.keras": kept, "metrics.json": kept, "verdict.json": kept},
        carbon={"millijoules": 5, "micrograms": 6},
        metrics={"accuracy": accuracy},
    )
    (effect,) = published(done)
    world.publications.publish(effect)
    world.tickets.add(done if open_to_all else replace(done, spec=first.spec))
    return done.job_id


def test_quote__nothing_published__offers_nothing(world: World) -> None:
    assert quote(world)["published"] == []


def test_quote__the_same_training__is_offered_with_what_it_is_worth(world: World) -> None:
    job = publish(world)
    (offered,) = quote(world, seed=99)["published"]
    assert (offered["job_id"], offered["metrics"], offered["millijoules"]) == (job, {"accuracy": 0.9}, 5)
    assert set(offered["files"]) == {"model.keras", "metrics.json"}


def test_quote__several_published__the_most_accurate_first(world: World) -> None:
    worse, better = publish(world, 0.8), publish(world, 0.95)
    assert [o["job_id"] for o in quote(world)["published"]] == [better, worse]


def test_quote__another_recipe__is_not_offered(world: World) -> None:
    publish(world)
    assert quote(world, rounds=3, local_epochs=7)["published"] == []


def test_quote__the_carbon_chain_is_away__goes_on_without_offers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: str) -> None:
        raise Recoverable("chain.unreachable", "The carbon chain does not answer.")

    publish(world)
    monkeypatch.setattr(world.publications, "find", away)
    assert quote(world)["published"] == []


def test_files__published__are_anybodys_who_is_signed_in(world: World) -> None:
    job = publish(world)
    assert world.client.get(f"/api/published/{job}/files").status_code == 401
    files = world.client.get(f"/api/published/{job}/files", headers=world.sign_in(STRANGER)).json["files"]
    assert set(files) == {"model.keras", "metrics.json"}
    assert files["model.keras"]["url"].startswith("http")


def test_files__listed_but_never_opened_by_its_customer__look_like_none(world: World) -> None:
    job = publish(world, open_to_all=False)
    for asked in (job, "0x" + "00" * 32):
        answer = world.client.get(f"/api/published/{asked}/files", headers=world.sign_in(STRANGER))
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "published.unknown")
    assert quote(world)["published"] == []
