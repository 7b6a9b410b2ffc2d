"""One federation on a crew: the dispatcher's own stages of a round, over in-memory adapters."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from backend.adapters.memory import MemoryNodes, MemoryTickets
from backend.adapters.signatures import EthSignatures
from backend.dispatch.aggregation import aggregate
from backend.dispatch.deadlines import Patience
from backend.dispatch.job import Job, JobParts
from backend.dispatch.panel import Panel
from backend.dispatch.preparation import Plan, ShardPlan
from backend.dispatch.replay_stage import replay
from backend.dispatch.reveal_stage import Submission, reveal
from backend.dispatch.scoring_stage import score
from backend.dispatch.training_stage import train
from backend.domain.node import Node
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.ticket import RoundClosed, RoundRecord, Status, Ticket
from backend.ports import JobOnChain, MarketChain
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.operator_tasks import EvaluateTask, InitializeTask, Metrics
from fl_nodes.protocol.tasks import Commitment, ObjectRef, Role, Stored, TaskKind, ValidationReport
from fl_nodes.signatures import account_from
from scripts.bench.learning.crew import Crew, PipedTasks
from scripts.bench.learning.data import Data, Rows
from scripts.bench.learning.shared_objects import SharedObjects

CHAIN_ID = 31337
ESCROW = "0x" + "ec" * 20
FEE_WEI = 10**18
LONG_SECONDS = 3600.0
VALIDATORS = 3


@dataclass(frozen=True)
class Market:
    """What the stages ask of the chain: which one it is."""

    chain_id: int = CHAIN_ID
    escrow_address: str = ESCROW

    def job(self, job_id: str) -> JobOnChain:
        """The job, paid for and assigned."""
        return JobOnChain(job_id, "customer", FEE_WEI, 2**40, "Assigned", 200)


@dataclass(frozen=True)
class Players:
    """Who misbehaves: trainers by index with their `FILE:CLASS`, validators by index with the trainers they lie about."""

    adversaries: Mapping[int, str] = field(default_factory=dict)
    covers: Mapping[int, Sequence[str]] = field(default_factory=dict)
    frames: Mapping[int, Sequence[str]] = field(default_factory=dict)


def trainer_name(index: int) -> str:
    """A trainer's stand-in for a wallet address; names sort like indices."""
    return f"trainer-{index:02d}"


def validator_name(index: int) -> str:
    """A validator's."""
    return f"validator-{index:02d}"


class Federation:
    """A job under way on a crew. Rounds are played one by one; the plan may change between them."""

    def __init__(
        self,
        crew: Crew,
        data: Data,
        spec: JobSpec,
        shards: Sequence[Rows],
        players: Players = Players(),
        validators: int = VALIDATORS,
    ) -> None:
        self._crew = crew
        self.data = data
        self.folder = crew.clear()
        self.objects = SharedObjects(self.folder / "objects")
        self.tasks = PipedTasks(crew, time.time)
        self.trainers = tuple(trainer_name(i) for i in range(len(shards)))
        self.validators = tuple(validator_name(i) for i in range(validators))
        self.architecture = preset(spec.model, data.input_shape, data.classes)
        job_id = "0x" + hashlib.sha256(f"{spec.hash()}|{time.time_ns()}".encode()).hexdigest()
        self.ticket = self._ticket(spec, job_id)
        self.job = self._job()
        self._cast(players)
        self.plan = self._prepare(shards, spec)

    def play_unchecked(self, number: int) -> list[Submission]:
        """A round without validators: what is committed, revealed and passes the gate is aggregated."""
        submissions = self.submit(number)
        self.close_round(number, submissions)
        return submissions

    def submit(self, number: int, earlier: Sequence[Commitment] = ()) -> list[Submission]:
        """Train, commit, draw the challenge, reveal."""
        model = self.model(number - 1)
        trained = train(self.job, self.ticket, self.plan, number, model, earlier)
        return reveal(self.job, self.ticket, self.plan, number, trained.commitments)

    def validate(self, number: int, submissions: Sequence[Submission]) -> list[ValidationReport]:
        """Every validator scores and re-runs the segments drawn for it, doubts go to others."""
        model = self.model(number - 1)
        panel = Panel(self.job, self.ticket, self.plan, number, model, tuple(submissions))
        return [*score(panel), *replay(panel)]

    def close_round(self, number: int, accepted: list[Submission]) -> None:
        """Aggregate, and let go of what only this round needed."""
        made = aggregate(self.job, self.ticket, number, self.model(number - 1), accepted)
        record = RoundRecord(
            number=number,
            root="0" * 64,
            model_key=made.model.key,
            model_sha256=made.model.sha256,
            metrics={},
            updates=(),
            seconds=0.0,
            state_key=made.state.key if made.state else None,
            state_sha256=made.state.sha256 if made.state else None,
        )
        self.ticket = self.job.parts.tickets.advance(self.job.id, RoundClosed(record))
        self.objects.delete(self.job.key("rounds", number, "updates"))
        self.objects.delete(self.job.key("rounds", number, "checkpoints"))

    def model(self, number: int) -> ObjectRef:
        """The global model after a round; 0 is the initial one."""
        return self.job.ref(self.job.key("rounds", number, "model.safetensors"))

    def measure(self, number: int, rows: Rows) -> Metrics:
        """Metrics of the global model after a round on these rows of the data."""
        return self.measure_file(
            number, self.data.file(rows), f"rows-{len(rows)}-{rows[0] if len(rows) else 0}"
        )

    def measure_file(self, number: int, file: bytes, name: str) -> Metrics:
        """Metrics of the global model after a round on a file of rows."""
        key = self.job.key("measured", f"{name}.safetensors")
        if not self.objects.path(key).is_file():
            self.objects.put(key, file)
        task = EvaluateTask(self.architecture, self.model(number), self.job.ref(key), self.data.classes)
        return self.job.ask_one(
            Role.EVALUATOR, TaskKind.EVALUATE, f"{number}/measure-{name}", task, Metrics, LONG_SECONDS
        )

    def keep(self, shards: tuple[ShardPlan, ...]) -> None:
        """From now on only these shards' trainers work."""
        self.plan = replace(self.plan, shards=shards)

    def redeal(self, rows: Mapping[str, Rows]) -> None:
        """From now on only these trainers work, on these rows."""
        planned = []
        for trainer, its in sorted(rows.items()):
            key = self.job.key("shards", f"{trainer}-{len(self.ticket.rounds)}.safetensors")
            self.objects.put(key, self.data.file(its))
            planned.append(ShardPlan(trainer, key, len(its)))
        self.keep(tuple(planned))

    # --- set-up ----------------------------------------------------------------------------------------------

    def _ticket(self, spec: JobSpec, job_id: str) -> Ticket:
        data = self.data
        facts = DatasetFacts(
            "bench",
            1,
            "0" * 64,
            "npz",
            len(data.y),
            1,
            tuple(map(str, range(data.classes))),
            data.input_shape,
        )
        return Ticket(
            id="bench",
            ref=job_id,
            job_id=job_id,
            customer="customer",
            spec=spec,
            dataset=facts,
            quote=Quote(0, 0, FEE_WEI),
            architecture=self.architecture,
            deadline=2**40,
            status=Status.RUNNING,
            trainers=self.trainers,
            validators=self.validators,
        )

    def _job(self) -> Job:
        tickets, nodes = MemoryTickets(time.time), MemoryNodes()
        tickets.add(self.ticket)
        for name in (*self.trainers, *self.validators):
            role = Role.TRAINER if name in self.trainers else Role.VALIDATOR
            address = str(account_from(_key(name)).address)
            nodes.mirror(Node(name, address, name, (role,), "1", 5000, "Active"))
            nodes.seen(name, time.time(), {"role": role.value})
        parts = JobParts(
            tickets=tickets,
            tasks=self.tasks,
            nodes=nodes,
            objects=self.objects,
            signatures=EthSignatures(),
            market=cast("MarketChain", Market()),  # only these of the chain's promises are asked
            clock=time.time,
            secret=hashlib.sha256(self.ticket.spec.hash().encode()).digest(),
            patience=Patience(ceiling=LONG_SECONDS),
        )
        return Job(self.ticket, parts)

    def _cast(self, players: Players) -> None:
        common = {"folder": str(self.folder), "chain_id": CHAIN_ID, "escrow": ESCROW}
        trainers = [
            _node(name, Role.TRAINER) | {"adversary": players.adversaries.get(i)}
            for i, name in enumerate(self.trainers)
        ]
        self._crew.trainers.ask("cast", nodes=trainers, **common)
        if not self.validators:
            return
        validators = [
            _node(name, Role.VALIDATOR)
            | {"covers": list(players.covers.get(i, ())), "frames": list(players.frames.get(i, ()))}
            for i, name in enumerate(self.validators)
        ]
        self._crew.validators.ask("cast", nodes=validators, **common)

    def _prepare(self, shards: Sequence[Rows], spec: JobSpec) -> Plan:
        job, data = self.job, self.data
        planned = []
        for i, (trainer, rows) in enumerate(zip(self.trainers, shards, strict=True)):
            key = job.key("shards", f"{i}.safetensors")
            self.objects.put(key, data.file(rows))
            planned.append(ShardPlan(trainer, key, len(rows)))
        validation, initial = job.key("validation.safetensors"), job.key("rounds", 0, "model.safetensors")
        self.objects.put(validation, data.file(data.validation))
        task = InitializeTask(self.architecture, spec.seed, job.upload(initial))
        job.ask_one(Role.EVALUATOR, TaskKind.INITIALIZE, "initialize", task, Stored, LONG_SECONDS)
        # The operator measures on the test rows itself: no file of them is part of the plan.
        return Plan(tuple(planned), validation, "", "", initial)


def _node(name: str, role: Role) -> dict[str, Any]:
    return {"name": name, "role": role.value, "key": _key(name)}


def _key(name: str) -> str:
    return hashlib.sha256(f"bench {name}".encode()).hexdigest()
