"""The way from the first model to the result, as a real job loop publishes it, follows; changed anywhere it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.dispatch.job import Job
from backend.ports import ChainEvent
from backend.verification.job_history import JobHistory
from backend.verification.job_rounds import JobRounds, lineage
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import from_wire
from tests.unit.dispatch.test_job_loop import ESCROW, JOB_ID, World, world

__all__ = ["world"]


class Published:
    """A job that has ended: what the chain says of it, and its papers."""

    def __init__(self, world: World, **behaviour: frozenset[str]) -> None:
        with world.workers(**behaviour):
            self.ticket = world.run()
        job = Job(self.ticket, world.parts)
        self.rounds = from_wire(JobRounds, job.load_json(job.key("rounds.json")))
        self.said = from_wire(VerdictTask, job.load_json(job.key("verdict.json")))
        assert self.ticket.files is not None
        assert "rounds.json" in self.ticket.files

    def history(self) -> JobHistory:
        told = [("RoundRecorded", {"round": r.number, "root": "0x" + r.root}) for r in self.ticket.rounds]
        assert self.ticket.verdict is not None
        if self.ticket.verdict.outcome == "settle":
            told.append(("JobSettled", {"resultHash": "0x" + self.ticket.verdict.result_sha256}))
        else:
            told.append(("JobFailed", {"culprits": list(self.ticket.verdict.culprits)}))
        events = tuple(
            ChainEvent("JobEscrow", name, {"jobId": JOB_ID} | args, n, 0, f"0x{n}")
            for n, (name, args) in enumerate(told)
        )
        return JobHistory(JOB_ID, 31337, ESCROW, 9, 8, "0xTreasury", events, {}, {})

    def audited(self, change: Callable[[JobRounds], JobRounds] = lambda rounds: rounds) -> Finding:
        return lineage(self.history(), change(self.rounds), self.ticket.spec, self.said)


def rounds_with(number: int, **changes: object) -> Callable[[JobRounds], JobRounds]:
    def change(rounds: JobRounds) -> JobRounds:
        made = [replace(r, **changes) if r.round == number else r for r in rounds.rounds]  # type: ignore[arg-type]
        return replace(rounds, rounds=tuple(made))

    return change


def other(said: RoundEvidence, **changes: object) -> RoundEvidence:
    first, *rest = said.commitments
    return replace(said, commitments=(replace(first, **changes), *rest))  # type: ignore[arg-type]


def test_lineage__as_published__follows(world: World) -> None:
    found = Published(world).audited()
    assert (found.outcome, found.detail[:9]) == (Outcome.OK, "2 rounds ")


def test_lineage__a_failed_job__follows_as_far_as_it_went(world: World) -> None:
    published = Published(world, cheats=frozenset({"0xT2"}))
    assert published.rounds.rounds[-1].model_sha256 == ""
    assert published.audited().outcome is Outcome.OK


def test_lineage__without_the_rounds_or_the_specification__says_what_it_lacks(world: World) -> None:
    published = Published(world)
    assert lineage(published.history(), None, None, None).outcome is Outcome.NOT_CHECKABLE
    found = lineage(published.history(), published.rounds, None, None)
    assert (found.outcome, "--spec" in found.detail) == (Outcome.OK, True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (rounds_with(2, model_sha256="99" * 32), "root of round 2"),
        (rounds_with(1, model_sha256="99" * 32), "other work in round 2"),
        (rounds_with(1, nonce="77" * 32), "another challenge"),
        (rounds_with(1, openings=()), "were opened in round 1"),
        (rounds_with(1, reports=()), "Nobody re-ran"),
        (rounds_with(2, commitments=()), "commitments of the rounds"),
        (rounds_with(2, round=3), "rounds handed over are"),
        (lambda r: replace(r, rounds=r.rounds[:1]), "root of round 2"),
        (lambda r: replace(r, rounds=()), "No round"),
        (lambda r: replace(r, initial_model_sha256="99" * 32), "other work in round 1"),
        (lambda r: replace(r, shards=r.shards | {"0xT1": "99" * 32}), "0xT1 committed to other work"),
        (lambda r: replace(r, architecture={}), "other work"),
        (lambda r: replace(r, rounds=(other(r.rounds[0], examples=9), *r.rounds[1:])), "root of round 1"),
    ],
)
def test_lineage__changed_anywhere__does_not_follow(
    world: World, change: Callable[[JobRounds], JobRounds], why: str
) -> None:
    found = Published(world).audited(change)
    assert found.outcome is Outcome.FAILED
    assert why in found.detail


def test_lineage__another_specification_or_result__does_not_follow(world: World) -> None:
    published = Published(world)
    faster = replace(published.ticket.spec, learning_rate=0.5)
    assert lineage(published.history(), published.rounds, faster, None).outcome is Outcome.FAILED
    assert published.ticket.verdict is not None
    verdict = replace(published.ticket.verdict, result_sha256="99" * 32)
    published.ticket = replace(published.ticket, verdict=verdict)
    assert "signed 0x99" in published.audited().detail
