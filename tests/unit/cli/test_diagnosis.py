"""`ecodml doctor --for`: what is in somebody's way, why, and what to do, whatever state things are in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.cli.client import Api
from backend.cli.diagnosis import STATES, WAITS, diagnosed
from backend.cli.home import Receipt, save_receipt, save_session
from backend.cli.market_diagnosis import judged, samples_of
from backend.domain.ticket import Status
from backend.errors import Recoverable
from tests.support.api_world import World
from tests.unit.cli.fake_api import FakeApi

AT = 1_800_000_000.0
RECEIPT = Receipt("t_1", "http://api", "", 1, "", "", "0xj", "", "0xC", 5, int(AT) + 60, "", "a.csv")
WELL = {"parts": {"settler": {"ok": True, "detail": "1 alive"}}}
NODE = {"state": "Active", "online": True, "roles": ["trainer"], "key": "0xK", "name": "sun-1"}
IDENTITY = {"name": "sun-1", "provider": "0xP", "role": "trainer", "key": "0xK"}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ECODML_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def asked(
    person: str, routes: dict[str, Any], folder: Path = Path("nowhere"), at: float = AT
) -> dict[str, Any]:
    api = Api("http://api", session=FakeApi(routes).session())
    return {check.name: check for check in diagnosed(person, api, folder, lambda: at)}


def ticket(status: str) -> dict[str, Any]:
    return {"GET /api/health": (200, WELL), "GET /api/tickets/t_1": (200, {"ticket": {"status": status}})}


@pytest.mark.parametrize("status", sorted(WAITS))
def test_customer__ticket_in_any_state__hears_why_and_how_the_fee_comes_back(status: str) -> None:
    save_receipt(RECEIPT)
    save_session("http://api", "0xC", "token")
    in_time = asked("customer", ticket(status))["ticket t_1"]
    assert in_time.ok
    assert in_time.detail.startswith(f"{status}: ")
    late = asked("customer", ticket(status), at=AT + 61)["ticket t_1"]
    assert not late.ok
    assert "ecodml reclaim t_1" in late.next_step
    assert late.why


def test_customer__ticket_that_ended__is_fine_however_late() -> None:
    save_receipt(RECEIPT)
    save_session("http://api", "0xC", "token")
    assert asked("customer", ticket("SETTLED"), at=AT + 1e6)["ticket t_1"].ok


def test_customer__operator_has_vanished__learns_that_the_fee_can_be_taken_back() -> None:
    save_receipt(RECEIPT)
    found = asked(
        "customer", {"GET /api/health": (503, {"error": {"code": "x.y", "message": "Down."}})}, at=AT + 61
    )
    assert not found["API"].ok
    assert "needs no API" in found["API"].why
    assert "ecodml reclaim t_1" in found["ticket t_1"].next_step


def test_customer__damaged_receipt_or_a_part_down__is_told(own_home: Path) -> None:
    (own_home / "receipts").mkdir(parents=True)
    (own_home / "receipts" / "t_2.json").write_text("{")
    found = asked(
        "customer", {"GET /api/health": (200, {"parts": {"nodes": {"ok": False, "detail": "0 trainers"}}})}
    )
    assert (found["nodes"].ok, found["t_2"].ok, found["wallet"].ok) == (False, False, False)


@pytest.mark.parametrize(
    ("change", "in_the_way"),
    [
        ({}, set()),
        *[({"state": state}, {"standing"}) for state in STATES],
        ({"online": False}, {"connection"}),
        ({"roles": ["validator"]}, {"role"}),
        ({"key": "0xOther"}, {"key"}),
    ],
)
def test_provider__node_in_any_state__hears_what_is_in_its_way(
    tmp_path: Path, change: dict[str, Any], in_the_way: set[str]
) -> None:
    (tmp_path / "node.json").write_text(json.dumps(IDENTITY))
    found = asked("provider", {"GET /api/nodes/0xP": (200, {"node": NODE | change})}, tmp_path)
    assert {name for name, check in found.items() if not check.ok} == in_the_way
    assert all(found[name].why and found[name].next_step for name in in_the_way)


def test_provider__no_node_here_or_unknown_there__is_told(tmp_path: Path) -> None:
    assert not asked("provider", {}, tmp_path)["node"].ok
    (tmp_path / "node.json").write_text(json.dumps(IDENTITY))
    for status, code, step in (
        (404, "node.unknown", "just joined"),
        (503, "database.unreachable", "by itself"),
    ):
        refusal = {"error": {"code": code, "message": "No."}}
        found = asked("provider", {"GET /api/nodes/0xP": (status, refusal)}, tmp_path)["sun-1"]
        assert not found.ok
        assert step in found.next_step


def test_admin__a_real_market__is_judged_by_its_own_metrics(tmp_path: Path) -> None:
    plain = World(tmp_path)
    settings = replace(plain.parts.settings, state_dir=tmp_path)
    world = World(
        tmp_path,
        changes={"settings": settings, "heartbeats": lambda: {"settler": [], "api": [plain.clock()]}},
    )
    world.funded()
    found = {check.name: check for check in judged(samples_of(world.client.get("/metrics").text))}
    assert (found["database"].ok, found["settler"].ok, found["api"].ok, found["trainers"].ok) == (
        True,
        False,
        True,
        False,
    )
    (key,) = (one.key for one in world.tickets.effects.pending(["SendMail"]))
    world.tickets.effects.fail(key, "mail.refused", "No.")
    world.clock.at += 10_000
    found = {check.name: check for check in judged(samples_of(world.client.get("/metrics").text))}
    assert not found["effects given up"].ok
    assert "/admin" in found["effects given up"].next_step


def test_admin__database_down__hears_nothing_that_nobody_could_read(tmp_path: Path) -> None:
    world = World(tmp_path)

    def down(*_: object, **__: object) -> None:
        raise Recoverable("database.unreachable", "The database does not answer.")

    for store, verb in ((world.tickets, "find"), (world.tickets.effects, "standing"), (world.seats, "all")):
        setattr(store, verb, down)
    (found, *others) = judged(samples_of(world.client.get("/metrics").text))
    assert (found.name, found.ok) == ("database", False)
    assert "tickets, workers, outbox" in found.detail
    assert {check.name for check in others} <= {"disk", "api", "dispatcher", "settler"}


def test_words__for_every_state_a_ticket_can_wait_in() -> None:
    assert set(WAITS) | {"SETTLED", "REFUNDED", "INVALID"} == {status.value for status in Status}
