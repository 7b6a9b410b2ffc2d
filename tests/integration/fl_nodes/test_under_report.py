"""A node that divides every reading by ten, its benchmark's too, beside honest ones: it gains nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from fl_nodes.adversary import load_adversary
from fl_nodes.protocol import scores, verdict
from fl_nodes.protocol.payout import Scheme, shares
from fl_nodes.protocol.verdict_tasks import EnergyBasis, VerdictTask
from fl_nodes.work.forgery import forged
from tests.integration.fl_nodes.benchmark_world import benchmarked
from tests.integration.fl_nodes.job_world import JOB, MARKET, World

ADVERSARY = Path(__file__).parents[3] / "examples" / "adversaries" / "under_report.py"
HONEST = ("0xT1", "0xT2", "0xT3")
LIAR = "0xT4"
TRAINERS = (*HONEST, LIAR)
FEE = 10**18


def verdict_task(world: World, outside: object | None) -> VerdictTask:
    """One round and one benchmark of all four, and the verdict's task as the backend makes it."""
    for trainer in HONEST:
        world.trainer(trainer)
    world.trainer(LIAR, outside)
    baselines = {trainer: benchmarked(world, trainer)[1] for trainer in TRAINERS}
    commitments = tuple(world.train(trainer) for trainer in TRAINERS)
    report = world.validate(*(world.reveal(c, ()) for c in commitments))
    return VerdictTask(
        job_id=JOB,
        chain_id=MARKET.chain_id,
        escrow=MARKET.escrow,
        outcome=verdict.SETTLE,
        trainers=TRAINERS,
        validator_keys={"0xV1": world.keys["0xV1"]},
        trainer_keys={trainer: world.keys[trainer] for trainer in TRAINERS},
        fee_wei=str(FEE),
        commission_bps=200,
        scheme=Scheme.COMPOSITE.value,
        rounds=1,
        result_sha256="cd" * 32,
        reports=(report,),
        commitments=commitments,
        energy_basis=EnergyBasis(world.architecture, world.spec.local_epochs, baselines),
    )


@pytest.mark.usefixtures("short_benchmark")
def test_under_reporter__beside_three_honest_of_its_kind__is_paid_for_energy_like_them(world: World) -> None:
    task = verdict_task(world, load_adversary(f"{ADVERSARY}:UnderReport")._outside)
    assert forged(task) == ""
    claims = verdict.claims_of(task)
    assert [claims[t].plausible for t in TRAINERS] == [True, True, True, False]
    assert claims[LIAR].claimed == 1_250
    assert {claims[t].counted for t in TRAINERS} == {12_500}
    words = [scores.decode(word, t) for word, t in zip(verdict.score_words(task), TRAINERS, strict=True)]
    assert [word.millijoules for word in words] == [12_500] * 4


@pytest.mark.usefixtures("short_benchmark")
def test_under_reporter__and_its_honest_twin__are_paid_the_same(world: World) -> None:
    lying = verdict_task(world, load_adversary(f"{ADVERSARY}:UnderReport")._outside)
    honest = verdict_task(world, None)
    paid = [shares(Scheme.COMPOSITE, FEE, 200, verdict.work_of(task)) for task in (lying, honest)]
    assert paid[0] == paid[1]
    as_claimed = verdict.work(TRAINERS, lying.commitments, lying.reports, 1)
    assert shares(Scheme.COMPOSITE, FEE, 200, as_claimed)[3] > paid[1][3], "without the check it gains"
