"""From the uploaded file to shards: inspect, encode, split. Repeating it changes nothing."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import Any, BinaryIO

import numpy as np
from safetensors.numpy import save

from backend.datasets import DatasetInvalid, Encoder, inspect, load, portable_source, shard, split
from backend.dispatch.job import Job
from backend.domain.spec import DatasetFacts, check_rows, price
from backend.domain.ticket import Accepted, Refused, Ticket
from backend.errors import Conflict, Invalid
from backend.ports import Objects
from fl_nodes.protocol.architecture import ArchitectureInvalid, forward_flops, from_keras_json, preset
from fl_nodes.protocol.operator_tasks import InitializeTask
from fl_nodes.protocol.scrutiny import segments_due
from fl_nodes.protocol.tasks import Role, Stored, TaskKind
from fl_nodes.protocol.wire import from_wire

INITIALIZE_SECONDS = 300.0


@dataclass(frozen=True)
class ShardPlan:
    """Where a trainer's rows are, and how many."""

    trainer: str
    key: str
    examples: int


@dataclass(frozen=True)
class Audit:
    """How many of a trainer's segments are re-run each round, and the record that says so."""

    segments: int
    finished_jobs: int = 0
    rating_bps: int = 0


@dataclass(frozen=True)
class Plan:
    """A job's data, split once and for all, and how closely each trainer is watched (`protocol.scrutiny`)."""

    shards: tuple[ShardPlan, ...]
    validation_key: str
    test_key: str
    preprocessing_key: str
    initial_model_key: str
    audits: dict[str, Audit] = field(default_factory=dict)

    def audit(self, trainer: str, replayed_segments: int) -> Audit:
        """A trainer's audit; that of the specification where none was planned."""
        return self.audits.get(trainer, Audit(replayed_segments))


def examine(ticket: Ticket, objects: Objects) -> Accepted | Refused:
    """Look into the uploaded dataset: what training needs, or one sentence why it cannot be trained on."""
    try:
        with _dataset(ticket, objects) as file:
            found = inspect(file, ticket.dataset.name, target=ticket.spec.target)
    except DatasetInvalid as refusal:
        return Refused(refusal.code, refusal.message)
    facts = DatasetFacts(
        name=ticket.dataset.name,
        size=found.bytes,
        sha256=found.sha256,
        format=found.format,
        rows=found.rows,
        columns=len(found.columns),
        classes=tuple(found.classes),
        input_shape=tuple(found.input_shape),
        target=found.target,
    )
    if (facts.input_shape, len(facts.classes)) != (ticket.dataset.input_shape, len(ticket.dataset.classes)):
        return Refused(
            "dataset.not_as_quoted",
            f"The file has inputs {list(facts.input_shape)} and {len(facts.classes)} classes, but the quote was for "
            f"{list(ticket.dataset.input_shape)} and {len(ticket.dataset.classes)}.",
        )
    due = price(facts, ticket.spec, forward_flops(ticket.architecture)).fee_wei
    if due > ticket.quote.fee_wei:
        return Refused(
            "dataset.not_as_quoted",
            f"The file costs {due} wei to train on, more than the {ticket.quote.fee_wei} wei quoted.",
        )
    try:
        check_rows(facts, ticket.spec)
    except Invalid as refusal:
        return Refused(refusal.code, refusal.message)
    return Accepted(facts)


def architecture_for(
    model: str, keras_json: str | None, input_shape: tuple[int, ...], classes: int
) -> dict[str, Any]:
    """The layers a specification asks for; ArchitectureInvalid says why they cannot be built."""
    if model == "custom":
        if keras_json is None:
            raise ArchitectureInvalid("architecture.missing", "A custom model needs its Keras JSON.")
        return from_keras_json(keras_json, input_shape, classes)
    return preset(model, input_shape, classes)


def prepare(job: Job) -> Plan:
    """Split the dataset for the job's trainers and make the initial model, unless that is done already."""
    plan_key = job.key("plan.json")
    existing = job.load_json(plan_key)
    if existing is not None:
        return from_wire(Plan, existing)
    ticket = job.check_running()
    with _dataset(ticket, job.parts.objects) as file:
        table = load(file, ticket.dataset.name, target=ticket.spec.target)
    y_all = np.asarray(table.y)
    parts = split(y_all, seed=ticket.spec.seed)
    encoder = Encoder.fit(table, rows=parts.train)
    x, y = encoder.transform(table)
    pieces = shard(
        parts.train, y, nodes=len(ticket.trainers), seed=ticket.spec.seed, scheme=ticket.spec.partition
    )
    shards = []
    for index, (trainer, rows) in enumerate(zip(ticket.trainers, pieces, strict=True)):
        key = job.key("shards", f"{index}.safetensors")
        _put_rows(job, key, x, y, rows)
        shards.append(ShardPlan(trainer, key, len(rows)))
    _put_rows(job, job.key("validation.safetensors"), x, y, parts.validation)
    _put_rows(job, job.key("test.safetensors"), x, y, parts.test)
    job.parts.objects.put(job.key("preprocessing.json"), encoder.to_json().encode())
    job.parts.objects.put(job.key("preprocess.py"), portable_source().encode())
    initial = job.key("rounds", 0, "model.safetensors")
    task = InitializeTask(ticket.architecture, ticket.spec.seed, job.upload(initial))
    made = job.ask_one(Role.EVALUATOR, TaskKind.INITIALIZE, "initialize", task, Stored, INITIALIZE_SECONDS)
    job.stored(replace(made, key=initial))
    plan = Plan(
        tuple(shards),
        job.key("validation.safetensors"),
        job.key("test.safetensors"),
        job.key("preprocessing.json"),
        initial,
        {trainer: _audit(job, ticket, trainer) for trainer in ticket.trainers},
    )
    job.save_json(plan_key, plan)
    return plan


def _dataset(ticket: Ticket, objects: Objects) -> BinaryIO:
    if ticket.dataset_key is None:
        raise Conflict("ticket.not_uploaded", f"Ticket {ticket.id} is {ticket.status} but has no dataset.")
    stored = objects.stat(ticket.dataset_key)
    if stored is None or stored.sha256 != ticket.dataset.sha256:
        raise DatasetInvalid(
            "dataset.not_as_quoted", "The uploaded file is not the one that was quoted: its SHA-256 differs."
        )
    return objects.open(ticket.dataset_key)


def _audit(job: Job, ticket: Ticket, trainer: str) -> Audit:
    node = job.parts.nodes.get(trainer)
    finished, rating = (node.finished_jobs, node.rating_bps) if node else (0, 0)
    return Audit(segments_due(ticket.spec.replayed_segments, finished, rating), finished, rating)


def _put_rows(job: Job, key: str, x: np.ndarray, y: np.ndarray, rows: np.ndarray) -> None:
    tensors = {
        "x": np.ascontiguousarray(x[rows], dtype=np.float32),
        "y": np.ascontiguousarray(y[rows], dtype=np.int32),
    }
    buffer = io.BytesIO(save(tensors))
    job.parts.objects.put(key, buffer.getvalue())
