"""Who re-runs what in a job, and what becomes of it when validators lie or go away."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from backend.domain.ticket import Status
from backend.errors import Recoverable
from fl_nodes.protocol import challenge, verdict
from fl_nodes.protocol.scrutiny import segments_due
from tests.unit.dispatch.test_job_loop import VALIDATORS, World, world

__all__ = ["world"]


@pytest.mark.parametrize("liar", VALIDATORS)
def test_run_job__one_lying_validator__saves_no_cheat_and_harms_nobody_else(world: World, liar: str) -> None:
    with world.workers(cheats=frozenset({"0xT1", "0xT3"}), liars=frozenset({liar})):
        after = world.run()
    assert after.verdict is not None
    assert after.verdict.culprits == ("0xT1", "0xT3")
    assert after.rounds == ()


def test_run_job__a_validator_is_gone__others_replay_what_it_was_drawn_for(world: World) -> None:
    world.parts.nodes.gone("0xV2", time.time())
    with world.workers(silent=frozenset({"0xV2"})):
        after = world.run()
    assert after.status is Status.SETTLING
    said = world.evidence(1)
    seen = verdict.witnesses(said.reports)
    for c in said.commitments:
        assert len(seen[1, c.trainer, c.segments - 1]) == 2


def test_run_job__two_of_three_validators_are_gone__waits_instead_of_believing_one(world: World) -> None:
    for validator in ("0xV1", "0xV2"):
        world.parts.nodes.gone(validator, time.time())
    with world.workers(silent=frozenset({"0xV1", "0xV2"})), pytest.raises(Recoverable) as refusal:
        world.run()
    assert refusal.value.code == "validators.too_few"


def test_run_job__who_replayed_what__follows_from_the_evidence_alone(world: World) -> None:
    """Anybody who has a round's nonce and commitments draws the same segments and the same validators."""
    with world.workers():
        after = world.run()
    for record in after.rounds:
        said = world.evidence(record.number)
        drawn = challenge.seed(said.nonce, [*said.commitments, *said.unrevealed])
        segments = {c.trainer: c.segments for c in said.commitments}
        for line in record.updates:
            trainer, audit = line["trainer"], line["audit"]
            due = segments_due(after.spec.replayed_segments, audit["finished_jobs"], audit["rating_bps"])
            picked = challenge.segments_to_replay(drawn, trainer, segments[trainer], due)
            who = challenge.replayers(drawn, trainer, picked, after.validators)
            assert tuple(audit["segments"]) == picked
            assert {v: tuple(theirs) for v, theirs in audit["replayers"].items()} == who
            seen = verdict.witnesses(said.reports)
            for segment in range(segments[trainer]):
                drawn_for = {v for v, theirs in who.items() if segment in theirs}
                assert set(seen.get((record.number, trainer, segment), {})) == drawn_for


def test_run_job__newcomers__are_audited_more_than_those_with_a_record(world: World) -> None:
    node = world.parts.nodes.get("0xT2")
    assert node is not None
    world.parts.nodes.mirror(replace(node, finished_jobs=5))
    with world.workers():
        after = world.run()
    lines = {line["trainer"]: line["audit"] for line in after.rounds[0].updates}
    assert len(lines["0xT2"]["segments"]) == 2
    assert lines["0xT1"]["segments"] == [0, 1, 2]
    assert (lines["0xT2"]["finished_jobs"], lines["0xT1"]["finished_jobs"]) == (5, 0)
