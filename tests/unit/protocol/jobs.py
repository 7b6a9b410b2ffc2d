"""Commitments, reports and verdict tasks with sensible values, for tests to change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.payout import Scheme, shares
from fl_nodes.protocol.tasks import Commitment, EnergyReading, Replay, Score, ValidationReport
from fl_nodes.protocol.verdict_tasks import VerdictTask

JOB = "0x" + "11" * 32
ESCROW = "0x" + "22" * 20
T1, T2, T9 = ("0x" + digits * 20 for digits in ("a1", "a2", "a9"))
V1, V2, V3, V9 = ("0x" + digits * 20 for digits in ("b1", "b2", "b3", "b9"))
TRAINERS = (T1, T2)
VALIDATORS = (V1, V2, V3)
FEE = 10**18
ENERGY = EnergyReading(1000, "modelled", 400_000, "cpu", 2.0)


def sha(trainer: str, number: int = 1) -> str:
    return sha256_hex(f"{trainer} {number}".encode())


def commitment(trainer: str, number: int = 1, **changes: Any) -> Commitment:
    made = Commitment(
        JOB, number, trainer, sha(trainer, number), 100, "ab" * 32, 4, 32, 100, 0.5, 9, ENERGY, 0, "env"
    )
    return replace(made, **changes)


def score(trainer: str, accuracy_ppm: int = 800_000, number: int = 1, defect: str = "") -> Score:
    return Score(trainer, sha(trainer, number), 1, accuracy_ppm, accuracy_ppm, 1, 1, defect)


def replay(trainer: str, segment: int, matches: bool, number: int = 1) -> Replay:
    return Replay(trainer, sha(trainer, number), segment, 0 if matches else 300_000, matches, "")


def report(
    validator: str, number: int = 1, scores: tuple[Score, ...] = (), replays: tuple[Replay, ...] = ()
) -> ValidationReport:
    return ValidationReport(JOB, number, validator, scores, replays, "env", 1.0, f"signed by {validator}")


def settle_task(**changes: Any) -> VerdictTask:
    """A verdict that follows from its reports, as an honest backend makes it."""
    commitments = tuple(commitment(t) for t in TRAINERS)
    scores = tuple(score(t, 900_000 - 100_000 * i) for i, t in enumerate(TRAINERS))
    reports = tuple(report(v, scores=scores) for v in VALIDATORS)
    done = verdict.work(TRAINERS, commitments, reports, 1)
    task = VerdictTask(
        job_id=JOB,
        chain_id=31337,
        escrow=ESCROW,
        outcome=verdict.SETTLE,
        trainers=TRAINERS,
        validator_keys={v: f"key of {v}" for v in VALIDATORS},
        trainer_keys={t: f"key of {t}" for t in TRAINERS},
        fee_wei=str(FEE),
        commission_bps=200,
        scheme=Scheme.ACCURACY.value,
        rounds=1,
        result_sha256="cd" * 32,
        reports=reports,
        commitments=commitments,
        payees=TRAINERS,
        amounts_wei=tuple(str(a) for a in shares(Scheme.ACCURACY, FEE, 200, done)),
    )
    return replace(task, **changes)
