"""The rater over in-memory twins and scripted workers: who is benchmarked when, and what that does to a baseline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from backend.adapters.memory import MemoryNodes, MemoryObjects, MemoryTasks, MemoryTickets
from backend.dispatch.benchmark import BenchmarkParts
from backend.dispatch.benchmark_files import signed_benchmark
from backend.dispatch.rater import AGAIN_SECONDS, LEASE, Rater, RaterParts
from backend.domain.effects import SetBaseline
from backend.domain.node import Node
from backend.domain.rating import Baseline, Reference, baseline_bps
from fl_nodes.protocol.tasks import BenchmarkTask, TaskKind
from fl_nodes.protocol.wire import from_wire
from tests.support.clock import ManualClock
from tests.unit.dispatch.scripted_workers import ScriptedSignatures, ScriptedWorkers

NODES = ("0xN1", "0xN2", "0xN3")
KEYS = {**{p: f"0xKey{p[2:]}" for p in NODES}, "evaluator": "0xKeyE"}
ESCROW = "0x" + "cd" * 20
DAY = 86_400.0
REFERENCE = Reference(2.0, 2.0)


class Chain:
    chain_id = 31337
    escrow_address = ESCROW


@dataclass
class World:
    clock: ManualClock = field(default_factory=ManualClock)
    on_chain: bool = True
    at_once: int = 4

    def __post_init__(self) -> None:
        self.tickets = MemoryTickets(self.clock)
        self.nodes, self.tasks, self.objects = MemoryNodes(), MemoryTasks(self.clock), MemoryObjects()
        for provider in NODES:
            self.nodes.mirror(Node(provider, KEYS[provider], provider, ("trainer",), "1", 5000, "Active"))
            self.nodes.seen(provider, self.clock(), {"role": "trainer"})
        self.rater = self.another("me")

    def another(self, owner: str) -> Rater:
        benchmarks = BenchmarkParts(
            self.tasks,
            self.nodes,
            self.objects,
            ScriptedSignatures(),
            Chain(),  # type: ignore[arg-type]
            self.clock,
            b"s" * 32,
        )
        return Rater(
            RaterParts(
                benchmarks, self.tickets, self.tickets.effects, REFERENCE, self.on_chain, self.at_once
            ),
            owner,
        )

    def workers(self, **behaviour: frozenset[str]) -> ScriptedWorkers:
        return ScriptedWorkers(self.tasks, self.objects, KEYS, 31337, ESCROW, **behaviour)

    def look(self, times: int = 1) -> None:
        """First sight, then as often as told, each time until all that was started has ended."""
        for _ in range(times + 1):
            self.rater.run_once()
            self.rater.wait(20.0)

    def baseline(self, provider: str = "0xN1") -> Baseline:
        node = self.nodes.get(provider)
        assert node is not None
        assert node.baseline is not None
        return node.baseline

    def told(self, provider: str = "0xN1") -> list[tuple[int, int, int]]:
        effects = [q.effect for q in self.tickets.effects.pending(["SetBaseline"])]
        return [
            (e.benchmark, e.periods, e.bps)
            for e in effects
            if isinstance(e, SetBaseline) and e.provider == provider
        ]


@pytest.fixture
def world() -> World:
    return World()


def test_rater__nodes_that_never_were__are_benchmarked_once_and_the_chain_is_told(world: World) -> None:
    with world.workers() as workers:
        world.look(3)
    assert workers.kinds.count(TaskKind.BENCHMARK) == len(NODES)
    for provider in NODES:
        known = world.baseline(provider)
        assert known.measured is not None
        assert (known.measured.accuracy, known.measured.macro_f1) == (0.9, 0.89)
        assert known.bps == known.rated_bps == baseline_bps(known.measured, REFERENCE)
        assert world.told(provider) == [(1, 0, known.bps)]
        node = world.nodes.get(provider)
        assert node is not None
        signed = signed_benchmark(world.objects, node)
        assert signed is not None
        assert (signed.provider, signed.number) == (provider, 1)


def test_rater__segment_does_not_replay__gives_no_baseline_and_is_tried_again_later(world: World) -> None:
    with world.workers(cheats=frozenset({"0xN2"})):
        world.look(2)
        assert world.baseline("0xN2").benchmark == 0
        assert "segment" in world.baseline("0xN2").failure
        assert world.baseline("0xN2").bps == 5_000
        assert world.told("0xN2") == []
        assert world.baseline("0xN1").benchmark == 1
        assert world.baseline("0xN2").number == 1
        world.clock.advance(AGAIN_SECONDS)
        world.look()
        assert world.baseline("0xN2").number == 2


def test_rater__seeds__are_another_in_every_node_and_attempt(world: World) -> None:
    with world.workers(cheats=frozenset({"0xN2"})):
        world.look()
        world.clock.advance(AGAIN_SECONDS)
        world.look()
    works = ["benchmark/0xN1/1", "benchmark/0xN2/1", "benchmark/0xN2/2", "benchmark/0xN3/1"]
    seeds = set()
    for name in works:
        task = world.tasks.get(f"{name}/work")
        assert task is not None
        seeds |= {part.training.seed for part in from_wire(BenchmarkTask, task.payload).parts}
    assert len(seeds) == 2 * len(works)


@pytest.mark.parametrize(
    "busy",
    [{"assigned_jobs": 1}, {"frozen": True}, {"state": "Exiting"}],
    ids=["works on a job", "accused", "leaving"],
)
def test_rater__node_that_is_not_free__is_left_alone(world: World, busy: dict[str, object]) -> None:
    node = world.nodes.get("0xN1")
    assert node is not None
    world.nodes.mirror(replace(node, **busy))
    with world.workers():
        world.look(2)
    assert world.baseline("0xN1").number == 0
    assert world.baseline("0xN2").number == 1


def test_rater__job_comes_in_the_middle__goes_first_and_costs_the_node_nothing(world: World) -> None:
    with world.workers(silent=frozenset({"0xN1"})):
        world.rater.run_once()
        world.rater.run_once()
        node = world.nodes.get("0xN1")
        assert node is not None
        world.nodes.mirror(replace(node, assigned_jobs=1))
        world.rater.wait(20.0)
        task = world.tasks.get("benchmark/0xN1/1/work")
    assert task is not None
    assert task.state == "cancelled"
    assert world.baseline().failure == ""
    world.nodes.mirror(replace(node, assigned_jobs=0))
    world.clock.advance(60.0)
    with world.workers():
        world.look()
    assert world.baseline().benchmark == 2


def test_rater__renewed_in_time__never_fades(world: World) -> None:
    with world.workers():
        world.look()
        world.clock.advance(28 * DAY)
        world.look()
    assert (world.baseline().benchmark, world.baseline().periods) == (2, 0)
    assert [benchmark for benchmark, _, _ in world.told()] == [1, 2]


def test_rater__node_is_gone_for_months__fades_by_a_tenth_each_and_recovers(world: World) -> None:
    with world.workers():
        world.look()
        rated = world.baseline().bps
        world.nodes.gone("0xN1", world.clock())
        for _ in range(2):
            world.clock.advance(30 * DAY)
            world.look()
        assert world.baseline().bps == rated * 81 // 100
        assert world.told() == [(1, 0, rated), (1, 1, rated * 9 // 10), (1, 2, rated * 81 // 100)]
        world.nodes.seen("0xN1", world.clock(), {"role": "trainer"})
        world.look()
    assert world.baseline().bps == rated
    assert world.baseline().periods == 0


def test_rater__node_that_never_was_benchmarked__fades_from_where_newcomers_start(world: World) -> None:
    world.nodes.gone("0xN1", world.clock())
    with world.workers():
        world.look()
        world.clock.advance(30 * DAY)
        world.look()
    assert world.told() == [(0, 1, 4_500)]


def test_rater__two_processes__only_the_one_with_the_lease_works(world: World) -> None:
    assert world.tickets.claim(LEASE, "other", 15.0)
    with world.workers() as workers:
        world.look(2)
    assert workers.kinds == []
    assert world.nodes.get("0xN1").baseline is None  # type: ignore[union-attr]


def test_rater__without_an_account_that_may_rate__tells_no_chain(world: World) -> None:
    quiet = World(world.clock, on_chain=False)
    with quiet.workers():
        quiet.look()
    assert quiet.baseline().benchmark == 1
    assert quiet.told() == []


def test_rater__none_at_once__benchmarks_nobody(world: World) -> None:
    idle = World(world.clock, at_once=0)
    with idle.workers() as workers:
        idle.look(2)
    assert workers.kinds == []
