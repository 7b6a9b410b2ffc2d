"""A job's events are anybody's to read, exactly."""

from __future__ import annotations

from backend.ports import ChainEvent
from tests.support.api_world import World

JOB = "0x" + "ab" * 32


def test_events__both_chains__come_in_order_with_exact_numbers(world: World) -> None:
    fee = 3 * 10**24 + 1
    world.job_events.tell(
        "carbon", ChainEvent("CarbonCredit", "BaselineFixed", {"job": JOB}, 3, 0, "0xc"), 105
    )
    world.job_events.tell(
        "market",
        ChainEvent("JobEscrow", "JobOpened", {"jobId": JOB, "fee": fee, "flags": [True, 7]}, 9, 1, "0xa"),
        100,
    )
    world.job_events.tell("market", ChainEvent("DMLToken", "Transfer", {"value": fee}, 9, 0, "0xa"), 100)
    world.job_events.tell(
        "market", ChainEvent("JobEscrow", "Withdrawn", {"amount": 1}, 12, 0, "0xother"), 110
    )
    answer = world.client.get(f"/api/jobs/{JOB.upper().replace('0X', '0x')}/events")

    assert answer.status_code == 200
    assert [(e["chain"], e["name"], e["at"]) for e in answer.json["events"]] == [
        ("market", "Transfer", 100),
        ("market", "JobOpened", 100),
        ("carbon", "BaselineFixed", 105),
    ]
    assert answer.json["events"][1]["args"] == {"jobId": JOB, "fee": str(fee), "flags": [True, "7"]}
    assert answer.json["complete"] is True


def test_events__transactions_of_our_ticket__are_told_with_them(world: World) -> None:
    ticket = world.funded()
    for name, tx, at in (("JobOpened", "0x1", 1), ("Withdrawn", "0xf", 5), ("Withdrawn", "0xe", 6)):
        args = {"jobId": ticket.job_id} if name == "JobOpened" else {"amount": 1}
        world.job_events.tell("market", ChainEvent("JobEscrow", name, args, at, 0, tx), at)
    answer = world.client.get(f"/api/jobs/{ticket.job_id}/events")

    assert [(e["name"], e["tx"]) for e in answer.json["events"]] == [
        ("JobOpened", "0x1"),
        ("Withdrawn", "0xf"),
    ]


def test_events__unknown_or_no_job_id__not_found(world: World) -> None:
    for job in (JOB, "0x12", "nonsense"):
        answer = world.client.get(f"/api/jobs/{job}/events")
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "job.unknown")
