"""How accepted updates are folded: what the aggregator is asked for, and when `auto` leaves an update out."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from backend.adapters.memory import MemoryNodes, MemoryObjects, MemoryTasks, MemoryTickets
from backend.dispatch.aggregation import Folded, fold
from backend.dispatch.job import Job, JobParts
from backend.dispatch.preparation import Plan, ShardPlan, architecture_for
from backend.dispatch.reveal_stage import Submission
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.task import Task
from backend.domain.ticket import RoundRecord, Status, Ticket
from fl_nodes.protocol.operator_tasks import Aggregated, AggregateTask, Metrics, PrivacySpent, RootUpdateTask
from fl_nodes.protocol.tasks import Commitment, EnergyReading, Score, TaskKind, ValidationReport
from fl_nodes.protocol.wire import from_wire
from tests.unit.dispatch.scripted_workers import METRICS, ScriptedSignatures, ScriptedWorkers

TRAINERS = tuple(f"0xT{i}" for i in range(6))
LOUD = 5
"""The update that the scores speak against."""


class Operator(ScriptedWorkers):
    """The operator's own workers; `losses` is what the evaluator finds, by the question's name."""

    losses: dict[str, float]
    spent: PrivacySpent | None = None

    def _aggregate(self, task: Task) -> Aggregated:
        asked = from_wire(AggregateTask, task.payload)
        shares = tuple(u.weight / sum(u.weight for u in asked.updates) for u in asked.updates)
        model = self._put(asked.next_model, f"model of {len(asked.updates)}".encode())
        return Aggregated(model, 1.0, 0.1, shares=shares, measured={"clipping_norm": 2.5}, privacy=self.spent)

    def _evaluate(self, task: Task) -> Metrics:
        return replace(METRICS, loss=self.losses.get(task.id.split("/")[-2], 0.5))


class Round:
    """Round 2 of a job with six accepted updates."""

    def __init__(self, spec: JobSpec, losses: dict[str, float] | None = None) -> None:
        self.objects, self.tasks = MemoryObjects(), MemoryTasks(time.time)
        before = RoundRecord(1, "00", "jobs/t_1/rounds/1/model.safetensors", "00", {"loss": 0.6}, (), 1.0)
        facts = DatasetFacts("d.csv", 9, "0" * 64, "csv", 200, 3, ("no", "yes"), (2,), "label")
        architecture = architecture_for("logistic", None, (2,), 2)
        self.ticket = Ticket(
            "t_1", "0xr", "0xjob", "0xC", spec, facts, Quote(0, 0, 1), architecture, 2**40,
            status=Status.RUNNING, trainers=TRAINERS, rounds=(before,),
        )  # fmt: skip
        tickets = MemoryTickets(time.time)
        tickets.add(self.ticket)
        parts = JobParts(
            tickets=tickets,
            tasks=self.tasks,
            nodes=MemoryNodes(),
            objects=self.objects,
            signatures=ScriptedSignatures(),
            market=None,  # type: ignore[arg-type]
            clock=time.time,
            secret=b"s",
        )
        self.job = Job(self.ticket, parts)
        self.losses = losses or {}
        for key in ("v", "initial", before.model_key, *(f"u{i}" for i in range(6))):
            self.objects.put(key, key.encode())
        self.plan = Plan(tuple(ShardPlan(t, "s", 20) for t in TRAINERS), "v", "t", "p", "initial")
        self.accepted = [
            Submission(commitment(t), self.job.ref(f"u{i}"), "s", ()) for i, t in enumerate(TRAINERS)
        ]

    def fold(self, spent: PrivacySpent | None = None, count: int = 6) -> Folded:
        workers = Operator(self.tasks, self.objects, {}, 1, "0xE")
        workers.losses, workers.spent = self.losses, spent
        with workers:
            model = self.job.ref(self.ticket.rounds[-1].model_key)
            return fold(self.job, self.ticket, self.plan, 2, model, self.accepted[:count], [report()])

    def asked(self, name: str = "aggregate", worker: str = "aggregator") -> dict[str, Any]:
        task = self.tasks.get(f"t_1/2/{name}/{worker}")
        assert task is not None
        return task.payload


def commitment(trainer: str) -> Commitment:
    energy = EnergyReading(1, "modelled", 1, "scripted", 1.0)
    number = TRAINERS.index(trainer)
    return Commitment(
        "0xjob", 2, trainer, f"sha{number}", 9, "00", 1, 30 + number, 20, 0.1, 1, energy, 0, "e"
    )


def report() -> ValidationReport:
    """Five updates alike, and one that is long, harmful and points away."""
    scores = [Score(t, "u", 500_000 + 1000 * i, 1, 1, 10**6, 800_000) for i, t in enumerate(TRAINERS)]
    scores[LOUD] = replace(scores[LOUD], loss_ppm=9_000_000, norm_ppm=50 * 10**6, cosine_ppm=-500_000)
    return ValidationReport("0xjob", 2, "0xV1", tuple(scores), (), "e", 0.1)


def test_fold__auto_and_better_without_a_suspect__leaves_it_out() -> None:
    round_ = Round(JobSpec(), {"evaluate": 0.9, "evaluate-without-1": 0.4})

    done = round_.fold()

    assert done.made.model.key.endswith("model-without-1.safetensors")
    assert done.metrics["loss"] == 0.4
    assert done.aggregation["left_out"] == [TRAINERS[LOUD]]
    assert set(done.aggregation["shares"]) == set(TRAINERS[:LOUD])


def test_fold__auto_and_no_better_without_a_suspect__keeps_all() -> None:
    round_ = Round(JobSpec(), {"evaluate": 0.4, "evaluate-without-1": 0.4})

    done = round_.fold()

    assert done.made.model.key.endswith("rounds/2/model.safetensors")
    assert done.aggregation["left_out"] == []
    assert done.aggregation["tried"] == 2


def test_fold__auto_and_best_by_fltrust__takes_all_by_their_direction() -> None:
    round_ = Round(JobSpec(), {"evaluate": 0.9, "evaluate-without-1": 0.4, "evaluate-trusted": 0.3})

    done = round_.fold()

    assert done.made.model.key.endswith("model-trusted.safetensors")
    assert done.aggregation["rule"] == "fltrust"
    assert done.aggregation["left_out"] == []
    assert round_.asked("aggregate-trusted")["root_update"] is not None
    assert round_.asked()["root_update"] is None


def test_fold__auto_with_clipping__keeps_to_the_mean_and_what_it_remembers() -> None:
    round_ = Round(JobSpec(clipping=True), {"evaluate": 0.9, "evaluate-trusted": 0.3})

    done = round_.fold()

    assert done.aggregation["rule"] == "mean"
    assert done.aggregation["tried"] == 1


@pytest.mark.parametrize("spec", [JobSpec(aggregation="mean"), JobSpec(privacy_noise=1.0)])
def test_fold__mean_or_privacy__is_never_second_guessed(spec: JobSpec) -> None:
    done = Round(spec, {"evaluate": 0.9, "evaluate-without-1": 0.4}).fold()

    assert done.aggregation["left_out"] == []
    assert done.aggregation["tried"] == 0


def test_fold__suspect_was_the_only_one_scored__keeps_all() -> None:
    round_ = Round(JobSpec(), {"evaluate": 0.9, "evaluate-without-1": 0.4})
    round_.accepted.append(
        replace(round_.accepted[0], commitment=replace(commitment("0xT0"), trainer="0xNew"))
    )

    assert round_.fold(count=7).aggregation["tried"] == 0


def test_fold__multi_krum__reckons_with_what_the_updates_can_bear() -> None:
    round_ = Round(JobSpec(aggregation="multi_krum", trainers=6, tolerated_share=0.4))

    done = round_.fold()

    assert round_.asked()["rule"] == "multi_krum"
    assert round_.asked()["tolerated"] == done.aggregation["tolerated"] == 1


def test_fold__fltrust__has_the_evaluator_train_as_long_as_a_trainer() -> None:
    round_ = Round(JobSpec(aggregation="fltrust"))

    round_.fold()

    root = from_wire(RootUpdateTask, round_.asked("root-update", "evaluator"))
    assert root.steps == 32
    assert root.data.sha256 == round_.job.ref("v").sha256
    assert round_.asked()["root_update"]["sha256"] == round_.job.ref(root.update.key).sha256


def test_fold__privacy__divides_by_all_who_hold_the_job_and_reports_what_it_cost() -> None:
    round_ = Round(JobSpec(privacy_noise=2.0, privacy_clip=0.5, privacy_delta=1e-6))
    spent = PrivacySpent(3.0, 7.0, 1e-6, 2.0, 0.5, 2)

    done = round_.fold(spent, count=4)

    assert round_.asked()["privacy"] == {
        "noise_multiplier": 2.0, "clip": 0.5, "delta": 1e-6, "participants": 6, "adaptive": False,
    }  # fmt: skip
    assert done.privacy is not None
    assert done.privacy["epsilon"] == 3.0


def test_fold__clipping_and_zeroing__are_asked_for_and_reported() -> None:
    round_ = Round(JobSpec(clipping=True, zeroing=True))

    done = round_.fold()

    assert (round_.asked()["clipping"], round_.asked()["zeroing"]) == (True, True)
    assert done.aggregation["measured"] == {"clipping_norm": 2.5}
    assert done.privacy is None


def test_fold__after_a_restart__asks_nothing_twice() -> None:
    round_ = Round(JobSpec(), {"evaluate": 0.9, "evaluate-without-1": 0.4})
    first = round_.fold()
    silent = Operator(round_.tasks, round_.objects, {}, 1, "0xE")

    with silent:
        again = fold(
            round_.job, round_.ticket, round_.plan, 2, round_.job.ref("initial"), round_.accepted, [report()]
        )

    assert again == first
    assert silent.kinds.count(TaskKind.AGGREGATE) == 0
