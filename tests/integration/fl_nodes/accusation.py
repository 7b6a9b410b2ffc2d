"""A round in which somebody is accused, with real training and real signatures, and the bundle of it as the dispatcher packs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fl_nodes.protocol import bundle, challenge, verdict
from fl_nodes.protocol.hashing import canonical_json, sha256_hex
from fl_nodes.protocol.signing import report_text
from fl_nodes.protocol.tasks import TaskKind, UpdateToValidate, ValidationReport
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_document, sign_text
from tests.integration.fl_nodes.job_world import World

NONCE = "5e" * 32


@dataclass(frozen=True)
class Accusation:
    """The signed verdict and the parts of the bundle."""

    task: VerdictTask
    signatures: tuple[str, ...]
    parts: dict[str, bytes]

    @property
    def claim(self) -> dict[str, Any]:
        return json.loads(self.parts[bundle.CLAIM])

    def manifest(self, parts: Mapping[str, bytes]) -> bundle.Manifest:
        return bundle.Manifest(
            bundle.FORMAT,
            self.task.chain_id,
            self.task.escrow,
            self.task.job_id,
            self.task.culprits[0],
            verdict.evidence_hash(self.task.reports),
            {name: bundle.Part(sha256_hex(data), len(data)) for name, data in parts.items()},
        )

    def write(self, path: Path, **changed: bytes | None) -> Path:
        """The bundle, with other content in some parts (by name without its ending), and a manifest that fits them."""
        named = {name.partition(".")[0]: name for name in self.parts} | {
            "start": bundle.START,
            "end": bundle.END,
        }
        parts = self.parts | {named[name]: data for name, data in changed.items()}
        kept = {name: data for name, data in parts.items() if data is not None}
        return pack(path, self.manifest(kept), kept)


def pack(path: Path, manifest: bundle.Manifest, parts: Mapping[str, bytes]) -> Path:
    """A tar of these, whatever the manifest says."""
    files = [(bundle.MANIFEST, manifest.file), *sorted(parts.items())]
    path.write_bytes(b"".join(bundle.tar_blocks((name, len(data), [data]) for name, data in files)))
    return path


def accused(
    world: World,
    culprit: str,
    others: Sequence[str],
    validators: Sequence[str],
    outside: object | None = None,
    said: Callable[[ValidationReport], ValidationReport] = lambda report: report,
    samples: int = 4,
) -> Accusation:
    """The culprit (an adversary from `outside`) and others train; two validators re-run the culprit's work and report, as `said`
    changes it before it is signed; all validators sign the verdict that follows."""
    world.challenge = challenge.commit(NONCE)
    world.trainer(culprit, outside)
    for name in others:
        world.trainer(name)
    commitments = [world.train(name) for name in (culprit, *others)]
    drawn = challenge.seed(NONCE, commitments)
    mine = commitments[0]
    picked = challenge.segments_to_replay(drawn, culprit, mine.segments, samples)
    update = world.reveal(mine, picked)
    reports = tuple(_report(world, update, name, said) for name in validators[:2])
    found = verdict.culprits(reports)
    assert found == (culprit,)
    _, chosen = verdict.clearest(reports, culprit)
    task = VerdictTask(
        job_id=world.job,
        chain_id=world.market.chain_id,
        escrow=world.market.escrow,
        outcome=verdict.FAIL,
        trainers=(culprit, *others),
        validator_keys={v: str(world.account(v).address) for v in validators},
        trainer_keys={t: world.keys[t] for t in (culprit, *others)},
        fee_wei="1",
        commission_bps=200,
        scheme="composite",
        rounds=1,
        result_sha256="0" * 64,
        reports=reports,
        commitments=tuple(commitments),
        culprits=found,
    )
    signatures = tuple(sign_document(world.account(v), verdict.typed_data(task)) for v in validators)
    return Accusation(
        task,
        signatures,
        _parts(world, task, signatures, update, picked, chosen),
    )


def _report(
    world: World,
    update: UpdateToValidate,
    validator: str,
    said: Callable[[ValidationReport], ValidationReport],
) -> ValidationReport:
    work = world.validator(validator)
    task = replace(world.task(update), validator=validator)
    honest = work.validate(Call("v", TaskKind.VALIDATE, to_wire(task)))
    report = replace(said(honest), signature="")
    text = report_text(world.market.chain_id, world.market.escrow, report)
    return replace(report, signature=sign_text(world.account(validator), text))


def _parts(
    world: World,
    task: VerdictTask,
    signatures: tuple[str, ...],
    update: UpdateToValidate,
    picked: tuple[int, ...],
    index: int,
) -> dict[str, bytes]:
    (segment,) = (s for s in update.segments if s.index == index)
    trainer = update.commitment.trainer
    claim = bundle.Claim(
        trainer, 1, index, picked, NONCE, (), world.architecture, world.spec_of(trainer),
        segment.start_path, segment.end_path, signatures,
    )  # fmt: skip
    stored = world.store.objects
    parts = {
        bundle.CLAIM: canonical_json(claim),
        bundle.VERDICT: canonical_json(task),
        bundle.MODEL: stored["model"],
        bundle.SHARD: stored[f"shard-{trainer}"],
        bundle.UPDATE: stored[f"{trainer}-1-update"],
    }
    if segment.start is not None:
        parts[bundle.START] = stored[f"{trainer}-1-{index}"]
    if segment.end is not None:
        parts[bundle.END] = stored[f"{trainer}-1-{index + 1}"]
    return parts
