"""A statement is checked with nothing but itself."""

import json

import pytest

from backend.energy.statement import problems, results, statement
from tests.unit.energy.statements import CLEAN, DIRTY, inputs, place


def test_statement__as_made__follows_from_its_inputs_after_a_trip_through_json() -> None:
    assert problems(json.loads(json.dumps(statement(inputs())))) == []


@pytest.mark.parametrize("name", ["micrograms", "millijoules", "sci", "eco", "classes", "rounds"])
def test_statement__a_changed_result__is_named(name: str) -> None:
    document = statement(inputs())
    document["results"][name] = 1
    assert [name in sentence for sentence in problems(document)] == [True]


def test_statement__a_reading_changed_afterwards__no_longer_gives_the_results() -> None:
    document = json.loads(json.dumps(statement(inputs())))
    document["inputs"]["readings"][0]["millijoules"] -= 1000
    assert problems(document)


def test_statement__an_intensity_without_a_source__is_refused() -> None:
    document = json.loads(json.dumps(statement(inputs())))
    document["inputs"]["intensities"] = document["inputs"]["intensities"][:1]
    assert "no source says" in problems(document)[0]


@pytest.mark.parametrize(
    "document", [{}, {"format": "ecodml-energy-statement/1", "inputs": [], "results": {}}]
)
def test_statement__not_a_statement__is_said_in_a_sentence(document: dict[str, object]) -> None:
    assert len(problems(document)) == 1


def test_results__the_parts__add_up() -> None:
    told = results(inputs())
    assert told["millijoules"] == sum(t["millijoules"] for t in told["trainers"].values()) == 115_200
    assert (
        told["micrograms"]
        == sum(t["micrograms"] for t in told["trainers"].values())
        == 500 + 100 + 6500 + 500
    )
    assert told["classes"] == {
        "measured": {"millijoules": 36_000, "band_millijoules": 3_600},
        "modelled": {"millijoules": 79_200, "band_millijoules": 31_680},
    }
    rounds = sum(r["sci"]["operational_ug"] for r in told["rounds"])
    assert told["sci"]["operational_ug"] == rounds + 100  # and what setting up emitted


def test_results__machines_that_wait__count_their_idle_power() -> None:
    idle = results(inputs(idle_milliwatts={CLEAN: 4000}))
    assert idle["idle_millijoules"] == 4000 * (1000 + 500) // 1000
    assert idle["sci"]["operational_ug"] > results(inputs())["sci"]["operational_ug"]


def test_results__the_cleaner_nodes_part__scores_higher() -> None:
    told = results(inputs())["trainers"]
    assert told[CLEAN]["eco"]["score"] > told[DIRTY]["eco"]["score"]


def test_results__a_job_that_came_to_nothing__has_emissions_and_no_score() -> None:
    told = results(inputs(accuracy_ppm=None))
    assert told["eco"] is None
    assert told["micrograms"] > 0
    assert "eco" not in told["trainers"][CLEAN]


def test_results__an_hour_that_is_not_the_readings__does_not_stand_for_it() -> None:
    with pytest.raises(ValueError, match="no source says"):
        results(inputs(intensities=(place("FR", 50_000, hour=1), place("PL", 650_000))))
