"""A job's energy statement: every figure that was reported, what follows from them, and how to work that out again.

The document has the inputs beside the results, so that whoever has it needs nobody to check it: `problems` makes the results
anew. Whether the inputs are true is another question: a job's readings stand in the energy ledger, signed by a quorum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.domain.intensity import Intensity
from backend.energy.carbon import SETUP_ROUND, joint_band_ppm
from backend.energy.eco_score import EcoInputs, eco_score
from backend.energy.sci import Sci, embodied_ug
from fl_nodes.protocol.reading import MILLIJOULES_PER_KWH, PPM, LedgerReading, micrograms
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

FORMAT = "ecodml-energy-statement/1"


@dataclass(frozen=True)
class RoundTimes:
    """How long a closed round held its trainers, and how long each of them worked; ms."""

    number: int
    reserved_ms: int
    busy_ms: dict[str, int]


@dataclass(frozen=True)
class StatementInputs:
    """What a statement follows from.

    `readings` as they go to the ledger, `intensities` of the zones and hours in them; by trainer `hardware` (`cpus`, `gpus`),
    `expected_millijoules` by benchmarks (0 where none says anything) and `idle_milliwatts` while waiting (absent where the node
    does not say). `accuracy_ppm` is of the test split, None for a job that came to nothing.
    """

    job: str
    readings: tuple[LedgerReading, ...]
    intensities: tuple[Intensity, ...]
    rounds: tuple[RoundTimes, ...]
    hardware: dict[str, dict[str, Any]]
    expected_millijoules: dict[str, int]
    accuracy_ppm: int | None = None
    idle_milliwatts: dict[str, int] = field(default_factory=dict)


def statement(of: StatementInputs) -> dict[str, Any]:
    """The document, plain JSON values: `format`, `inputs`, `results`."""
    return {"format": FORMAT, "inputs": to_wire(of), "results": results(of)}


def problems(document: Mapping[str, Any]) -> list[str]:
    """What does not follow in a statement, a sentence each; empty if all does."""
    if document.get("format") != FORMAT:
        return [f"This is no {FORMAT}: its format is {document.get('format')!r}."]
    try:
        of = from_wire(StatementInputs, document.get("inputs"))
        due = results(of)
    except (WireError, ValueError, KeyError) as error:
        return [f"The inputs cannot be read: {error}."]
    said = document.get("results")
    if not isinstance(said, Mapping):
        return ["There are no results."]
    return [
        f"`{name}` is {said.get(name)!r} and should be {due.get(name)!r}."
        for name in sorted({*due, *said})
        if due.get(name) != said.get(name)
    ]


def results(of: StatementInputs) -> dict[str, Any]:
    """What follows from the inputs: totals by class, emissions, SCI per round and for the model, Eco Scores."""
    emitted = [_emission(reading, of.intensities) for reading in of.readings]
    total_mj, total_ug = sum(r.millijoules for r in of.readings), sum(ug for ug, _ in emitted)
    off = sum(ug * band for ug, band in emitted)
    rounds = {times.number: _round_sci(of, times) for times in of.rounds}
    setup = sum(r.micrograms for r in of.readings if r.round == SETUP_ROUND)
    model = Sci(
        setup + sum(s.operational_ug for s in rounds.values()),
        sum(s.embodied_ug for s in rounds.values()),
        "trained model",
    )
    return {
        "millijoules": total_mj,
        "idle_millijoules": sum(_idle_mj(of, trainer) for trainer in of.hardware),
        "micrograms": total_ug,
        "site": _site(of.readings),
        "band_ppm": off // total_ug if total_ug else 0,
        "classes": _classes(of.readings),
        "trainers": {trainer: _of_trainer(of, trainer) for trainer in sorted(of.hardware)},
        "rounds": [{"number": number, "sci": sci.told()} for number, sci in rounds.items()],
        "sci": model.told(),
        "eco": None if of.accuracy_ppm is None else eco_score(eco_inputs(of, sorted(of.hardware))).told(),
    }


def eco_inputs(of: StatementInputs, trainers: Iterable[str]) -> EcoInputs:
    """What the Eco Score of these trainers' part of the job is made of. A benchmark that is missing expects nothing."""
    those = set(trainers)
    mine = [r for r in of.readings if r.node in those and r.round != SETUP_ROUND]
    used, grams = sum(r.millijoules for r in mine), sum(r.micrograms for r in mine)
    return EcoInputs(
        millijoules=used,
        expected_millijoules=sum(of.expected_millijoules.get(t, 0) for t in those),
        mg_per_kwh=-(-grams * MILLIJOULES_PER_KWH // (used * 1000)) if used else 0,
        busy_ms=sum(ms for times in of.rounds for t, ms in times.busy_ms.items() if t in those),
        reserved_ms=sum(times.reserved_ms for times in of.rounds for t in times.busy_ms if t in those),
        accuracy_ppm=of.accuracy_ppm or 0,
    )


def _of_trainer(of: StatementInputs, trainer: str) -> dict[str, Any]:
    mine = [r for r in of.readings if r.node == trainer]
    told = {
        "millijoules": sum(r.millijoules for r in mine),
        "idle_millijoules": _idle_mj(of, trainer),
        "micrograms": sum(r.micrograms for r in mine),
        "classes": _classes(mine),
        "zones": sorted({r.zone for r in mine}),
    }
    if of.accuracy_ppm is not None:
        told["eco"] = eco_score(eco_inputs(of, [trainer])).told()
    return told


def _round_sci(of: StatementInputs, times: RoundTimes) -> Sci:
    """Of one round: all readings of it and the idle time between, and every machine that it held."""
    mine = [r for r in of.readings if r.round == times.number]
    idle = 0
    for reading in mine:
        waited = max(0, times.reserved_ms - times.busy_ms.get(reading.node, 0))
        milliwatts = of.idle_milliwatts.get(reading.node, 0)
        idle += micrograms(-(-milliwatts * waited // 1000), reading.intensity)
    machines = sum(embodied_ug(of.hardware.get(t, {}), times.reserved_ms / 1000) for t in times.busy_ms)
    return Sci(sum(r.micrograms for r in mine) + idle, machines, "round")


def _idle_mj(of: StatementInputs, trainer: str) -> int:
    """What a trainer used while its rounds waited for others, rounded up; 0 where it does not say."""
    waited = sum(
        max(0, times.reserved_ms - times.busy_ms[trainer]) for times in of.rounds if trainer in times.busy_ms
    )
    return -(-of.idle_milliwatts.get(trainer, 0) * waited // 1000)


def _site(readings: Iterable[LedgerReading]) -> dict[str, int]:
    """What nodes say that their sites' own sun and wind gave, and what the grid would have emitted for it: in no other figure."""
    mine = list(readings)
    return {
        "millijoules": sum(r.site_millijoules for r in mine),
        "micrograms": sum(r.site_micrograms for r in mine),
    }


def _classes(readings: Iterable[LedgerReading]) -> dict[str, dict[str, int]]:
    """By class: `millijoules` and `band_millijoules`; figures of different classes are never one sum."""
    classes: dict[str, dict[str, int]] = {}
    for r in readings:
        of = classes.setdefault(r.kind, {"millijoules": 0, "band_millijoules": 0})
        of["millijoules"] += r.millijoules
        of["band_millijoules"] += -(-r.millijoules * r.band_ppm // PPM)
    return dict(sorted(classes.items()))


def _emission(reading: LedgerReading, intensities: tuple[Intensity, ...]) -> tuple[int, int]:
    """A reading's µg and their band; ValueError for an intensity that nobody stands for."""
    for place in intensities:
        if (place.zone, place.hour, place.mg_per_kwh) == (reading.zone, reading.hour, reading.intensity):
            return reading.micrograms, joint_band_ppm(reading.band_ppm, place.band_ppm)
    raise ValueError(
        f"no source says that {reading.zone} had {reading.intensity} mg per kWh in hour {reading.hour}"
    )
