"""The job loop over in-memory twins and scripted workers: who is paid, who is a culprit, and what a restart repeats."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backend.adapters.memory import MemoryNodes, MemoryObjects, MemoryTasks, MemoryTickets
from backend.dispatch.deadlines import Patience
from backend.dispatch.job import Job, JobEnded, JobParts
from backend.dispatch.job_loop import run_job
from backend.dispatch.preparation import Plan, architecture_for, examine
from backend.domain.node import Node
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.ticket import Accepted, Assigned, Funded, Refused, Selected, Status, Ticket, Uploaded
from backend.errors import Recoverable
from backend.ports import JobOnChain
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol import scores
from fl_nodes.protocol.payout import Scheme, commission, shares
from fl_nodes.protocol.signing import bytes32
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import from_wire
from tests.unit.dispatch.scripted_workers import ScriptedSignatures, ScriptedWorkers

TRAINERS = ("0xT1", "0xT2", "0xT3", "0xT4")
VALIDATORS = ("0xV1", "0xV2", "0xV3")
KEYS = {provider: f"0xKey{provider[2:]}" for provider in (*TRAINERS, *VALIDATORS)}
JOB_ID = "0x" + "ab" * 32
ESCROW = "0x" + "cd" * 20
FEE = 10**18 + 7
TX = "0x" + "1" * 64


class OneJobChain:
    chain_id = 31337
    escrow_address = ESCROW

    def job(self, job_id: str) -> JobOnChain:
        return JobOnChain(job_id, "0xC", FEE, 2**40, "Assigned", 200)


@dataclass
class World:
    parts: JobParts
    ticket: Ticket

    def workers(self, **behaviour: Any) -> ScriptedWorkers:
        return ScriptedWorkers(self.parts.tasks, self.parts.objects, KEYS, 31337, ESCROW, **behaviour)

    def run(self) -> Ticket:
        run_job(Job(self.ticket, self.parts))
        return self.parts.tickets.get(self.ticket.id)

    def evidence(self, number: int) -> RoundEvidence:
        return from_wire(
            RoundEvidence,
            Job(self.ticket, self.parts).load_json(f"jobs/{self.ticket.id}/rounds/{number}/evidence.json"),
        )


def csv_of(rows: int) -> bytes:
    lines = ["a,b,label"] + [f"{i % 7 + (i % 2) * 5},{i % 3},{'yes' if i % 2 else 'no'}" for i in range(rows)]
    return "\n".join(lines).encode()


def facts_of(data: bytes) -> DatasetFacts:
    from hashlib import sha256

    return DatasetFacts(
        "d.csv", len(data), sha256(data).hexdigest(), "csv", 200, 3, ("no", "yes"), (2,), "label"
    )


@pytest.fixture
def world() -> World:
    return make_world()


def make_world(validators: tuple[str, ...] = VALIDATORS, **fields: Any) -> World:
    """A job that is assigned; `fields` change its specification."""
    clock = time.time
    tickets, nodes, objects = MemoryTickets(clock), MemoryNodes(), MemoryObjects()
    data = csv_of(200)
    usual = JobSpec(model="logistic", rounds=2, local_epochs=1, batch_size=8, segment_steps=2, seed=3)
    spec = replace(usual, **fields)
    objects.put("datasets/t_1/raw", data)
    ticket = Ticket(
        "t_1",
        "0xref",
        JOB_ID,
        "0xC",
        spec,
        facts_of(data),
        Quote(0, 0, FEE),
        architecture_for("logistic", None, (2,), 2),
        2**40,
    )
    tickets.add(ticket)
    for provider in (*TRAINERS, *VALIDATORS):
        role = "trainer" if provider in TRAINERS else "validator"
        nodes.mirror(Node(provider, KEYS[provider], provider, (role,), "1", 5000, "Active"))
        nodes.seen(provider, clock(), {"role": role})
    parts = JobParts(
        tickets=tickets,
        tasks=MemoryTasks(clock),
        nodes=nodes,
        objects=objects,
        signatures=ScriptedSignatures(),
        market=OneJobChain(),  # type: ignore[arg-type]
        clock=clock,
        secret=b"s" * 32,
        patience=Patience(floor=0.5, ceiling=5.0),
        absence_seconds=0.0,
    )
    tickets.advance("t_1", Funded(FEE, 2**40, TX))
    uploaded = tickets.advance("t_1", Uploaded("datasets/t_1/raw"))
    tickets.advance("t_1", examine(uploaded, objects))
    tickets.advance("t_1", Selected(TRAINERS))
    return World(parts, tickets.advance("t_1", Assigned(TRAINERS, validators, TX)))


def test_run_job__all_honest__settles_with_shares_that_sum_to_98_percent(world: World) -> None:
    with world.workers():
        after = world.run()
    assert after.status is Status.SETTLING
    assert after.verdict is not None
    assert after.verdict.payees == TRAINERS
    assert sum(map(int, after.verdict.amounts_wei)) == FEE - commission(FEE, 200)
    assert len(after.verdict.signatures) == len(VALIDATORS)
    words = zip(after.verdict.payees, after.verdict.scores, strict=True)
    done = [scores.decode(bytes32(word), trainer) for trainer, word in words]
    due = shares(Scheme(after.spec.scheme), FEE, 200, done)
    assert tuple(map(int, after.verdict.amounts_wei)) == due
    assert [r.number for r in after.rounds] == [1, 2]


def test_run_job__all_honest__gives_files_and_a_card_that_is_true_of_them(world: World) -> None:
    with world.workers():
        after = world.run()
    assert after.files is not None
    with world.parts.objects.open(after.files["model_card.json"]["key"]) as file:
        card = json.load(file)
    given = {name: {"sha256": f["sha256"], "size": f["size"]} for name, f in after.files.items()}
    assert {"model.keras", "model.pruned.keras", "preprocess.py", "metrics.json"} <= set(card["files"])
    assert card["files"].items() <= given.items()
    assert card["metrics"]["accuracy"] == (after.metrics or {})["accuracy"]
    assert after.verdict is not None
    assert card["provenance"]["evidence_hash"] == after.verdict.evidence_hash
    assert card["provenance"]["model_sha256"] == after.verdict.result_sha256
    assert card["energy"]["classes"] == {
        "modelled": {"joules": 8.0, "band_joules": 2.4, "nodes": 4, "seconds": 8.0}
    }


def test_run_job__form_that_cannot_be_made__is_left_out_with_its_reason(world: World) -> None:
    with world.workers(unmade=frozenset({"model.tflite"})):
        after = world.run()
    assert after.status is Status.SETTLING
    assert after.files is not None
    assert "model.tflite" not in after.files
    with world.parts.objects.open(after.files["model_card.md"]["key"]) as file:
        assert "There is no `model.tflite`: scripted." in file.read().decode()


def test_run_job__work_that_does_not_replay__names_exactly_the_cheats(world: World) -> None:
    with world.workers(cheats=frozenset({"0xT2", "0xT4"})):
        after = world.run()
    assert after.status is Status.FAILED
    assert after.verdict is not None
    assert after.verdict.outcome == "fail"
    assert after.verdict.culprits == ("0xT2", "0xT4")
    assert after.verdict.scores == ()
    assert after.refusal is not None
    assert after.refusal.code == "job.cheated"
    assert after.rounds == ()


def test_run_job__one_lying_validator__slashes_nobody(world: World) -> None:
    with world.workers(liars=frozenset({"0xV2"})):
        after = world.run()
    assert after.status is Status.SETTLING


def test_run_job__trainer_went_offline__is_dropped_unpaid_and_not_slashed(world: World) -> None:
    world.parts.nodes.gone("0xT3", time.time())
    with world.workers(silent=frozenset({"0xT3"})):
        after = world.run()
    assert after.status is Status.SETTLING
    assert after.verdict is not None
    assert dict(zip(after.verdict.payees, after.verdict.amounts_wei, strict=True))["0xT3"] == "0"


def test_run_job__restarted_after_a_round__asks_nothing_twice(world: World) -> None:
    with world.workers(silent=frozenset({"evaluator"})) as first:
        with pytest.raises((Recoverable, JobEnded)):
            run_job(
                Job(
                    world.ticket,
                    replace(world.parts, patience=Patience(ceiling=0.1)),
                    alive=iter([True, False, False]).__next__,
                )
            )
        assert TaskKind.TRAIN not in first.kinds
    with world.workers() as second:
        after = world.run()
    assert after.status is Status.SETTLING
    assert second.kinds.count(TaskKind.INITIALIZE) == 1
    assert second.kinds.count(TaskKind.TRAIN) == len(TRAINERS) * 2


def test_run_job__each_update__has_its_last_segment_replayed(world: World) -> None:
    with world.workers():
        world.run()
    said = world.evidence(1)
    for c in said.commitments:
        replayed = {r.segment for report in said.reports for r in report.replays if r.trainer == c.trainer}
        assert c.segments - 1 in replayed


def test_run_job__ticket_left_running__stops(world: World) -> None:
    with world.workers():
        world.run()
        from backend.domain.ticket import Settled

        world.parts.tickets.advance("t_1", Settled(TX))
        with pytest.raises(JobEnded):
            world.run()


def test_examine__file_differs_from_quote__is_refused(world: World) -> None:
    other = replace(world.ticket, dataset=replace(world.ticket.dataset, sha256="0" * 64))
    found = examine(other, world.parts.objects)
    assert isinstance(found, Refused)
    assert found.code == "dataset.not_as_quoted"


def test_examine__good_file__is_accepted_with_what_was_found(world: World) -> None:
    found = examine(world.ticket, world.parts.objects)
    assert isinstance(found, Accepted)
    assert found.dataset.rows == 200
    assert found.dataset.classes == ("no", "yes")


def test_prepare__run_again__keeps_the_plan(world: World) -> None:
    from backend.dispatch.preparation import prepare

    job = Job(world.ticket, world.parts)
    with world.workers():
        first: Plan = prepare(job)
    assert prepare(job) == first
    assert sum(s.examples for s in first.shards) < 200
