"""Audits and certificate checks that the server runs for whoever looks."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from backend.adapters.memory.certificates import MemoryCertificates
from backend.api.kept_answers import KeptAnswers
from backend.domain.green_proof import KeptCertificate, SealedJobs
from backend.errors import NotFound, NotYet
from backend.verification.job_history import JobHistory
from fl_nodes.protocol.green import factors_commitment
from fl_nodes.protocol.job_summary import JobSummary
from tests.support.api_world import World
from tests.unit.verification.market_story import JOB, Story

FACTORS = (100_000, 200_000)
KEPT = KeptCertificate(JOB, 500, 2, 24, 1_900_000_000, factors_commitment(list(FACTORS)), "0x" + "cc" * 32)


def world_of(folder: Path, history: JobHistory) -> World:
    def read_job(job_id: str) -> JobHistory:
        if job_id != JOB:
            raise NotFound("audit.unknown_job", "The escrow knows no such job.")
        return history

    certificates = MemoryCertificates()
    certificates.kept[JOB] = KEPT
    certificates.epochs[2] = SealedJobs(2, (JobSummary(JOB, 2, 3, 4),), final=True)
    return World(folder, changes={"read_job": read_job, "certificates": certificates})


def test_audit__a_settled_job__says_of_each_promise_whether_it_holds(tmp_path: Path) -> None:
    world = world_of(tmp_path, Story().running().settle().history())
    told = world.client.get(f"/api/jobs/{JOB}/audit").json
    by_name = {finding["name"]: finding for finding in told["findings"]}
    assert told["ok"] is True
    assert (told["job_id"], told["status"]) == (JOB, "Settled")
    assert {by_name[name]["outcome"] for name in ("opened", "life", "draw", "verdict", "shares")} == {"ok"}
    assert by_name["evidence"]["outcome"] == "not-checkable"
    drawn = [of for of in told["candidates"] if of["drawn"]]
    assert len(drawn) == 3
    assert all(int(of["weight"]) > 0 and not of["barred"] for of in drawn)


def test_audit__a_verdict_that_nobody_may_give__is_shown_as_failed(tmp_path: Path) -> None:
    story = Story().running()
    history = story.settle().history()
    forged = [
        e
        if e.name != "JobSettled"
        else type(e)(**{**vars(e), "args": {**e.args, "signatures": ["0x" + "11" * 65]}})
        for e in history.events
    ]
    world = world_of(tmp_path, type(history)(**{**vars(history), "events": tuple(forged)}))
    told = world.client.get(f"/api/jobs/{JOB}/audit").json
    assert told["ok"] is False
    assert "verdict" in {f["name"] for f in told["findings"] if f["outcome"] == "failed"}


def test_audit__asked_twice__is_worked_out_once_and_says_its_age(tmp_path: Path) -> None:
    world = world_of(tmp_path, Story().running().settle().history())
    world.client.get(f"/api/jobs/{JOB}/audit")
    world.clock.at += 5
    assert world.client.get(f"/api/jobs/{JOB}/audit").json["age_seconds"] == 5


def test_audit__unknown_job_or_nonsense__is_refused(tmp_path: Path) -> None:
    world = world_of(tmp_path, Story().running().history())
    unknown = world.client.get(f"/api/jobs/0x{'77' * 32}/audit")
    assert (unknown.status_code, unknown.json["error"]["code"]) == (404, "audit.unknown_job")
    assert world.client.get("/api/jobs/7/audit").json["error"]["code"] == "job.id"


def test_check__a_certificate__each_thing_that_must_be_so(tmp_path: Path) -> None:
    world = world_of(tmp_path, Story().running().history())
    told = world.client.get(f"/api/certificates/{JOB}/check").json
    assert (told["verified"], told["bound_micrograms"], len(told["checks"])) == (True, 500, 3)
    assert "not that they were metered honestly" in told["honesty"]


def test_check__an_epoch_that_can_be_challenged__is_not_verified(tmp_path: Path) -> None:
    world = world_of(tmp_path, Story().running().history())
    world.parts.certificates.epochs[2] = SealedJobs(2, (JobSummary(JOB, 2, 3, 4),), final=False)
    told = world.client.get(f"/api/certificates/{JOB}/check").json
    assert (told["verified"], [c["ok"] for c in told["checks"]]) == (False, [True, False, True])


def test_check__none__not_found(tmp_path: Path) -> None:
    for world in (world_of(tmp_path, Story().history()), World(tmp_path)):
        refused = world.client.get(f"/api/certificates/0x{'77' * 32}/check")
        assert (refused.status_code, refused.json["error"]["code"]) == (404, "certificate.none")


def test_kept_answers__one_that_takes_long__is_asked_for_again_and_made_once() -> None:
    released, made = threading.Event(), []

    def work() -> dict[str, int]:
        released.wait(10)
        made.append(1)
        return {"n": 1}

    kept = KeptAnswers(lambda: 0.0, 60, wait_s=0.01)
    with pytest.raises(NotYet) as refused:
        kept.of("a", work)
    assert refused.value.code == "answer.under_way"
    with pytest.raises(NotYet):
        kept.of("a", work)
    released.set()
    patient = KeptAnswers(lambda: 0.0, 60)
    assert patient.of("b", lambda: {"n": 2}) == {"n": 2, "age_seconds": 0.0}
    while True:
        try:
            assert kept.of("a", work)["n"] == 1
            break
        except NotYet:
            continue
    assert made == [1]
