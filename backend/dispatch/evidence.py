"""Evidence bundles: for each culprit one file from which anyone can replay the accusation (`protocol.bundle`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from backend.dispatch.job import Job
from backend.dispatch.preparation import Plan
from backend.dispatch.reveal_stage import checkpoint_key
from backend.dispatch.training_stage import training_spec, update_key
from backend.domain.ticket import Ticket
from backend.errors import NotFound
from backend.ports import StoredObject
from backend.verification.round_evidence import Opening, RoundEvidence
from fl_nodes.protocol import bundle, verdict
from fl_nodes.protocol.verdict_tasks import VerdictTask

log = structlog.get_logger()

BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Signed:
    """A verdict that a quorum has signed, and where its papers are stored."""

    task: VerdictTask
    paper: StoredObject
    signatures: tuple[str, ...]


def bundles(
    job: Job, ticket: Ticket, plan: Plan, evidence: Sequence[RoundEvidence], signed: Signed
) -> dict[str, dict[str, Any]]:
    """Make a bundle for each culprit; the ticket's files by name. Made again, they are the same."""
    by_round = {said.round: said for said in evidence}
    files = {}
    for culprit in signed.task.culprits:
        number, segment = verdict.clearest(signed.task.reports, culprit)
        said = by_round[number]
        (opening,) = (o for o in said.openings if (o.trainer, o.segment) == (culprit, segment))
        parts = _parts(job, ticket, plan, said, opening, signed)
        manifest = bundle.Manifest(
            format=bundle.FORMAT,
            chain_id=signed.task.chain_id,
            escrow=signed.task.escrow,
            job_id=ticket.job_id,
            culprit=culprit,
            evidence_hash=verdict.evidence_hash(signed.task.reports),
            parts={name: bundle.Part(there.sha256, there.size) for name, there in parts.items()},
        )
        stored = job.parts.objects.put_blocks(
            job.key("evidence", f"{manifest.id}.tar"), bundle.tar_blocks(_files(job, manifest, parts))
        )
        files[f"evidence-{culprit}.tar"] = {
            "key": stored.key,
            "sha256": stored.sha256,
            "size": stored.size,
            "bundle": manifest.id,
        }
        log.info("evidence.bundled", ticket=job.id, node=culprit, bundle=manifest.id, bytes=stored.size)
    return files


def _parts(
    job: Job, ticket: Ticket, plan: Plan, said: RoundEvidence, opening: Opening, signed: Signed
) -> dict[str, StoredObject]:
    """Where each part of a bundle is stored."""
    trainer, number, segment = opening.trainer, said.round, opening.segment
    claim = bundle.Claim(
        culprit=trainer,
        round=number,
        segment=segment,
        segments=tuple(sorted(o.segment for o in said.openings if o.trainer == trainer)),
        nonce=said.nonce,
        unrevealed=said.unrevealed,
        architecture=ticket.architecture,
        training=training_spec(ticket, number, trainer),
        start_path=opening.start_path,
        end_path=opening.end_path,
        signatures=signed.signatures,
    )
    (shard,) = (s.key for s in plan.shards if s.trainer == trainer)
    keys = {
        bundle.MODEL: ticket.rounds[number - 2].model_key if number > 1 else plan.initial_model_key,
        bundle.SHARD: shard,
        bundle.UPDATE: update_key(job, number, trainer),
    }
    if opening.start_path:
        keys[bundle.START] = checkpoint_key(job, number, trainer, segment)
    if opening.end_path:
        keys[bundle.END] = checkpoint_key(job, number, trainer, segment + 1)
    parts = {name: _stored(job, key) for name, key in keys.items()}
    parts[bundle.VERDICT] = signed.paper
    parts[bundle.CLAIM] = job.save_json(job.key("evidence", trainer, bundle.CLAIM), claim)
    return parts


def _files(
    job: Job, manifest: bundle.Manifest, parts: dict[str, StoredObject]
) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    yield bundle.MANIFEST, len(manifest.file), iter([manifest.file])
    for name in sorted(parts):
        yield name, parts[name].size, _blocks(job, parts[name].key)


def _blocks(job: Job, key: str) -> Iterator[bytes]:
    with job.parts.objects.open(key) as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def _stored(job: Job, key: str) -> StoredObject:
    stored = job.parts.objects.stat(key)
    if stored is None:
        raise NotFound("object.unknown", f"Object {key} is not in storage.")
    return stored
