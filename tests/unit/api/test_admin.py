"""What those who run the market are shown, and that nobody else is."""

from __future__ import annotations

import pytest

from backend.domain.effects import SendMail
from backend.domain.oversight import PATIENCE_SECONDS
from backend.domain.ticket import (
    Contested,
    RefundCredited,
    Refusal,
    Status,
    Uploaded,
    VerdictRecord,
    VerdictSigned,
)
from tests.support.api_world import ARBITER, CUSTOMER, World


def overview(world: World) -> dict:
    """As the arbiter sees it."""
    return world.client.get("/api/admin/overview", headers=world.sign_in(ARBITER)).json


def codes(world: World) -> set[str]:
    """Of the alerts."""
    return {alert["code"] for alert in overview(world)["alerts"]}


@pytest.mark.parametrize(("method", "path"), [("GET", "overview"), ("POST", "effects/retry")])
def test_admin__customer_and_stranger__are_refused(world: World, method: str, path: str):
    address = f"/api/admin/{path}"
    signed_in = world.client.open(address, method=method, json={"key": "k"}, headers=world.sign_in(CUSTOMER))
    nobody = world.client.open(address, method=method, json={"key": "k"})

    assert (signed_in.status_code, signed_in.json["error"]["code"]) == (403, "admin.only")
    assert nobody.status_code == 401


def test_overview__open_ticket__stands_in_the_queue_with_its_age(world: World):
    ticket = world.funded()
    world.clock.at += 7

    (queued,) = overview(world)["queue"]

    assert (queued["ticket_id"], queued["status"]) == (ticket.id, "FUNDED")
    assert world.clock.at - queued["since"] == 7
    assert overview(world)["counts"] == {"FUNDED": 1}


def test_overview__ticket_that_nobody_reads__is_stuck_and_alarms(world: World):
    ticket = world.tickets.advance(world.funded().id, Uploaded("datasets/x"))
    assert "tickets.stuck" not in codes(world)

    world.clock.at += PATIENCE_SECONDS[Status.UPLOADED] + 1

    assert [one["ticket_id"] for one in overview(world)["stuck"]] == [ticket.id]
    assert "tickets.stuck" in codes(world)


def test_overview__part_that_is_down__alarms_with_a_way_forward(world: World):
    alert = next(a for a in overview(world)["alerts"] if a["code"] == "health.down")

    assert alert["level"] == "critical"
    assert alert["forward"]


def test_retry__effect_given_up__is_tried_again_once(world: World):
    ticket = world.funded()
    key = next(q.key for q in world.tickets.effects.pending([SendMail.__name__]))
    world.tickets.effects.fail(key, "mail.refused", "The server refused the address.")
    (shown,) = overview(world)["effects"]
    assert (shown["key"], shown["state"], shown["why"]) == (key, "failed", "The server refused the address.")
    assert shown["ticket_id"] == ticket.id
    assert "effects.failed" in codes(world)

    headers = world.sign_in(ARBITER)
    first = world.client.post("/api/admin/effects/retry", json={"key": key}, headers=headers)
    again = world.client.post("/api/admin/effects/retry", json={"key": key}, headers=headers)

    assert first.status_code == 200
    assert (again.status_code, again.json["error"]["code"]) == (409, "effect.not_failed")
    assert world.tickets.effects.state(key) == "open"


def test_overview__contested_accusation__waits_for_the_arbiter(world: World):
    culprit = "0xA"
    ticket = world.running((culprit, "0xB"))
    verdict = VerdictRecord("fail", "0" * 64, "cc", (), (), (), (culprit,), ("0xs1",))
    for change in (
        VerdictSigned(verdict, Refusal("job.cheated", "Cheated.")),
        RefundCredited("failed", 5, "0xf", (culprit,)),
        Contested(culprit),
    ):
        ticket = world.tickets.advance(ticket.id, change)

    (case,) = overview(world)["accusations"]

    assert case["job_id"] == ticket.job_id
    assert case["accused"] == [{"culprit": culprit, "name": None, "state": "contested"}]
    assert "arbitration.waits" in codes(world)
