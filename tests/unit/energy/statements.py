"""A small job's energy, for tests."""

from __future__ import annotations

from typing import Any

from backend.domain.intensity import HOURLY, Intensity
from backend.energy.carbon import ledger_readings
from backend.energy.statement import RoundTimes, StatementInputs
from fl_nodes.protocol.tasks import Commitment, EnergyReading

JOB = "ab" * 32
CLEAN, DIRTY = "0x" + "11" * 20, "0x" + "22" * 20
HOUR = 490_000


def place(zone: str, mg_per_kwh: int, hour: int = HOUR, band_ppm: int = 50_000) -> Intensity:
    return Intensity(zone, hour, mg_per_kwh, HOURLY, "a test", "2026-11-21", False, band_ppm)


WHERE = {CLEAN: place("FR", 50_000), DIRTY: place("PL", 650_000)}


def read(millijoules: int, kind: str = "modelled", band_ppm: int = 400_000) -> EnergyReading:
    return EnergyReading(millijoules, kind, band_ppm, "a test", 2.0)


def commitment(number: int, trainer: str, energy: EnergyReading, setup: EnergyReading | None = None) -> Any:
    return Commitment(
        job_id=JOB,
        round=number,
        trainer=trainer,
        update_sha256="0" * 64,
        update_bytes=1,
        checkpoint_root="0" * 64,
        segments=1,
        steps=16,
        examples=100,
        loss=0.5,
        accuracy_ppm=900_000,
        energy=energy,
        gpu_use_ppm=0,
        environment="test",
        setup_energy=setup,
    )


def inputs(**changed: Any) -> StatementInputs:
    work = [
        commitment(1, CLEAN, read(36_000), setup=read(7_200)),
        commitment(1, DIRTY, read(36_000)),
        commitment(2, CLEAN, read(36_000, "measured", 100_000)),
    ]
    given: dict[str, Any] = {
        "job": JOB,
        "readings": ledger_readings(JOB, work, {1: WHERE, 2: WHERE}),
        "intensities": tuple(WHERE.values()),
        "rounds": (
            RoundTimes(1, 3000, {CLEAN: 2000, DIRTY: 2500}),
            RoundTimes(2, 2500, {CLEAN: 2000}),
        ),
        "hardware": {CLEAN: {"cpus": 2, "gpus": []}, DIRTY: {"cpus": 2, "gpus": []}},
        "expected_millijoules": {CLEAN: 72_000, DIRTY: 18_000},
        "accuracy_ppm": 950_000,
    }
    return StatementInputs(**(given | changed))
