"""A verdict that names culprits comes with a bundle for each: whole, the same each time, and recomputable from what is in it."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from backend.dispatch.evidence import Signed, bundles
from backend.dispatch.job import Job
from backend.dispatch.preparation import Plan
from fl_nodes.protocol import bundle, challenge, verdict
from fl_nodes.protocol.binding import work_digest
from fl_nodes.protocol.hashing import merkle_verify_at, sha256_hex
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import from_wire
from tests.unit.dispatch.test_job_loop import World, world

__all__ = ["world"]

CHEAT = "0xT2"
FILE = f"evidence-{CHEAT}.tar"


def failed(world: World, **behaviour: frozenset[str]) -> World:
    with world.workers(cheats=frozenset({CHEAT}), **behaviour):
        world.ticket = world.run()
    return world


def parts_of(world: World, file: str = FILE) -> tuple[bundle.Manifest, dict[str, bytes]]:
    assert world.ticket.files is not None
    with world.parts.objects.open(world.ticket.files[file]["key"]) as stored:
        content = io.BytesIO(stored.read())
    with tarfile.open(fileobj=content) as tar:
        read = {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]
    return from_wire(bundle.Manifest, json.loads(read.pop(bundle.MANIFEST))), read


def test_bundle__culprit_named__holds_what_the_manifest_lists(world: World) -> None:
    manifest, parts = parts_of(failed(world))
    assert world.ticket.files is not None
    assert world.ticket.files[FILE]["bundle"] == manifest.id
    assert world.ticket.files[FILE]["key"].endswith(f"/evidence/{manifest.id}.tar")
    found = {name: bundle.Part(sha256_hex(data), len(data)) for name, data in parts.items()}
    assert found == manifest.parts
    assert bundle.REQUIRED <= set(parts) <= bundle.PARTS
    assert (manifest.culprit, manifest.job_id) == (CHEAT, world.ticket.job_id)
    assert world.ticket.verdict is not None
    assert manifest.evidence_hash == world.ticket.verdict.evidence_hash


def test_bundle__its_claim__follows_from_the_bundle_alone(world: World) -> None:
    _, parts = parts_of(failed(world))
    claim = from_wire(bundle.Claim, json.loads(parts[bundle.CLAIM]))
    said = from_wire(VerdictTask, json.loads(parts[bundle.VERDICT]))
    mine = [c for c in said.commitments if c.round == claim.round]
    (committed,) = (c for c in mine if c.trainer == CHEAT)
    drawn = challenge.seed(claim.nonce, (*mine, *claim.unrevealed))
    assert challenge.commit(claim.nonce) == committed.challenge
    picked = challenge.segments_to_replay(drawn, CHEAT, committed.segments, len(claim.segments))
    assert picked == claim.segments
    assert claim.segment in picked
    assert (claim.round, CHEAT, claim.segment) in verdict.proven(said.reports)
    shas = {name: sha256_hex(data) for name, data in parts.items()}
    due = work_digest(claim.architecture, claim.training, shas[bundle.MODEL], shas[bundle.SHARD])
    assert (due, shas[bundle.UPDATE]) == (committed.work_sha256, committed.update_sha256)
    for name, path, index in (
        (bundle.START, claim.start_path, claim.segment),
        (bundle.END, claim.end_path, claim.segment + 1),
    ):
        assert (name in parts) == bool(path)
        if path:
            count = committed.segments + 1
            assert merkle_verify_at(committed.checkpoint_root, shas[name], path, index, count)


def test_bundle__somebody_never_revealed__its_commitment_still_counts_in_the_choice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "backend.dispatch.reveal_stage.reveal_defect", lambda c, *_: "no" if c.trainer == "0xT4" else ""
    )
    _, parts = parts_of(failed(world))
    claim = from_wire(bundle.Claim, json.loads(parts[bundle.CLAIM]))
    assert [c.trainer for c in claim.unrevealed] == ["0xT4"]
    said = from_wire(VerdictTask, json.loads(parts[bundle.VERDICT]))
    (committed,) = (c for c in said.commitments if c.trainer == CHEAT)
    drawn = challenge.seed(claim.nonce, (*said.commitments, *claim.unrevealed))
    picked = challenge.segments_to_replay(drawn, CHEAT, committed.segments, len(claim.segments))
    assert picked == claim.segments


def test_bundle__made_again__has_the_same_bytes(world: World) -> None:
    failed(world)
    ticket = world.ticket
    assert ticket.files is not None
    assert ticket.verdict is not None
    job = Job(ticket, world.parts)
    plan = from_wire(Plan, job.load_json(job.key("plan.json")))
    task = from_wire(VerdictTask, job.load_json(job.key("verdict.json")))
    paper = world.parts.objects.stat(job.key("verdict.json"))
    assert paper is not None
    again = bundles(job, ticket, plan, [world.evidence(1)], Signed(task, paper, ticket.verdict.signatures))
    assert again[FILE] == ticket.files[FILE]


def test_bundle__nobody_accused__there_is_none(world: World) -> None:
    with world.workers():
        after = world.run()
    assert not [name for name in after.files or {} if name.startswith("evidence-")]


def test_tar_blocks__content_of_another_size__is_refused() -> None:
    with pytest.raises(ValueError, match="announced"):
        list(bundle.tar_blocks([("a", 3, [b"ab"])]))
