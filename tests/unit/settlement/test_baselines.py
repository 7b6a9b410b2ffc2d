"""Baselines on their way to the chain."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend.adapters.memory import MemoryNodes
from backend.adapters.memory.effects import MemoryEffects
from backend.domain.effects import SetBaseline
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.errors import Conflict, EcoError, Recoverable
from backend.settlement.baselines import BaselineSettler
from tests.support.clock import ManualClock

FIRST, FADED, OTHER = (
    SetBaseline("0xA", 1, 0, 6000),
    SetBaseline("0xA", 1, 1, 5400),
    SetBaseline("0xB", 1, 0, 7000),
)


@dataclass
class Chain:
    trouble: list[EcoError] = field(default_factory=list)
    done: list[SetBaseline] = field(default_factory=list)
    forks: int = 0

    def follow(self) -> bool:
        self.forks -= 1
        return self.forks < 0

    def set_baseline(self, effect: SetBaseline) -> str:
        if self.trouble:
            raise self.trouble.pop(0)
        self.done.append(effect)
        return "0xtx"


@dataclass
class World:
    chain: Chain = field(default_factory=Chain)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.effects, self.nodes = MemoryEffects(self.clock), MemoryNodes()
        for provider in ("0xA", "0xB"):
            self.nodes.mirror(Node(provider, f"0xKey{provider}", provider, ("trainer",), "1", 5000, "Active"))
            self.nodes.rated(provider, Baseline(6000, 0.0, benchmark=1))
        self.settler = BaselineSettler(self.chain, self.nodes, self.effects, self.chain.follow)


def test_baselines__each__is_set_once() -> None:
    world = World()
    world.effects.add([FIRST, OTHER, FIRST])
    assert world.settler.run_once() == 2
    world.effects.add([FIRST])
    assert world.settler.run_once() == 0
    assert world.chain.done == [FIRST, OTHER]


def test_baselines__chain_took_back_blocks_meanwhile__is_looked_at_again() -> None:
    world = World(Chain(forks=1))
    world.effects.add([FIRST])
    assert world.settler.run_once() == 0
    assert world.effects.state(FIRST.key) == "open"
    world.clock.advance(1.0)
    assert world.settler.run_once() == 1
    assert world.chain.done == [FIRST, FIRST]


def test_baselines__newer_one_decided_while_the_chain_was_down__the_older_is_never_set() -> None:
    world = World(Chain([Recoverable("chain.unreachable", "Down.")]))
    world.effects.add([FIRST])
    world.settler.run_once()
    world.effects.add([FADED])
    world.nodes.rated("0xA", Baseline(5400, 0.0, benchmark=1, periods=1))
    world.settler.run_once()
    world.clock.advance(60.0)
    world.settler.run_once()
    assert world.chain.done == [FADED]
    assert world.effects.state(FIRST.key) == "done"


def test_baselines__chain_is_down__is_tried_again() -> None:
    world = World(Chain([Recoverable("chain.unreachable", "Down.")]))
    world.effects.add([FIRST])
    assert world.settler.run_once() == 0
    world.clock.advance(60.0)
    assert world.settler.run_once() == 1
    assert world.chain.done == [FIRST]


def test_baselines__contract_refuses__is_given_up_and_stops_nobody_else() -> None:
    world = World(Chain([Conflict("chain.rejected", "No such node.")]))
    world.effects.add([FIRST, OTHER])
    world.settler.run_once()
    assert world.effects.state(FIRST.key) == "failed"
    assert world.chain.done == [OTHER]
