"""Evidence bundles hold a customer's rows: who may read them, and that nobody else learns even that they are there."""

from __future__ import annotations

import pytest
from eth_account import Account

from backend.domain.ticket import Contested, RefundCredited, Refusal, Ticket, VerdictRecord, VerdictSigned
from tests.support.api_world import ARBITER, CUSTOMER, STRANGER, World

CULPRITS = tuple(Account.from_key(f"0x{n:064x}") for n in (101, 102))
HONEST = Account.from_key(f"0x{103:064x}")
VALIDATOR = Account.from_key(f"0x{104:064x}")


def accused(world: World) -> Ticket:
    """A job in which two trainers are accused, one of which contests."""
    trainers = tuple(a.address for a in (*CULPRITS, HONEST))
    ticket = world.running(trainers, (VALIDATOR.address,))
    names = trainers[:2]
    files = {}
    for name in names:
        stored = world.parts.objects.put(f"jobs/{ticket.id}/evidence/{name}.tar", name.encode())
        facts = {"key": stored.key, "sha256": stored.sha256, "size": stored.size, "bundle": "b" + name}
        files[f"evidence-{name}.tar"] = facts
    verdict = VerdictRecord("fail", "0" * 64, "cc", (), (), (), names, ("0xs1",))
    for change in (
        VerdictSigned(verdict, Refusal("job.cheated", "Cheated."), files=files),
        RefundCredited("failed", 5, "0xf", names),
        Contested(names[1]),
    ):
        ticket = world.tickets.advance(ticket.id, change)
    return ticket


def asked(world: World, ticket: Ticket, account) -> list[str] | int:
    """Whose bundles this account is shown, or the status of the refusal."""
    answer = world.client.get(f"/api/jobs/{ticket.job_id}/evidence", headers=world.sign_in(account))
    return [b["culprit"] for b in answer.json["bundles"]] if answer.status_code == 200 else answer.status_code


@pytest.mark.parametrize("reader", [CUSTOMER, VALIDATOR, ARBITER])
def test_evidence__customer_validator_arbiter__read_every_bundle(world: World, reader) -> None:
    assert asked(world, accused(world), reader) == [a.address for a in CULPRITS]


def test_evidence__an_accused__reads_its_own_alone(world: World) -> None:
    ticket = accused(world)
    for culprit in CULPRITS:
        assert asked(world, ticket, culprit) == [culprit.address]


@pytest.mark.parametrize("reader", [STRANGER, HONEST])
def test_evidence__anyone_else__learns_nothing(world: World, reader) -> None:
    assert asked(world, accused(world), reader) == 404
    unknown = world.client.get(f"/api/jobs/0x{'9' * 64}/evidence", headers=world.sign_in(reader))
    assert (unknown.status_code, unknown.json["error"]["code"]) == (404, "job.unknown")


def test_evidence__without_a_session__asks_to_sign_in(world: World) -> None:
    assert world.client.get(f"/api/jobs/{accused(world).job_id}/evidence").status_code == 401


def test_evidence__its_url__gives_the_bundle(world: World) -> None:
    ticket = accused(world)
    answer = world.client.get(f"/api/jobs/{ticket.job_id}/evidence", headers=world.sign_in(CULPRITS[1]))
    (found,) = answer.json["bundles"]
    assert (found["accusation"], found["bundle"]) == ("contested", "b" + CULPRITS[1].address)
    assert world.client.get(found["url"]).data == CULPRITS[1].address.encode()


def test_ticket_and_node__accused__say_so_and_name_the_bundle(world: World) -> None:
    ticket = accused(world)
    shown = world.client.get(f"/api/tickets/{ticket.id}", headers=world.sign_in()).json["ticket"]
    names = [a.address for a in CULPRITS]
    assert shown["accusations"] == dict(zip(names, ("named", "contested"), strict=True))
    assert shown["files"][f"evidence-{names[0]}.tar"]["bundle"] == "b" + names[0]
