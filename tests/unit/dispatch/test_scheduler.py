"""The dispatcher's decisions over in-memory twins: who, when, why, and what the job is held against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.adapters.memory import MemoryIntensities, MemoryObjects
from backend.dispatch.benchmark_files import keep_answer
from backend.dispatch.selection import Scheduler
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.domain.spec import DatasetFacts, JobSpec
from backend.domain.ticket import Moment, Status, Ticket
from fl_nodes.protocol import benchmark
from fl_nodes.protocol.power import FULL
from fl_nodes.protocol.site_supply import SiteSupply
from fl_nodes.protocol.tasks import Benchmarked, Commitment, EnergyReading
from tests.support.tickets import new_ticket, round_record

pytestmark = pytest.mark.unit

NOON = 1_700_000_000 // 3600 * 3600.0
HOUR = int(NOON // 3600)
ARCHITECTURE = {"input_shape": [4], "classes": 2, "layers": [{"kind": "dense", "units": 2}]}
TRAINERS = ("0xA", "0xB", "0xC")


def node(provider: str, role: str = "trainer", **fields: Any) -> Node:
    given: dict[str, Any] = {
        "deposit_wei": "1", "rating_bps": 5_000, "state": "Active", "online": True, "role": role, "zone": "ES"
    }  # fmt: skip
    return Node(provider, f"key of {provider}", provider, (role,), **(given | fields))


def validators() -> list[Node]:
    return [node("0xV1", "validator"), node("0xV2", "validator")]


class World:
    """Trainers with benchmarks of so many mJ a part, in zones of so many mg per kWh."""

    def __init__(self, zones: dict[str, int] | None = None) -> None:
        self.objects = MemoryObjects()
        self.intensities = MemoryIntensities(zones or {"ES": 200_000, "NO": 20_000})

    def trainer(
        self, provider: str, light_mj: int | None = 500, heavy_mj: int = 1_000, **fields: Any
    ) -> Node:
        found = node(provider, **fields)
        if light_mj is None:
            return found
        parts = tuple(
            commitment(provider, i, part.steps, mj)
            for i, (part, mj) in enumerate(zip(benchmark.PARTS, (light_mj, heavy_mj), strict=True), 1)
        )
        key = keep_answer(self.objects, Benchmarked(provider, 1, parts, "one machine"))
        return replace(found, baseline=Baseline(5_000, NOON, benchmark=1, key=key))

    def decide(
        self, ticket: Ticket, nodes: list[Node], finished: Any = (), policy: str = "weighted", at=NOON
    ):
        scheduler = Scheduler(policy, self.objects, self.intensities)
        return scheduler.decide(ticket, [*nodes, *validators()], finished, 0, at)


def commitment(provider: str, number: int, steps: int, millijoules: int) -> Commitment:
    reading = EnergyReading(millijoules, "modelled", 400_000, "model", millijoules / 1000)
    job = benchmark.job_id(provider, 1)
    return Commitment(job, number, provider, "", 0, "", 1, steps, 1, 0.0, 0, reading, 0, "e")


def ticket(**fields: Any) -> Ticket:
    spec = JobSpec(trainers=2, rounds=3, **fields.pop("spec", {}))
    facts = DatasetFacts("d.csv", 10, "ab" * 32, "csv", 2_000, 4, ("a", "b"), (4,))
    given = {"spec": spec, "dataset": facts, "architecture": ARCHITECTURE, "deadline": int(NOON) + 3600}
    return new_ticket(**(given | fields))


@pytest.fixture
def world() -> World:
    return World()


def chosen(decision: Any) -> set[str]:
    assert decision is not None
    return {t.node for t in decision.trainers}


def test_decide__a_frugal_machine_and_a_clean_grid__are_taken_first(world):
    nodes = [world.trainer("0xA"), world.trainer("0xB", zone="NO"), world.trainer("0xC", 300, 600)]

    assert chosen(world.decide(ticket(), nodes)) == {"0xB", "0xC"}


def test_decide__offline_frozen_and_leaving_nodes__are_never_taken(world):
    nodes = [
        world.trainer("0xA", online=False),
        world.trainer("0xB", frozen=True),
        world.trainer("0xC", state="Unbonding"),
        world.trainer("0xD"),
    ]

    assert world.decide(ticket(), nodes) is None
    assert chosen(world.decide(ticket(), [*nodes, world.trainer("0xE")])) == {"0xD", "0xE"}


def test_decide__one_validator__waits(world):
    scheduler = Scheduler("weighted", world.objects, world.intensities)
    nodes = [*(world.trainer(t) for t in TRAINERS), validators()[0]]

    assert scheduler.decide(ticket(), nodes, (), 0, NOON) is None


def test_decide__a_better_node_that_is_busy__is_left_to_its_work(world):
    nodes = [world.trainer("0xA", zone="NO", assigned_jobs=1), world.trainer("0xB"), world.trainer("0xC")]
    decision = world.decide(ticket(), nodes)

    assert chosen(decision) == {"0xB", "0xC"}
    assert "another job" in decision.passed_over["0xA"]


@pytest.mark.parametrize("policy", ["weighted", "pareto", "carbon", "learned", "standard"])
def test_decide__every_policy__says_why_for_every_trainer(world, policy):
    decision = world.decide(ticket(), [world.trainer(t) for t in TRAINERS], policy=policy)

    assert decision.policy == policy
    assert len(chosen(decision)) == 2
    assert set(decision.passed_over) == set(TRAINERS) - chosen(decision)
    assert decision.reasons
    assert decision.start_at == int(NOON)


def test_decide__the_same_question__is_answered_alike_and_hashes_alike(world):
    nodes, asked = [world.trainer(t) for t in TRAINERS], ticket()
    one, other = world.decide(asked, nodes), world.decide(asked, list(reversed(nodes)))

    assert one.hash() == other.hash()


def test_baseline__two_machines__is_the_mean_of_what_a_round_takes_on_each(world):
    nodes = [world.trainer("0xA"), world.trainer("0xB", 1_000, 2_000, zone="NO")]
    decision = world.decide(ticket(), nodes)
    energies = sorted(t.millijoules for t in decision.trainers)

    assert decision.baseline.nodes == 2
    assert energies[1] in (2 * energies[0], 2 * energies[0] + 1)
    assert decision.baseline.millijoules == sum(energies) // 2
    assert decision.baseline.mg_per_kwh == 110_000


def test_baseline__one_machine_claims_a_hundred_times_more__counts_twice_the_median_at_most(world):
    honest = [world.trainer(t) for t in TRAINERS]
    before = world.decide(ticket(), honest).baseline.millijoules
    lifted = world.decide(ticket(), [*honest, world.trainer("0xD", 50_000, 100_000)]).baseline.millijoules

    assert before < lifted <= before * 5 // 4 + 1


def test_baseline__nobody_was_benchmarked__is_nothing(world):
    decision = world.decide(ticket(), [world.trainer("0xA", None), world.trainer("0xB", None)])

    assert decision.baseline_micrograms == decision.baseline.millijoules == decision.baseline.nodes == 0


def test_decide__a_node_without_a_benchmark__counts_as_the_most_wasteful(world):
    nodes = [world.trainer("0xA", None), world.trainer("0xB"), world.trainer("0xC", 400, 800)]
    decision = world.decide(ticket(), nodes, policy="carbon")

    assert chosen(decision) == {"0xB", "0xC"}
    assert "0xA" in decision.passed_over


def test_baseline__a_trainer_without_a_benchmark__counts_as_the_most_frugal_on_its_own_grid(world):
    known = [world.trainer("0xB", 500_000, 1_000_000), world.trainer("0xC", 400_000, 800_000)]
    two = world.decide(ticket(), known).baseline
    three = world.decide(ticket(), [*known, world.trainer("0xA", None, zone="NO")]).baseline

    assert (two.nodes, three.nodes) == (2, 3)
    assert three.mg_per_kwh == (200_000 + 200_000 + 20_000) // 3
    assert two.millijoules > three.millijoules > two.millijoules * 4 // 5 - 1


def finished(asked: Ticket, decision: Any, times: float) -> Ticket:
    """The ticket after rounds that took so many times what the decision's benchmarks say."""
    updates = tuple(
        {
            "trainer": t.node,
            "energy": {
                "millijoules": round(t.benchmark_millijoules * times),
                "kind": "modelled", "band_ppm": 400_000, "method": "model",
                "seconds": t.benchmark_milliseconds / 1000 * times,
            },
        }
        for t in decision.trainers
    )  # fmt: skip
    record = replace(round_record(1), updates=updates, seconds=9.0, training_seconds=2.0)
    moments = (Moment(Status.RUNNING, NOON), Moment(Status.SETTLING, NOON + decision.expected_seconds))
    crew = tuple(t.node for t in decision.trainers)
    return replace(asked, decision=decision, trainers=crew, rounds=(record,), timeline=moments)


def test_decide__earlier_jobs_took_four_times_the_benchmark__that_is_expected_of_the_next(world):
    nodes, asked = [world.trainer(t) for t in TRAINERS], ticket()
    first = world.decide(asked, nodes)
    past = [finished(asked, first, 4.0)]
    second = world.decide(ticket(), nodes, past)

    assert second.trainers[0].millijoules == pytest.approx(4 * first.trainers[0].millijoules, rel=0.001)
    assert second.trainers[0].benchmark_millijoules == first.trainers[0].benchmark_millijoules
    assert second.baseline.millijoules == pytest.approx(4 * first.baseline.millijoules, rel=0.001)


def test_decide__the_same_two_had_every_recent_job__others_get_the_next(world):
    nodes = [world.trainer(t, zone="NO") for t in ("0xA", "0xB")]
    nodes += [world.trainer(t) for t in ("0xC", "0xD", "0xE", "0xF")]
    first = world.decide(ticket(), nodes)
    assert chosen(first) == {"0xA", "0xB"}

    decision = world.decide(ticket(), nodes, [finished(ticket(), first, 1.0) for _ in range(3)])

    assert chosen(decision).isdisjoint({"0xA", "0xB"})
    assert "recent jobs" in decision.passed_over["0xA"]


def test_decide__a_site_with_its_own_sun__is_preferred_and_emits_as_its_grid_does(world):
    supply = SiteSupply(HOUR, (500,) * 24, "modelled", 400_000, "clear sky")
    nodes = [world.trainer("0xA", 500_000, 1_000_000, forecast=supply.announced())]
    nodes += [world.trainer(t, 500_000, 1_000_000) for t in ("0xB", "0xC")]
    decision = world.decide(ticket(), nodes)
    sunny = next(t for t in decision.trainers if t.node == "0xA")
    other = next(t for t in decision.trainers if t.node != "0xA")

    assert sunny.site_ppm == 1_000_000
    assert sunny.scores_ppm["renewable"] == 1_000_000
    assert (sunny.mg_per_kwh, sunny.micrograms) == (other.mg_per_kwh, other.micrograms)


def cleaner_later(world: World) -> None:
    """Today's noon is dirty; what repeats from yesterday says that two hours later it is clean."""
    daily = dict.fromkeys(range(HOUR - 48, HOUR + 24), 400_000)
    for day in (0, 24, 48):
        daily[HOUR + 2 - day] = 50_000
    world.intensities.hourly["ES"] = daily


def test_decide__a_flexible_start_and_a_cleaner_hour__waits_and_is_decided_again_in_an_hour(world):
    cleaner_later(world)
    asked = ticket(spec={"flexible_start": True}, deadline=int(NOON) + 8 * 3600)
    decision = world.decide(asked, [world.trainer(t) for t in TRAINERS])

    assert decision.waits
    assert decision.start_at == int(NOON) + 2 * 3600
    assert decision.again_at == int(NOON) + 3600
    assert any("It waits 2.0 hours" in reason for reason in decision.reasons)


def test_decide__a_cleaner_hour_nobody_asked_to_wait_for__starts_at_once(world):
    cleaner_later(world)

    assert not world.decide(ticket(deadline=int(NOON) + 8 * 3600), [world.trainer(t) for t in TRAINERS]).waits


def test_decide__a_deadline_before_the_cleaner_hour__starts_at_once_with_the_reason(world):
    cleaner_later(world)
    asked = ticket(spec={"flexible_start": True}, deadline=int(NOON) + 120)
    decision = world.decide(asked, [world.trainer(t) for t in TRAINERS])

    assert not decision.waits
    assert any("leaves no time" in reason for reason in decision.reasons)


def test_decide__machines_whose_power_can_be_set__the_quicker_slow_down(world):
    power = {"hardware": {"power": {"by": "cpufreq", "levels": [0, 1, 2, 3, 4]}}}
    nodes = [world.trainer("0xA", 100_000, 200_000, **power), world.trainer("0xB", 800_000, 1_600_000)]
    levels = {t.node: (t.level, t.power) for t in world.decide(ticket(), nodes).trainers}

    assert levels["0xA"][0] < FULL
    assert levels["0xA"][1] == "cpufreq"
    assert levels["0xB"] == (FULL, "")


@pytest.mark.parametrize(
    "said", [None, "x", {"by": 3}, {"by": "cpufreq", "levels": "all"}, {"by": "x", "levels": [9, -1, "2"]}]
)
def test_decide__nonsense_about_power__is_full_speed(world, said):
    nodes = [world.trainer(t, hardware={"power": said}) for t in ("0xA", "0xB")]

    assert {t.level for t in world.decide(ticket(), nodes).trainers} == {FULL}


def test_decide__learned__a_node_that_takes_more_than_its_benchmark_says_loses_its_place(world):
    nodes = [
        world.trainer("0xA", 300_000, 600_000),
        *(world.trainer(t, 500_000, 1_000_000) for t in ("0xB", "0xC")),
    ]
    before = world.decide(ticket(), nodes, policy="learned")
    everyone = world.decide(ticket(), nodes, policy="carbon")
    past = []
    for number in range(10):
        crew = (("0xA", "0xB"), ("0xB", "0xC"), ("0xC", "0xA"))[number % 3]
        choices = tuple(replace(everyone.trainers[0], node=n, hardware=f"{n}'s") for n in crew)
        past.append(finished(ticket(), replace(everyone, trainers=choices), 1.0))
        slow = replace(past[-1].rounds[0], updates=tuple(_dearer(u) for u in past[-1].rounds[0].updates))
        past[-1] = replace(past[-1], rounds=(slow,))
    after = world.decide(ticket(), nodes, past, policy="learned")

    assert "0xA" in chosen(before)
    assert "Too little to learn from" in before.reasons[0]
    assert "20 outcomes" in after.reasons[0]
    assert chosen(after) == {"0xB", "0xC"}


def _dearer(update: dict[str, Any]) -> dict[str, Any]:
    times = 6 if update["trainer"] == "0xA" else 1
    return update | {"energy": update["energy"] | {"millijoules": update["energy"]["millijoules"] * times}}
