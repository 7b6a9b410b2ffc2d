"""The benchmark on real models: what a node does follows when it is re-run, and what it only says does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fl_nodes.errors import Refused
from fl_nodes.protocol.benchmark import defect
from fl_nodes.protocol.signing import benchmarked_text
from fl_nodes.protocol.tasks import (
    BenchmarkTask,
    Commitment,
    ObjectRef,
    RevealTask,
    SegmentToReplay,
    TaskKind,
    TrainTask,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import signed_by
from fl_nodes.work.benchmark import BenchmarkWork
from tests.integration.fl_nodes.benchmark_world import SHORT, asked, benchmarked
from tests.integration.fl_nodes.job_world import MARKET, World

NODE = "0xN1"

pytestmark = pytest.mark.usefixtures("short_benchmark")


def judged(world: World, task: TrainTask, c: Commitment) -> ValidationReport:
    """As the evaluator judges a part: every segment re-run."""
    segments = tuple(range(c.segments))
    places = {str(i): world.store.upload(f"{c.round}-{i}") for i in segments[1:]}
    reveal = RevealTask(c.job_id, c.round, NODE, world.store.upload(f"{c.round}-update"), places)
    answer = world.trainers[NODE].reveal(Call("r", TaskKind.REVEAL, to_wire(reveal)))
    paths = {r.index: r.path for r in answer.checkpoints}

    def given(index: int) -> tuple[ObjectRef | None, tuple[str, ...]]:
        return (world.store.ref(f"{c.round}-{index}"), paths[index]) if index in paths else (None, ())

    replayed = tuple(SegmentToReplay(s, *given(s), *given(s + 1)) for s in segments)
    update = UpdateToValidate(c, world.store.ref(f"{c.round}-update"), task.shard, replayed)
    judging = ValidateTask(
        c.job_id, c.round, "evaluator", task.architecture, {NODE: task.training}, task.model, (update,), task.shard,
        trainer_keys={NODE: world.keys[NODE]},
    )  # fmt: skip
    return world.validator("evaluator").validate(Call("v", TaskKind.VALIDATE, to_wire(judging)))


def test_benchmark__honest_node__is_signed_and_follows_when_re_run(world: World) -> None:
    world.trainer(NODE)
    task, answer = benchmarked(world, NODE)
    assert defect(answer) == ""
    text = benchmarked_text(MARKET.chain_id, MARKET.escrow, answer)
    assert signed_by(world.keys[NODE], text, answer.signature)
    assert answer.hardware == "a machine"
    for part, commitment in zip(task.parts, answer.parts, strict=True):
        report = judged(world, part, commitment)
        assert all(replay.matches for replay in report.replays)
        assert report.scores[0].accuracy_ppm > 800_000


class NoWork:
    def on_segment(self, weights, context):
        return [w.copy() for w in context.global_weights]


def test_benchmark__work_not_done__does_not_follow(world: World) -> None:
    world.trainer(NODE, NoWork())
    task, answer = benchmarked(world, NODE)
    report = judged(world, task.parts[0], answer.parts[0])
    assert not any(replay.matches for replay in report.replays)


def test_benchmark__setting_up__is_metered_once_and_apart_from_the_work(world: World) -> None:
    world.trainer(NODE)
    _, first = benchmarked(world, NODE)
    assert all(c.energy.millijoules > 0 for c in first.parts)
    _, second = benchmarked(world, NODE)
    assert [c.setup_energy for c in second.parts] == [None, None]


def test_benchmark__other_work_under_its_name__is_refused(world: World) -> None:
    work = BenchmarkWork(world.trainer(NODE), "a machine")
    parts = (
        replace(asked(world, NODE, SHORT[0], 1), job_id="0x" + "11" * 32),
        asked(world, NODE, SHORT[1], 2),
    )
    with pytest.raises(Refused) as refusal:
        work.run(Call("b", TaskKind.BENCHMARK, to_wire(BenchmarkTask(NODE, 1, parts))))
    assert refusal.value.code == "benchmark.other"
