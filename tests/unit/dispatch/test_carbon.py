"""What a job emits is reckoned while it runs, with the grids' figures as they were in each round."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from backend.dispatch.carbon_stage import where
from backend.dispatch.job import Job
from backend.domain.intensity import HOURLY, Intensity
from backend.domain.ticket import Status, Ticket
from backend.energy.statement import problems
from fl_nodes.protocol.node_energy import NodeEnergy
from tests.unit.dispatch.test_job_loop import JOB_ID, TRAINERS, World, make_world

ZONES = dict(zip(TRAINERS, ("FR", "ES", "PL", "PL"), strict=True))
MG_PER_KWH = {"FR": 50_000, "ES": 150_000, "PL": 650_000}


class Grids:
    """What three grids emit; asked a second time everything has doubled."""

    def __init__(self) -> None:
        self.asked = 0

    def at(self, zone: str, when: float) -> Intensity:
        self.asked += 1
        doubled = 1 + (self.asked > len(TRAINERS))
        return Intensity(zone, int(when // 3600), MG_PER_KWH[zone] * doubled, HOURLY, "t", "2026", False, 0)

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...]:
        return (self.at(zone, when),) * hours


def world_on_grids(**spec: Any) -> World:
    world = make_world(**spec)
    for trainer, zone in ZONES.items():
        world.parts.nodes.seen(trainer, 0.0, {"zone": zone, "hardware": {"cpus": 2, "gpus": []}})
    return World(replace(world.parts, intensities=Grids()), world.ticket)


def statement_of(world: World, ticket: Ticket) -> dict[str, Any]:
    assert ticket.files is not None
    with world.parts.objects.open(ticket.files["energy.json"]["key"]) as file:
        document: dict[str, Any] = json.load(file)
    return document


def test_run_job__nodes_on_other_grids__each_round_says_what_they_emitted() -> None:
    world = world_on_grids(rounds=1)
    with world.workers():
        after = world.run()
    (only,) = after.rounds
    assert only.carbon is not None
    used = {t: of["millijoules"] for t, of in only.carbon.items()}
    assert only.millijoules == sum(used.values()) > 0
    told = {t: of["micrograms"] for t, of in only.carbon.items()}
    assert told == {t: -(-used[t] * MG_PER_KWH[ZONES[t]] * 1000 // 3_600_000_000) for t in TRAINERS}


def test_run_job__settled__its_statement_follows_from_its_readings_and_has_a_score() -> None:
    world = world_on_grids(rounds=2)
    with world.workers():
        after = world.run()
    document = statement_of(world, after)
    assert problems(document) == []
    assert after.carbon == document["results"]
    assert after.carbon["eco"] is not None
    assert {r["job"] for r in document["inputs"]["readings"]} == {JOB_ID.removeprefix("0x")}
    assert [r["round"] for r in document["inputs"]["readings"]] == [1] * 4 + [2] * 4


def test_run_job__a_node_says_what_it_draws_idle__its_waiting_counts() -> None:
    world = world_on_grids(rounds=1)
    said = NodeEnergy(0, 30_000, 0, 0, 10, 0, "constant", 1_000_000, 490_000)
    world.parts.nodes.seen(TRAINERS[0], 0.0, {"energy": said})
    with world.workers():
        after = world.run()
    assert statement_of(world, after)["inputs"]["idle_milliwatts"] == {TRAINERS[0]: 3_000}


def test_run_job__failed__its_energy_is_counted_all_the_same() -> None:
    world = world_on_grids(rounds=2)
    with world.workers(cheats=frozenset({"0xT2"})):
        after = world.run()
    assert after.status is Status.FAILED
    document = statement_of(world, after)
    assert problems(document) == []
    assert document["results"]["millijoules"] > 0
    assert document["results"]["eco"] is None


def test_where__asked_again_after_a_crash__is_what_it_was() -> None:
    world = world_on_grids()
    first = where(Job(world.ticket, world.parts), world.ticket, 1)
    assert where(Job(world.ticket, world.parts), world.ticket, 1) == first
    assert {t: first[t].mg_per_kwh for t in TRAINERS} == {t: MG_PER_KWH[z] for t, z in ZONES.items()}


def test_run_job__over_its_energy_budget__says_so_and_settles() -> None:
    world = world_on_grids(rounds=2, energy_budget_joules=1)
    with world.workers():
        after = world.run()
    assert after.status is Status.SETTLING
    assert [alert.code for alert in after.alerts] == ["energy.over_budget"]
