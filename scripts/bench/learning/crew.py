"""The hosts that one federation needs, started when first asked, and the `Tasks` port that hands them work."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from backend.adapters.memory import MemoryTasks
from backend.domain.task import Task
from backend.ports import Clock
from fl_nodes.protocol.tasks import Role
from scripts.bench.learning.host import AGGREGATOR, NODES, SEGMENTS, Host, TaskRefused

TRAINERS_ARITHMETIC = {"TF_ENABLE_ONEDNN_OPTS": "1"}
OTHER_ARITHMETIC = {"TF_ENABLE_ONEDNN_OPTS": "0"}
"""Validators compute without oneDNN, trainers with it: honest replays differ as they do between machines."""


class Crew:
    """Hosts of its own and a scratch folder; for one federation at a time."""

    def __init__(self, scratch: Path, logs: Path) -> None:
        self.scratch = scratch
        self.alike = False
        self._logs = logs
        self._started: list[Host] = []
        self._arithmetic: dict[str, Host] = {}

    @cached_property
    def trainers(self) -> Host:
        """Hosts trainers and the evaluator; one thread for each operation."""
        return self._start(NODES, "trainers", ["--threads", "1"], TRAINERS_ARITHMETIC)

    @property
    def validators(self) -> Host:
        """Hosts validators, in other arithmetic than the trainers' unless `alike`."""
        return self._alike if self.alike else self._unlike

    @cached_property
    def _unlike(self) -> Host:
        return self._start(NODES, "validators", ["--threads", "1"], OTHER_ARITHMETIC)

    @cached_property
    def _alike(self) -> Host:
        return self._start(NODES, "validators-alike", ["--threads", "1"], TRAINERS_ARITHMETIC)

    @cached_property
    def aggregator(self) -> Host:
        """Hosts the aggregator."""
        one = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
        return self._start(AGGREGATOR, "aggregator", ["--cache", str(self.scratch / "aggregator")], one)

    def segments(self, name: str, threads: int, variables: dict[str, str]) -> Host:
        """The host that runs single segments in the arithmetic of this name."""
        if name not in self._arithmetic:
            self._arithmetic[name] = self._start(SEGMENTS, "segments", ["--threads", str(threads)], variables)
        return self._arithmetic[name]

    def versions(self) -> dict[str, str]:
        """What computes here."""
        return {
            "nodes": self.trainers.ask("hello")["environment"],
            "aggregator": self.aggregator.ask("hello")["environment"],
        }

    def clear(self) -> Path:
        """An empty folder for the next federation."""
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)
        return self.scratch

    def close(self) -> None:
        """End all hosts and remove the scratch folder."""
        for host in self._started:
            host.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def _start(self, kind: str, name: str, arguments: list[str], variables: dict[str, str]) -> Host:
        host = Host(kind, self._logs / f"{name}.log", arguments, variables)
        self._started.append(host)
        return host


class PipedTasks(MemoryTasks):
    """`ports.Tasks` in memory whose workers answer at once, each on the host of its role."""

    def __init__(self, crew: Crew, clock: Clock) -> None:
        super().__init__(clock)
        self._crew = crew
        self.seconds: dict[str, float] = {}
        """CPU seconds that the hosts spent, by kind of task."""

    def put(self, tasks: Sequence[Task]) -> None:
        """Add tasks and have them done; one whose id exists is left as it is."""
        fresh = [task for task in tasks if self.get(task.id) is None]
        super().put(fresh)
        for task in fresh:
            self._do(task)

    def _do(self, task: Task) -> None:
        request: dict[str, Any] = {"worker": task.worker, "kind": task.kind.value, "id": task.id}
        try:
            done = self._host(task.role).ask("task", payload=task.payload, **request)
        except TaskRefused as refusal:
            self.refuse(task.id, task.worker, refusal.code, str(refusal))
            return
        self.seconds[task.kind.value] = self.seconds.get(task.kind.value, 0.0) + done["seconds"]
        self.answer(task.id, task.worker, done["result"])

    def _host(self, role: Role) -> Host:
        if role == Role.AGGREGATOR:
            return self._crew.aggregator
        return self._crew.validators if role == Role.VALIDATOR else self._crew.trainers
