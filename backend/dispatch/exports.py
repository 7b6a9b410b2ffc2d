"""What the customer gets: the evaluator's model files, the recorded preprocessing, and a model card of what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from backend.dispatch.carbon_stage import energy_statement
from backend.dispatch.job import Job
from backend.dispatch.preparation import Plan
from backend.domain.model_card import CardFacts, model_card
from backend.domain.model_card_text import model_card_text
from backend.domain.result_files import CARD_JSON, CARD_TEXT, EXPORTS, PREPROCESSING, STATEMENT
from backend.domain.ticket import Ticket
from backend.errors import Recoverable
from backend.ports import StoredObject
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol import verdict
from fl_nodes.protocol.operator_tasks import Exported, ExportTask
from fl_nodes.protocol.reading import PPM
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.protocol.wire import to_wire

log = structlog.get_logger()

EXPORT_SECONDS = 600.0

Files = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Known:
    """What is known of the training: energy by trainer, all that was said in its rounds (which the verdict will be signed on), and
    the energy in mJ that each trainer's benchmark expects of its work.
    """

    energy: Mapping[str, Mapping[str, Any]]
    evidence: Sequence[RoundEvidence] = ()
    expected_millijoules: Mapping[str, int] = field(default_factory=dict)


def export(job: Job, ticket: Ticket, plan: Plan, known: Known) -> tuple[Files, dict[str, Any]]:
    """The customer's files by name (`key`, `sha256`, `size`) and the model's metrics on the test split."""
    exported = _ask(job, ticket, plan)
    missing = sorted(set(EXPORTS) - set(exported.files) - set(exported.left_out))
    if missing:
        raise Recoverable("export.missing", f"The evaluator neither made {missing[0]} nor said why not.")
    for name, why in exported.left_out.items():
        log.warning("export.left_out", ticket=job.id, file=name, why=why)
    files = {
        name: _line(job.stored(replace(stored, key=job.key("exports", name))))
        for name, stored in exported.files.items()
        if name in EXPORTS
    }
    for name in PREPROCESSING:
        kept = job.parts.objects.stat(job.key(name))
        if kept is not None:
            files[name] = _line(kept)
    accuracy_ppm = round(exported.metrics.accuracy * PPM)
    stated, carbon = energy_statement(job, ticket, known.evidence, known.expected_millijoules, accuracy_ppm)
    files[STATEMENT] = _line(stated)
    facts = CardFacts(
        exported=exported,
        files=files,
        shards={s.trainer: s.examples for s in plan.shards},
        recipe=job.load_json(plan.preprocessing_key) or {},
        energy=known.energy,
        carbon=carbon,
        evidence_hash=verdict.evidence_hash([r for said in known.evidence for r in said.reports]),
        chain_id=job.parts.market.chain_id,
        escrow=job.parts.market.escrow_address,
        made_at=job.parts.clock(),
    )
    card = model_card(ticket, facts)
    files[CARD_JSON] = _line(job.save_json(job.key("exports", CARD_JSON), card))
    text = model_card_text(card).encode()
    files[CARD_TEXT] = _line(job.parts.objects.put(job.key("exports", CARD_TEXT), text))
    metrics: dict[str, Any] = to_wire(exported.metrics)
    return files, metrics | {"variants": to_wire(exported.variants)}


def _ask(job: Job, ticket: Ticket, plan: Plan) -> Exported:
    task = ExportTask(
        architecture=ticket.architecture,
        model=job.ref(ticket.rounds[-1].model_key),
        data=job.ref(plan.test_key),
        classes=ticket.dataset.classes,
        uploads={name: job.upload(job.key("exports", name)) for name in EXPORTS},
        calibration=job.ref(plan.validation_key),
    )
    return job.ask_one(Role.EVALUATOR, TaskKind.EXPORT, "export", task, Exported, EXPORT_SECONDS)


def _line(stored: StoredObject) -> dict[str, Any]:
    return {"key": stored.key, "sha256": stored.sha256, "size": stored.size}
