"""What a job's work emitted."""

import pytest

from backend.energy.carbon import emission, joint_band_ppm, ledger_readings, round_carbon
from tests.unit.energy.statements import CLEAN, DIRTY, JOB, WHERE, commitment, place, read


def test_emission__a_kilowatt_hour__emits_its_intensity() -> None:
    assert emission([read(3_600_000_000)], place("ES", 123_456)).micrograms == 123_456_000


def test_emission__readings_of_two_classes__are_of_the_weaker_with_bands_by_energy() -> None:
    both = emission(
        [read(1000, "measured", 100_000), read(3000, "modelled", 400_000)], place("ES", 1, band_ppm=0)
    )
    assert (both.kind, both.band_ppm) == ("modelled", 325_000)


def test_joint_band__two_factors__are_off_the_same_way() -> None:
    assert joint_band_ppm(400_000, 100_000) == 540_000


def test_ledger_readings__setting_up_twice__is_one_reading_of_round_zero() -> None:
    work = [commitment(1, CLEAN, read(10), read(5)), commitment(2, CLEAN, read(20), read(6, "constant"))]
    made = ledger_readings(JOB, work, {1: WHERE, 2: WHERE})
    assert [(r.round, r.millijoules, r.kind) for r in made] == [
        (0, 11, "constant"),
        (1, 10, "modelled"),
        (2, 20, "modelled"),
    ]


def test_ledger_readings__a_commitment_said_twice__counts_once() -> None:
    said = commitment(1, CLEAN, read(10))
    assert len(ledger_readings(JOB, [said, said], {1: WHERE})) == 1


def test_ledger_readings__no_intensity_for_a_trainer__is_an_error() -> None:
    with pytest.raises(KeyError):
        ledger_readings(JOB, [commitment(1, CLEAN, read(10))], {1: {DIRTY: WHERE[DIRTY]}})


def test_round_carbon__same_energy__emits_what_its_grid_does() -> None:
    told = round_carbon([commitment(1, CLEAN, read(36_000)), commitment(1, DIRTY, read(36_000))], WHERE)
    assert (told[CLEAN]["micrograms"], told[DIRTY]["micrograms"]) == (500, 6500)
    assert told[DIRTY]["intensity"]["source"] == "a test"


def test_ledger_readings__a_site_announces_watts__its_part_stands_beside_and_changes_no_emission() -> None:
    work = [commitment(1, CLEAN, read(10_000)), commitment(1, DIRTY, read(10_000))]
    seconds = work[0].energy.seconds
    made = ledger_readings(JOB, work, {1: WHERE}, {1: {CLEAN: 10**9, DIRTY: 1}})
    plain = ledger_readings(JOB, work, {1: WHERE})
    site = {r.node: r.site_millijoules for r in made}
    assert site == {CLEAN: 10_000, DIRTY: min(10_000, int(seconds * 1000))}
    assert [r.micrograms for r in made] == [r.micrograms for r in plain]
    assert [r.site_micrograms for r in plain] == [0, 0]
    assert all(0 < r.site_micrograms <= r.micrograms for r in made)
