"""A job's certificate is anybody's to read."""

from __future__ import annotations

from backend.domain.ticket import CertificateRecord, Certified
from tests.support.api_world import World

TRAINERS = tuple(f"0x00000000000000000000000000000000000000A{n}" for n in range(1, 5))
RECORD = CertificateRecord(500, "budget", 2, 24, "0x01", (100, 0), 1.5, "0x" + "cc" * 32)


def test_certificate__of_a_certified_job__anybody_reads_it_with_its_factors(world: World) -> None:
    ticket = world.running(TRAINERS, TRAINERS[:1])
    world.tickets.advance(ticket.id, Certified(RECORD))
    answer = world.client.get(f"/api/jobs/{ticket.job_id}/certificate")

    assert answer.status_code == 200
    assert answer.json["job_id"] == ticket.job_id
    said = answer.json["certificate"]
    assert (said["bound"], said["mg_per_kwh"], said["refusal"]) == (500, [100, 0], None)


def test_certificate__none_yet_or_no_such_job__not_found(world: World) -> None:
    ticket = world.running(TRAINERS, TRAINERS[:1])
    for job in (ticket.job_id, "0x" + "77" * 32):
        answer = world.client.get(f"/api/jobs/{job}/certificate")
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "certificate.none")
