"""Workers that answer tasks by the protocol without training: honest unless a test tells one of them not to be.

A worker's signature is `signed:<key>:<digest of the text>`, which `ScriptedSignatures` understands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from backend.domain.task import Task, TaskState
from backend.ports import Objects, Tasks
from fl_nodes.protocol import verdict
from fl_nodes.protocol.binding import work_of
from fl_nodes.protocol.hashing import digest, merkle_proof, merkle_root, sha256_hex
from fl_nodes.protocol.operator_tasks import (
    Aggregated,
    AggregateTask,
    Exported,
    ExportTask,
    InitializeTask,
    Metrics,
    RootUpdateTask,
)
from fl_nodes.protocol.signing import benchmarked_text, commitment_text, report_text
from fl_nodes.protocol.tasks import (
    Benchmarked,
    BenchmarkTask,
    Commitment,
    EnergyReading,
    Replay,
    Reveal,
    RevealedCheckpoint,
    RevealTask,
    Score,
    Stored,
    TaskKind,
    TrainTask,
    Upload,
    ValidateTask,
    ValidationReport,
)
from fl_nodes.protocol.verdict_tasks import VerdictSignature, VerdictTask
from fl_nodes.protocol.wire import from_wire, to_wire

ENVIRONMENT = "scripted"
METRICS = Metrics(0.1, 0.95, 0.94, ((1, 0), (0, 1)), 2)


class ScriptedSignatures:
    """Signatures without keys, for scripted workers."""

    def signer(self, text: str, signature: str) -> str | None:
        kind, _, rest = signature.partition(":")
        key, _, said = rest.partition(":")
        return key if kind == "signed" and said == digest(text) else None

    def typed_signer(self, document: dict[str, Any], signature: str) -> str | None:
        return self.signer(_document_text(document), signature)


def sign(key: str, text: str) -> str:
    return f"signed:{key}:{digest(text)}"


def _document_text(document: dict[str, Any]) -> str:
    return repr(document)


class ScriptedWorkers:
    """All workers of a job; `cheats` are trainers whose committed work does not replay, `silent` never answer,
    tasks that are `late` (by id) are never done, `liars` are validators who say the opposite of what they found.
    `unmade` files cannot be exported; who is
    `empty_handed` uploads no update before it is asked to, who is `swapping` another than it committed to.
    """

    def __init__(
        self,
        tasks: Tasks,
        objects: Objects,
        keys: Mapping[str, str],
        chain_id: int,
        escrow: str,
        *,
        cheats: frozenset[str] = frozenset(),
        silent: frozenset[str] = frozenset(),
        liars: frozenset[str] = frozenset(),
        late: frozenset[str] = frozenset(),
        unmade: frozenset[str] = frozenset(),
        empty_handed: frozenset[str] = frozenset(),
        swapping: frozenset[str] = frozenset(),
    ) -> None:
        self._empty_handed = empty_handed
        self._swapping = swapping
        self._tasks = tasks
        self._objects = objects
        self._keys = keys
        self._statement = (chain_id, escrow)
        self._cheats = cheats
        self._silent = silent
        self._liars = liars
        self._late = late
        self._unmade = unmade
        self._stopped = threading.Event()
        self.kinds: list[TaskKind] = []
        self._thread = threading.Thread(target=self._answer_all, daemon=True)

    def __enter__(self) -> ScriptedWorkers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(5)

    def _answer_all(self) -> None:
        for task in self._tasks.follow(self._stopped.is_set):
            if task.worker in self._silent or task.id in self._late or task.state is not TaskState.OPEN:
                continue
            self.answer(task)

    def answer(self, task: Task) -> None:
        """Do a task and answer it."""
        self.kinds.append(task.kind)
        answers: dict[TaskKind, Callable[[Task], Any]] = {
            TaskKind.INITIALIZE: self._initialize,
            TaskKind.TRAIN: self._train,
            TaskKind.REVEAL: self._reveal,
            TaskKind.VALIDATE: self._validate,
            TaskKind.AGGREGATE: self._aggregate,
            TaskKind.ROOT_UPDATE: self._root_update,
            TaskKind.EVALUATE: self._evaluate,
            TaskKind.EXPORT: self._export,
            TaskKind.SIGN_VERDICT: self._sign_verdict,
            TaskKind.BENCHMARK: self._benchmark,
        }
        self._tasks.answer(task.id, task.worker, to_wire(answers[task.kind](task)))

    def _put(self, upload: Upload, data: bytes) -> Stored:
        there = self._objects.put(upload.key, data)
        return Stored(upload.key, there.sha256, there.size)

    def _initialize(self, task: Task) -> Stored:
        return self._put(from_wire(InitializeTask, task.payload).model, b"initial")

    def _update(self, job: str, number: int, trainer: str) -> bytes:
        return f"update {job} {number} {trainer}".encode()

    def _checkpoints(self, number: int, trainer: str, segments: int) -> list[bytes]:
        return [f"checkpoint {number} {trainer} {i}".encode() for i in range(segments + 1)]

    def _benchmark(self, task: Task) -> Benchmarked:
        asked = from_wire(BenchmarkTask, task.payload)
        parts = tuple(self._commitment(part) for part in asked.parts)
        unsigned = Benchmarked(asked.provider, asked.number, parts, "scripted machine")
        text = benchmarked_text(*self._statement, unsigned)
        return replace(unsigned, signature=sign(self._keys[asked.provider], text))

    def _train(self, task: Task) -> Commitment:
        asked = from_wire(TrainTask, task.payload)
        assert asked.update is not None
        return self._commitment(asked)

    def _commitment(self, asked: TrainTask) -> Commitment:
        steps = -(-asked.examples // asked.training.batch_size) * asked.training.local_epochs
        segments = -(-steps // asked.training.segment_steps)
        update = self._update(asked.job_id, asked.round, asked.trainer)
        if asked.update is not None and asked.trainer not in self._empty_handed:
            self._put(asked.update, b"another" if asked.trainer in self._swapping else update)
        leaves = [sha256_hex(c) for c in self._checkpoints(asked.round, asked.trainer, segments)]
        energy = EnergyReading(1000, "modelled", 300_000, "scripted", 1.0)
        unsigned = Commitment(
            asked.job_id, asked.round, asked.trainer, sha256_hex(update), len(update), merkle_root(leaves), segments,
            steps, asked.examples, 0.1, 900_000, energy, 0, ENVIRONMENT, work_sha256=work_of(asked),
            challenge=asked.challenge_commitment,
        )  # fmt: skip
        return replace(
            unsigned, signature=sign(self._keys[asked.trainer], commitment_text(*self._statement, unsigned))
        )

    def _reveal(self, task: Task) -> Reveal:
        asked = from_wire(RevealTask, task.payload)
        update = None
        if asked.update is not None:
            update = self._put(asked.update, self._update(asked.job_id, asked.round, asked.trainer))
        files = self._checkpoints(asked.round, asked.trainer, self._segments(task))
        leaves = [sha256_hex(c) for c in files]
        revealed = tuple(
            RevealedCheckpoint(int(i), self._put(upload, files[int(i)]), merkle_proof(leaves, int(i)))
            for i, upload in asked.checkpoints.items()
        )
        return Reveal(update, revealed)

    def _segments(self, reveal: Task) -> int:
        if reveal.id.startswith("benchmark/"):
            work = self._tasks.get(f"{reveal.ticket_id}/work")
            assert work is not None
            assert work.result is not None
            return int(work.result["parts"][int(reveal.id.rpartition("/")[2]) - 1]["segments"])
        # Trained again where the first time was called back, answered or not.
        asked = [self._tasks.get(reveal.id.replace("/reveal/", f"/{n}/")) for n in ("train", "train-cleared")]
        results = [train.result for train in asked if train is not None and train.result is not None]
        return int(results[0]["segments"])

    def _validate(self, task: Task) -> ValidationReport:
        asked = from_wire(ValidateTask, task.payload)
        scores, replays = [], []
        for u in asked.updates:
            c = u.commitment
            if asked.validation:
                scores.append(Score(c.trainer, c.update_sha256, 100, 900_000, 890_000, 1, 1))
            for segment in u.segments:
                matches = (c.trainer not in self._cheats) != (asked.validator in self._liars)
                replays.append(Replay(c.trainer, c.update_sha256, segment.index, 0, matches, "ff" * 32))
        unsigned = ValidationReport(
            asked.job_id,
            asked.round,
            asked.validator,
            tuple(scores),
            tuple(replays),
            ENVIRONMENT,
            0.1,
            tolerance=asked.tolerance,
        )
        return replace(
            unsigned, signature=sign(self._keys[asked.validator], report_text(*self._statement, unsigned))
        )

    def _root_update(self, task: Task) -> Stored:
        return self._put(from_wire(RootUpdateTask, task.payload).update, b"root update")

    def _evaluate(self, task: Task) -> Metrics:
        return METRICS

    def _aggregate(self, task: Task) -> Aggregated:
        asked = from_wire(AggregateTask, task.payload)
        return Aggregated(self._put(asked.next_model, f"model {asked.round}".encode()), 1.0, 0.1)

    def _export(self, task: Task) -> Exported:
        asked = from_wire(ExportTask, task.payload)
        made = {n: self._put(u, n.encode()) for n, u in asked.uploads.items() if n not in self._unmade}
        return Exported(made, METRICS, left_out=dict.fromkeys(self._unmade, "scripted"))

    def _sign_verdict(self, task: Task) -> VerdictSignature:
        asked = from_wire(VerdictTask, task.payload)
        objection = verdict.objection(asked)
        if objection:
            return VerdictSignature(task.worker, "", objection)
        return VerdictSignature(
            task.worker, sign(self._keys[task.worker], _document_text(verdict.typed_data(asked)))
        )
