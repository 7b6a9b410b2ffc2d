"""What a green certificate is about: slots, their sum and their commitments."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fl_nodes.protocol.green import ENERGY_BITS, FACTOR_BITS, Slots, factors_commitment, slots
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.reading import LedgerReading

JOB = "0x" + "ab" * 32
READING = LedgerReading(
    job=JOB,
    round=1,
    node="0x" + "11" * 20,
    hour=490_000,
    millijoules=5_000_000,
    site_millijoules=1_000_000,
    kind="modelled",
    band_ppm=200_000,
    zone="ES",
    intensity=150_000,
)


def _readings(count: int) -> list[LedgerReading]:
    return [
        replace(READING, round=i + 1, millijoules=2_000_000 + i, intensity=100_000 + i % 50)
        for i in range(count)
    ]


def _slots(readings: list[LedgerReading]) -> Slots:
    taken = slots(readings)
    assert taken is not None
    return taken


def test_slots__a_few_readings__energy_and_factor_filled_up_with_zeros() -> None:
    taken = _slots([READING])

    assert taken.size == 24
    assert taken.millijoules == (5_000_000, *(0,) * 23)
    assert taken.mg_per_kwh == (150_000, *(0,) * 23)


@pytest.mark.parametrize(("count", "size"), [(24, 24), (25, 96), (96, 96), (200, 96)])
def test_slots__more_readings__the_smallest_circuit_that_holds_them(count: int, size: int) -> None:
    assert _slots(_readings(count)).size == size


def test_slots__readings_in_another_order__the_same() -> None:
    readings = _readings(30)

    assert slots(reversed(readings)) == slots(readings)


def test_slots__more_readings_than_slots__added_up_by_factor_to_the_same_sum() -> None:
    readings = _readings(97)
    taken = _slots(readings)

    assert sum(taken.millijoules) == sum(r.millijoules for r in readings)
    exact = sum(r.millijoules * r.intensity for r in readings)
    assert taken.micrograms == -(-exact // 3_600_000)


def test_slots__a_value_too_large_too_many_factors_or_nothing__none() -> None:
    assert slots([replace(READING, millijoules=1 << ENERGY_BITS, site_millijoules=0)]) is None
    assert slots([replace(READING, intensity=1 << FACTOR_BITS)]) is None
    assert slots([replace(READING, round=i, intensity=i) for i in range(97)]) is None
    assert slots([]) is None


def test_micrograms__readings_each_rounded_up__never_below_the_sum_rounded_once() -> None:
    readings = _readings(24)

    assert 0 <= sum(r.micrograms for r in readings) - _slots(readings).micrograms < 24


def test_commitment__job_salt_energy_or_factor_changed__another() -> None:
    taken = _slots([READING])
    others = [
        taken.commitment("0x" + "ac" * 32, 1),
        taken.commitment(JOB, 2),
        _slots([replace(READING, millijoules=READING.millijoules + 1)]).commitment(JOB, 1),
        _slots([replace(READING, intensity=READING.intensity + 1)]).commitment(JOB, 1),
    ]

    assert len({taken.commitment(JOB, 1), *others}) == 5
    assert taken.commitment(JOB, 1) == _slots([READING]).commitment(JOB, 1)


def test_commitment_word__fits_a_job_summary() -> None:
    word = _slots([READING]).commitment_word(JOB, 1)

    assert JobSummary(JOB, 1, 1, 1, word).words()[-32:] == bytes.fromhex(word[2:])


def test_factors_commitment__published_factors_without_the_fill__the_slots_own() -> None:
    assert factors_commitment([READING.intensity]) == _slots([READING]).factors
    assert factors_commitment([READING.intensity + 1]) != _slots([READING]).factors
    with pytest.raises(ValueError, match="97"):
        factors_commitment([1] * 97)
