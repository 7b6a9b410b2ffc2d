"""One job's trainers and validators with real keys, models and HTTP objects, asked as the backend asks them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from eth_account import Account
from eth_account.signers.local import LocalAccount

from fl_nodes.adversary import Adversary
from fl_nodes.connection import Introduction, Market
from fl_nodes.meter.port import Count
from fl_nodes.meter.replay import ReplayMeter
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.power import FULL
from fl_nodes.protocol.tasks import (
    Commitment,
    ObjectRef,
    Reveal,
    RevealTask,
    Role,
    SegmentToReplay,
    TaskKind,
    TrainingSpec,
    TrainTask,
    UpdateToValidate,
    Upload,
    ValidateTask,
    ValidationReport,
)
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training import determinism
from fl_nodes.training.data import Split
from fl_nodes.training.engine import initial_weights
from fl_nodes.training.tensors import to_file, weights_to_file
from fl_nodes.work.checkpoints import CheckpointFolder
from fl_nodes.work.model_files import ModelFiles
from fl_nodes.work.own_reports import OwnReports
from fl_nodes.work.train import TrainerWork
from fl_nodes.work.validate import ValidatorWork
from tests.integration.fl_nodes.object_server import Store

JOB = "0x" + "11" * 32
MARKET = Market(31337, "0x" + "22" * 20)
CLASSES = 4
FEATURES = 16
SPEC = TrainingSpec("sgd", 0.1, 16, 2, 4, 0)


def rows(count: int, seed: int) -> Split:
    """Four blobs that a small model can tell apart."""
    random = np.random.default_rng(seed)
    y = random.integers(0, CLASSES, count).astype(np.int32)
    centres = np.random.default_rng(99).normal(0.0, 1.0, (CLASSES, FEATURES))
    x = (centres[y] + random.normal(0.0, 0.7, (count, FEATURES))).astype(np.float32)
    return Split(x, y)


def split_file(split: Split) -> bytes:
    return to_file({"x": split.x, "y": split.y})


@dataclass
class World:
    """A job under way."""

    store: Store
    folder: Path
    architecture: dict[str, Any] = field(default_factory=lambda: preset("logistic", [FEATURES], CLASSES))
    spec: TrainingSpec = SPEC
    examples: int = 100
    trainers: dict[str, TrainerWork] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, LocalAccount] = field(default_factory=dict)
    market: Market = MARKET
    job: str = JOB
    challenge: str = "c"

    def __post_init__(self) -> None:
        self.model = self.store.put("model", weights_to_file(initial_weights(self.architecture, 1)))
        self.validation = self.store.put("validation", split_file(rows(200, 7)))

    def account(self, name: str) -> LocalAccount:
        """A node's key: a given one, or a fresh one."""
        return self.accounts.setdefault(name, Account.create())

    def trainer(self, name: str, outside: object | None = None) -> TrainerWork:
        """A trainer, honest unless something from outside takes its hooks."""
        who = Introduction(self.account(name), Role.TRAINER, name, name)
        work = TrainerWork(
            who=who,
            market=lambda: self.market,
            files=ModelFiles(ObjectStore(self.folder / name / "cache")),
            folder=CheckpointFolder(self.folder / name / "checkpoints"),
            meter=ReplayMeter((Count(12.5, "modelled", 400_000, "recording", 2.0),) * 20),
            adversary=Adversary(outside),
            environment=determinism.environment(),
        )
        self.trainers[name] = work
        self.keys[name] = str(who.account.address)
        return work

    def spec_of(self, name: str) -> TrainingSpec:
        return replace(self.spec, seed=derive_seed("job", name))

    def shard(self, name: str) -> ObjectRef:
        return self.store.put(f"shard-{name}", split_file(rows(self.examples, derive_seed(name) % 1000)))

    def train(
        self,
        name: str,
        number: int = 1,
        update: Upload | None = None,
        check: Callable[[], None] = lambda: None,
        level: int = FULL,
    ) -> Commitment:
        """Ask a trainer for a round; `update` is where its update is to go with the commitment, `check` is called after each
        segment."""
        task = TrainTask(
            self.job,
            number,
            name,
            self.architecture,
            self.spec_of(name),
            self.model,
            self.shard(name),
            self.examples,
            self.challenge,
            9e9,
            update,
            level,
        )
        return self.trainers[name].train(Call("t", TaskKind.TRAIN, to_wire(task), check))

    def reveal(self, commitment: Commitment, segments: tuple[int, ...]) -> UpdateToValidate:
        """Ask a trainer for what the challenge names, and make of it what a validator gets."""
        name, number, last = commitment.trainer, commitment.round, commitment.segments
        needed = {i for s in segments for i in (s, s + 1)} - {0, last}
        places = {str(i): self.store.upload(f"{name}-{number}-{i}") for i in needed}
        task = RevealTask(self.job, number, name, self.store.upload(f"{name}-{number}-update"), places)
        answer: Reveal = self.trainers[name].reveal(Call("r", TaskKind.REVEAL, to_wire(task)))
        paths = {c.index: c.path for c in answer.checkpoints}

        def given(index: int) -> tuple[ObjectRef | None, tuple[str, ...]]:
            return (
                (self.store.ref(f"{name}-{number}-{index}"), paths[index]) if index in needed else (None, ())
            )

        replayed = tuple(SegmentToReplay(s, *given(s), *given(s + 1)) for s in segments)
        update = self.store.ref(f"{name}-{number}-update")
        return UpdateToValidate(commitment, update, self.shard(name) if segments else None, replayed)

    def validator(self, name: str = "0xV1") -> ValidatorWork:
        """A validator."""
        who = Introduction(self.account(name), Role.VALIDATOR, name, name)
        files = ModelFiles(ObjectStore(self.folder / name / "cache"))
        reports = OwnReports(self.folder / name / "reports")
        self.keys[name] = str(who.account.address)
        return ValidatorWork(who, lambda: self.market, files, reports, determinism.environment())

    def task(self, *updates: UpdateToValidate, number: int = 1, **changes: Any) -> ValidateTask:
        """What a validator is asked about these updates."""
        names = {u.commitment.trainer for u in updates}
        made = ValidateTask(
            job_id=self.job,
            round=number,
            validator="0xV1",
            architecture=self.architecture,
            training={name: self.spec_of(name) for name in names},
            model=self.model,
            updates=updates,
            validation=self.validation,
            trainer_keys={name: self.keys[name] for name in names},
        )
        return replace(made, **changes)

    def validate(self, *updates: UpdateToValidate, **changes: Any) -> ValidationReport:
        """A fresh validator's report on these updates."""
        return self.validator().validate(
            Call("v", TaskKind.VALIDATE, to_wire(self.task(*updates, **changes)))
        )

    def judged(self, name: str, outside: object | None = None) -> ValidationReport:
        """Train, reveal every segment, validate."""
        self.trainer(name, outside)
        commitment = self.train(name)
        return self.validate(self.reveal(commitment, tuple(range(commitment.segments))))
