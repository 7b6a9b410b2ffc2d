"""Jobs as everybody may see them."""

from __future__ import annotations

import json

import pytest

from tests.support.api_world import World


def test_jobs__quoted_ones__are_nobodys_business(world: World) -> None:
    quoted = world.quote()
    paid = world.funded()
    answer = world.client.get("/api/jobs").json
    assert ([job["job_id"] for job in answer["jobs"]], answer["more"]) == ([paid.job_id], False)
    hidden = world.client.get(f"/api/jobs/{quoted.job_id}")
    assert (hidden.status_code, hidden.json["error"]["code"]) == (404, "job.unknown")


def test_jobs__many__page_by_page_and_by_what_became_of_the_fee(world: World) -> None:
    for _ in range(52):
        world.clock.at += 1
        world.funded()
    world.settled()
    first = world.client.get("/api/jobs").json
    assert (len(first["jobs"]), first["more"]) == (50, True)
    rest = world.client.get("/api/jobs", query_string={"before": first["jobs"][-1]["job_id"]}).json
    assert (len(rest["jobs"]), rest["more"]) == (3, False)
    settled = world.client.get("/api/jobs?status=settled").json["jobs"]
    assert [(job["status"], job["fate"], job["rounds"]) for job in settled] == [("SETTLED", "settled", 1)]
    assert world.client.get("/api/jobs?status=refunded").json["jobs"] == []


def test_jobs__found_by_what_the_chain_tells_of_them(world: World) -> None:
    ticket = world.funded()
    for word in (ticket.job_id.upper().replace("0X", "0x"), ticket.ref, "0x" + ticket.dataset.sha256):
        found = world.client.get("/api/jobs", query_string={"find": word}).json["jobs"]
        assert [job["job_id"] for job in found] == [ticket.job_id]
    assert world.client.get("/api/jobs", query_string={"find": "0x" + "77" * 32}).json["jobs"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [("find=sun", "job.id"), ("before=0x12", "job.id"), ("status=gone", "job.status")],
)
def test_jobs__nonsense__is_refused_in_a_sentence(query: str, code: str, world: World) -> None:
    refused = world.client.get(f"/api/jobs?{query}")
    assert (refused.status_code, refused.json["error"]["code"]) == (400, code)


def test_job__facts__tell_hashes_and_pay_and_nothing_of_the_file(world: World) -> None:
    ticket, _ = world.settled()
    job = world.client.get(f"/api/jobs/{ticket.job_id}").json["job"]
    assert job["dataset_hash"] == "0x" + ticket.dataset.sha256
    assert job["spec_hash"] == "0x" + ticket.spec.hash()
    assert job["verdict"]["payees"] == list(ticket.verdict.payees)
    assert job["rounds"] == [{"number": 1, "root": "ab" * 32, "updates": 1}]
    assert job["timeline"][0]["status"] == "FUNDED"
    text = json.dumps(job)
    for private in (ticket.dataset.name, "label", ticket.id, '"x"'):
        assert private not in text


def test_job__no_hash__is_refused(world: World) -> None:
    assert world.client.get("/api/jobs/sun").json["error"]["code"] == "job.id"
