"""One node's benchmark: hand the work out, see how long it takes, draw what is re-run, have the evaluator judge it.

As in a round the node commits before it knows which segments are re-run, and reveals after. What it cannot show to be done
gives no baseline, and nothing worse: nobody is slashed for a benchmark.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from backend.dispatch.benchmark_files import BenchmarkFiles, model_key
from backend.dispatch.fixed_set import HELD_OUT_KEY, TRAINING_KEY
from backend.domain.node import Node
from backend.domain.rating import Measured, rated_seconds
from backend.domain.task import Task, TaskState
from backend.ports import Clock, MarketChain, Nodes, Objects, Signatures, Tasks
from backend.verification.gate import checkpoints_needed, commitment_defect, report_defect, reveal_defect
from fl_nodes.protocol import benchmark, challenge
from fl_nodes.protocol.benchmark import PARTS, Part
from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.operator_tasks import InitializeTask
from fl_nodes.protocol.signing import benchmarked_text
from fl_nodes.protocol.tasks import (
    Benchmarked,
    BenchmarkTask,
    Commitment,
    ObjectRef,
    Reveal,
    RevealTask,
    Role,
    SegmentToReplay,
    Stored,
    TaskKind,
    TrainTask,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

T = TypeVar("T")

WORK_SECONDS = 300.0
SECONDS = {
    TaskKind.INITIALIZE: 300.0,
    TaskKind.BENCHMARK: WORK_SECONDS,
    TaskKind.REVEAL: 120.0,
    TaskKind.VALIDATE: 300.0,
}
"""How long each question may take."""

POLL_SECONDS = 1.0
INITIAL_SEED = 1998


class NoBaseline(Exception):
    """The node did not show that it did the work; the sentence says how."""


class Postponed(Exception):
    """Not now, and through no fault of the node: it got a job, it left, or the operator's evaluator did not answer."""


@dataclass(frozen=True)
class BenchmarkParts:
    """What benchmarks need of the world. `secret` keys the seeds, so that nobody can do the work before it is asked for."""

    tasks: Tasks
    nodes: Nodes
    objects: Objects
    signatures: Signatures
    market: MarketChain
    clock: Clock
    secret: bytes


@dataclass(frozen=True)
class Outcome:
    """What a benchmark showed, and the node's signed answer, whose energy claims are as it made them."""

    measured: Measured
    answer: Benchmarked


class Benchmark:
    """Benchmark `number` of a node. `alive()` is false once another process has taken over."""

    def __init__(
        self, parts: BenchmarkParts, node: Node, number: int, alive: Callable[[], bool] = lambda: True
    ) -> None:
        self._parts = parts
        self._node = node
        self._role = Role(node.role or Role.TRAINER)
        self._number = number
        self._alive = alive
        self._id = benchmark.job_id(node.provider, number)
        self._files = BenchmarkFiles(parts.objects, node.provider)

    def run(self) -> Outcome:
        """Raises NoBaseline or Postponed."""
        try:
            return self._run()
        finally:
            self._parts.tasks.cancel(self._id)

    def _run(self) -> Outcome:
        asked = self._asked()
        started = self._parts.clock()
        task = self._task("work", self._role, TaskKind.BENCHMARK, asked)
        answer = self._ask([task], Benchmarked)[0]
        observed = self._parts.clock() - started
        self._check(asked, answer)
        reports = self._judged(asked, answer)
        scores = [report.scores[0] for report in reports]
        readings = [c.energy for c in answer.parts]
        joules = benchmark.millijoules(answer) / 1000
        bands = [r.band_ppm * r.millijoules for r in readings]
        return Outcome(
            Measured(
                accuracy=sum(s.accuracy_ppm for s in scores) / len(scores) / 1e6,
                macro_f1=sum(s.macro_f1_ppm for s in scores) / len(scores) / 1e6,
                seconds=rated_seconds(sum(r.seconds for r in readings), observed),
                joules=joules,
                kind=readings[0].kind if len({r.kind for r in readings}) == 1 else "modelled",
                band_ppm=int(sum(bands) / (joules * 1000)) if joules else max(r.band_ppm for r in readings),
            ),
            answer,
        )

    # --- the work --------------------------------------------------------------------------------------------

    def _asked(self) -> BenchmarkTask:
        data, published = self._files.ref(TRAINING_KEY), challenge.commit(self._drawn("nonce"))
        parts = tuple(
            TrainTask(
                job_id=self._id,
                round=i,
                trainer=self._node.provider,
                architecture=dict(part.architecture),
                training=part.training(derive_seed(self._drawn(part.name))),
                model=self._initial_model(part),
                shard=data,
                examples=benchmark.TRAINING_ROWS,
                challenge_commitment=published,
                deadline_unix_s=self._parts.clock() + WORK_SECONDS,
            )
            for i, part in enumerate(PARTS, 1)
        )
        return BenchmarkTask(self._node.provider, self._number, parts)

    def _check(self, asked: BenchmarkTask, answer: Benchmarked) -> None:
        market, signer = self._parts.market, self._parts.signatures.signer
        said = (market.chain_id, market.escrow_address)
        if (answer.provider, answer.number) != (asked.provider, asked.number):
            raise NoBaseline("answers for another node or benchmark")
        if why := benchmark.defect(answer):
            raise NoBaseline(why)
        for task, commitment in zip(asked.parts, answer.parts, strict=True):
            if why := commitment_defect(task, commitment, self._node.key, *said, signer):
                raise NoBaseline(why)
        if signer(benchmarked_text(*said, answer), answer.signature) != self._node.key:
            raise NoBaseline("is not signed by the node's key")

    def _initial_model(self, part: Part) -> ObjectRef:
        """The same for everyone, made once by the evaluator."""
        key = model_key(part)
        if self._parts.objects.stat(key) is None:
            task = InitializeTask(dict(part.architecture), INITIAL_SEED, self._files.upload(key))
            asked = self._task(f"initialize/{part.name}", Role.EVALUATOR, TaskKind.INITIALIZE, task)
            self._ask([asked], Stored)
        return self._files.ref(key)

    # --- the check -------------------------------------------------------------------------------------------

    def _judged(self, asked: BenchmarkTask, answer: Benchmarked) -> list[ValidationReport]:
        """The evaluator's report on each part: scores on the held-out rows, and the drawn segments re-run."""
        drawn = challenge.seed(self._drawn("nonce"), answer.parts)
        provider = self._node.provider
        picked = [
            challenge.segments_to_replay(
                drawn, f"{provider}/{c.round}", c.segments, benchmark.REPLAYED_SEGMENTS
            )
            for c in answer.parts
        ]
        reveals = [
            self._task(f"reveal/{c.round}", self._role, TaskKind.REVEAL, self._reveal_task(c, segments))
            for c, segments in zip(answer.parts, picked, strict=True)
        ]
        revealed = self._ask(reveals, Reveal)
        judged = [
            self._validate_task(task, c, segments, reveal)
            for task, c, segments, reveal in zip(asked.parts, answer.parts, picked, revealed, strict=True)
        ]
        questions = [self._task(f"judge/{t.round}", Role.EVALUATOR, TaskKind.VALIDATE, t) for t in judged]
        reports = self._ask(questions, ValidationReport)
        for judging, report in zip(judged, reports, strict=True):
            self._check_report(judging, report)
        return reports

    def _reveal_task(self, c: Commitment, segments: Sequence[int]) -> RevealTask:
        needed = checkpoints_needed(segments, c.segments)
        uploads = {str(i): self._files.upload(self._files.checkpoint_key(c.round, i)) for i in needed}
        return RevealTask(
            c.job_id, c.round, c.trainer, self._files.upload(self._files.update_key(c.round)), uploads
        )

    def _validate_task(
        self, asked: TrainTask, c: Commitment, segments: Sequence[int], revealed: Reveal
    ) -> ValidateTask:
        needed = checkpoints_needed(segments, c.segments)
        keys = [self._files.update_key(c.round), *(self._files.checkpoint_key(c.round, i) for i in needed)]
        stored = {key: self._parts.objects.stat(key) for key in keys}
        if why := reveal_defect(c, revealed, needed, stored, keys[0]):
            raise NoBaseline(why)
        paths = {r.index: r.path for r in revealed.checkpoints}
        replayed = tuple(self._segment(c, index, paths) for index in segments)
        return ValidateTask(
            job_id=self._id,
            round=c.round,
            validator=Role.EVALUATOR.value,
            architecture=asked.architecture,
            training={c.trainer: asked.training},
            model=asked.model,
            updates=(UpdateToValidate(c, self._files.ref(keys[0]), asked.shard, replayed),),
            validation=self._files.ref(HELD_OUT_KEY),
            trainer_keys={c.trainer: self._node.key},
        )

    def _segment(self, c: Commitment, index: int, paths: dict[int, tuple[str, ...]]) -> SegmentToReplay:
        given: dict[str, Any] = {}
        if index > 0:
            given |= {
                "start": self._files.ref(self._files.checkpoint_key(c.round, index)),
                "start_path": paths[index],
            }
        if index + 1 < c.segments:
            given |= {
                "end": self._files.ref(self._files.checkpoint_key(c.round, index + 1)),
                "end_path": paths[index + 1],
            }
        return SegmentToReplay(index, **given)

    @staticmethod
    def _check_report(asked: ValidateTask, report: ValidationReport) -> None:
        # The socket has proven the evaluator's key; its report goes nowhere where a signature would count.
        own = asked.validator
        if why := report_defect(asked, report, own, 0, "", lambda _text, _signature: own):
            raise Postponed(f"the evaluator's report {why}")
        missed = [r for r in report.replays if not r.matches]
        if missed:
            raise NoBaseline(f"segment {missed[0].segment} of part {report.round}: {missed[0].reason}")
        if report.scores[0].defect:
            raise NoBaseline(report.scores[0].defect)

    def _drawn(self, what: str) -> str:
        said = f"{self._id}|{what}".encode()
        return hmac.new(self._parts.secret, said, hashlib.sha256).hexdigest()

    # --- workers ---------------------------------------------------------------------------------------------

    def _task(self, name: str, role: Role, kind: TaskKind, payload: Any) -> Task:
        worker = role.value if role is Role.EVALUATOR else self._node.provider
        deadline = self._parts.clock() + SECONDS[kind]
        return Task(f"{self._id}/{name}", self._id, worker, role, kind, to_wire(payload), deadline)

    def _ask(self, tasks: Sequence[Task], answer: type[T]) -> list[T]:
        """Their answers in order. A job goes first: it ends the benchmark of a node that gets one."""
        self._parts.tasks.put(tasks)
        ids = [task.id for task in tasks]
        while True:
            found = self._parts.tasks.wait(ids, POLL_SECONDS)
            ended = [found[i] for i in ids if i in found and found[i].state is not TaskState.OPEN]
            if len(ended) == len(ids):
                return [self._decoded(task, answer) for task in ended]
            node = self._parts.nodes.get(self._node.provider)
            if not self._alive() or node is None or not node.available or node.assigned_jobs:
                raise Postponed("the node has left or got a job")
            if self._parts.clock() >= tasks[0].deadline:
                if tasks[0].role is Role.EVALUATOR:
                    raise Postponed("the evaluator did not answer")
                raise NoBaseline(f"did not answer {tasks[0].kind} in time")

    def _decoded(self, task: Task, answer: type[T]) -> T:
        blame = Postponed if task.role is Role.EVALUATOR else NoBaseline
        if task.state is not TaskState.DONE:
            raise blame(f"{task.kind} was not done: {task.message or task.state}")
        try:
            return from_wire(answer, task.result)
        except WireError as error:
            raise blame(f"the answer to {task.kind} is malformed: {error}") from error
