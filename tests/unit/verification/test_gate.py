"""The gate lets through what the task asked for, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.ports import StoredObject
from backend.verification.gate import (
    checkpoints_needed,
    commitment_defect,
    repeated_updates,
    report_defect,
    reveal_defect,
)
from fl_nodes.protocol.binding import work_of
from fl_nodes.protocol.hashing import merkle_proof, merkle_root
from fl_nodes.protocol.tasks import (
    Commitment,
    EnergyReading,
    ObjectRef,
    Reveal,
    RevealedCheckpoint,
    Score,
    Stored,
    TrainingSpec,
    TrainTask,
    UpdateToValidate,
    ValidateTask,
    ValidationReport,
)

pytestmark = pytest.mark.unit

LEAVES = ["aa" * 32, "bb" * 32, "cc" * 32, "dd" * 32]
SPEC = TrainingSpec("sgd", 0.1, 32, 2, 8, 1)
TASK = TrainTask("0xjob", 1, "0xT", {}, SPEC, ObjectRef("u", "00", 1), ObjectRef("u", "00", 1), 290, "c", 9.0)
ENERGY = EnergyReading(5000, "modelled", 300_000, "cpu-time", 1.0)
GOOD = Commitment(
    "0xjob",
    1,
    "0xT",
    "ee" * 32,
    100,
    merkle_root(LEAVES),
    3,
    20,
    290,
    0.5,
    900_000,
    ENERGY,
    0,
    "env",
    signature="0xsig",
    work_sha256=work_of(TASK),
    challenge="c",
)


def signed_by_key(_text: str, signature: str) -> str | None:
    return "0xKey" if signature == "0xsig" else None


def defect(commitment: Commitment) -> str:
    return commitment_defect(TASK, commitment, "0xKey", 31337, "0xEscrow", signed_by_key)


def test_commitment__as_asked__passes() -> None:
    assert defect(GOOD) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"job_id": "0xother"}, "claims job"),
        ({"round": 2}, "claims round"),
        ({"trainer": "0xU"}, "claims trainer"),
        ({"examples": 291}, "claims examples"),
        ({"steps": 10}, "claims steps"),
        ({"segments": 2}, "claims segments"),
        ({"work_sha256": "00" * 32}, "other work"),
        ({"challenge": "d"}, "challenge commitment"),
        ({"update_sha256": "ee"}, "not a SHA-256"),
        ({"energy": replace(ENERGY, millijoules=-1)}, "negative energy"),
        ({"energy": replace(ENERGY, millijoules=10**30)}, "more energy or time than there is"),
        ({"energy": replace(ENERGY, seconds=1e300)}, "more energy or time than there is"),
        ({"energy": replace(ENERGY, seconds=float("nan"))}, "more energy or time than there is"),
        ({"energy": replace(ENERGY, kind="guessed")}, "how it is known"),
        ({"energy": replace(ENERGY, band_ppm=-1)}, "how it is known"),
        ({"setup_energy": replace(ENERGY, kind="")}, "how it is known"),
        ({"setup_energy": replace(ENERGY, millijoules=-1)}, "negative energy"),
        ({"gpu_use_ppm": -1}, "of its GPU"),
        ({"gpu_use_ppm": 1_000_001}, "of its GPU"),
        ({"signature": "0xforged"}, "not signed"),
    ],
)
def test_commitment__not_as_asked__is_refused_with_the_reason(change: dict[str, object], why: str) -> None:
    assert why in defect(replace(GOOD, **change))  # type: ignore[arg-type]


def test_repeated_updates__copy_and_replay__are_named() -> None:
    other = replace(GOOD, trainer="0xU")
    old = replace(GOOD, trainer="0xV", round=0, update_sha256="11" * 32)
    replayed = replace(GOOD, trainer="0xW", update_sha256="11" * 32)
    found = repeated_updates([GOOD, other, replayed], [old])
    assert set(found) == {"0xT", "0xU", "0xW"}
    assert "round 0" in found["0xW"]


def test_checkpoints_needed__first_and_last__are_known_already() -> None:
    assert checkpoints_needed([0, 2], 3) == (1, 2)
    assert checkpoints_needed([0], 1) == ()


def reveal(**change: object) -> tuple[Reveal, dict[str, StoredObject | None]]:
    checkpoint = RevealedCheckpoint(2, Stored("c2", LEAVES[2], 10), merkle_proof(LEAVES, 2))
    stored: dict[str, StoredObject | None] = {
        "update": StoredObject("update", 100, "ee" * 32),
        "c2": StoredObject("c2", 10, LEAVES[2]),
    }
    return Reveal(Stored("update", "ee" * 32, 100), (replace(checkpoint, **change),)), stored  # type: ignore[arg-type]


def test_reveal__as_committed__passes() -> None:
    answer, stored = reveal()
    assert reveal_defect(GOOD, answer, [2], stored, "update") == ""


def test_reveal__other_update_stored__is_refused() -> None:
    answer, stored = reveal()
    stored["update"] = StoredObject("update", 100, "99" * 32)
    assert "not the one it committed to" in reveal_defect(GOOD, answer, [2], stored, "update")


def test_reveal__checkpoint_outside_the_root__is_refused() -> None:
    answer, stored = reveal(path=merkle_proof(LEAVES, 1))
    assert "not where it stands" in reveal_defect(GOOD, answer, [2], stored, "update")


def test_reveal__other_checkpoint_in_its_place__is_refused() -> None:
    answer, stored = reveal(stored=Stored("c2", LEAVES[1], 10), path=merkle_proof(LEAVES, 1))
    stored["c2"] = StoredObject("c2", 10, LEAVES[1])
    assert "not where it stands" in reveal_defect(GOOD, answer, [2], stored, "update")


def test_reveal__checkpoint_missing__is_refused() -> None:
    answer, stored = reveal()
    assert "did not reveal checkpoint 1" in reveal_defect(GOOD, answer, [1, 2], stored, "update")


@pytest.mark.parametrize(
    ("contribution", "why"),
    [(1_000_000, ""), (-1_000_000, ""), (1_000_001, "more than there is"), (-(10**15), "more than there is")],
)
def test_report__contribution__is_a_part_of_what_there_is(contribution: int, why: str) -> None:
    ref = ObjectRef("u", "00", 1)
    asked = ValidateTask("0xjob", 1, "0xV", {}, {}, ref, (UpdateToValidate(GOOD, ref),), validation=ref)
    score = Score("0xT", GOOD.update_sha256, 1, 2, 3, 4, 5, contribution_ppm=contribution)
    report = ValidationReport("0xjob", 1, "0xV", (score,), (), "env", 1.0, "0xsig", tolerance=asked.tolerance)
    found = report_defect(asked, report, "0xKey", 1, "0xE", signed_by_key)
    assert why in found
    assert bool(found) == bool(why)
