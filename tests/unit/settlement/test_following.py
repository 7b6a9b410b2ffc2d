"""Followers notice that a chain took back what they have read, and read it again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from backend.adapters.memory import MemoryCursors
from backend.errors import Recoverable
from backend.ports import ChainEvent
from backend.settlement.following import MARGIN_S, REORGANISED, Follower
from tests.support.clock import ManualClock

NAME = "market/events"


@dataclass
class Chain:
    """Blocks that hold an event each where they have a name, and are known by their branch."""

    blocks: list[tuple[str, str]] = field(default_factory=list)

    def grow(self, branch: str, *names: str) -> None:
        self.blocks += [(branch, name) for name in names]

    def set_back(self, blocks: int) -> None:
        self.blocks = self.blocks[:blocks]

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        found = [
            ChainEvent("C", name, {}, n, 0, f"0x{n}", block_hash=self.block_hash(n))
            for n, (_, name) in enumerate(self.blocks)
            if name and n >= from_block
        ]
        return found, max(from_block, len(self.blocks))

    def block_hash(self, block: int) -> str:
        if block >= len(self.blocks):
            raise Recoverable("chain.behind", "No such block.")
        return f"{self.blocks[block][0]}{block}"


@dataclass
class World:
    chain: Chain = field(default_factory=Chain)
    cursors: MemoryCursors = field(default_factory=MemoryCursors)
    clock: ManualClock = field(default_factory=ManualClock)
    seen: list[str] = field(default_factory=list)
    lost: list[tuple[int, float]] = field(default_factory=list)

    def follow(self) -> int:
        """As a process that has just started."""
        return self.follower().run_once()

    def follower(self) -> Follower:
        return Follower(
            self.chain,
            self.cursors,
            NAME,
            lambda events: self.seen.extend(e.name for e in events),
            lambda block, since: self.lost.append((block, since)),
            self.clock,
        )


@pytest.fixture
def world() -> World:
    made = World()
    made.chain.grow("a", "", "one", "")
    made.follow()
    made.clock.advance(10_000.0)
    made.chain.grow("a", "two", "three")
    made.follow()
    return made


def test_follow__chain_that_only_grows__takes_nothing_back(world: World) -> None:
    world.chain.grow("a", "", "", "four")
    assert world.follow() == 1
    assert (world.seen, world.lost) == (["one", "two", "three", "four"], [])
    assert world.cursors.load(NAME + REORGANISED) is None


def test_follow__last_blocks_are_others__are_taken_back_from_the_fork_and_read_again(world: World) -> None:
    before = world.clock() - 10_000.0
    world.chain.set_back(3)
    world.chain.grow("b", "", "two again", "", "")
    world.follow()
    assert world.seen == ["one", "two", "three", "two again"]
    assert world.lost == [(3, before - MARGIN_S)]
    assert world.cursors.load(NAME + REORGANISED) == int(world.clock())
    world.chain.grow("b", "four")
    assert world.follow() == 1
    assert len(world.lost) == 1


def test_follow__set_back_and_not_grown_yet__waits(world: World) -> None:
    world.chain.set_back(4)
    assert world.follow() == 0
    assert (world.seen, world.lost) == (["one", "two", "three"], [])


def test_follow__nothing_it_knew_is_left__reads_everything_again(world: World) -> None:
    world.chain.set_back(0)
    world.chain.grow("b", *[""] * 9, "other")
    world.follow()
    assert world.lost == [(0, 0.0)]
    assert world.seen[-1] == "other"


def test_follow__dies_while_taking_back__takes_back_again(world: World) -> None:
    world.chain.set_back(3)
    world.chain.grow("b", "", "", "")

    class Died(Exception):
        pass

    def die(block: int, since: float) -> None:
        raise Died

    with pytest.raises(Died):
        Follower(world.chain, world.cursors, NAME, world.seen.extend, die, world.clock).run_once()
    world.follow()
    assert [block for block, _ in world.lost] == [3]


def test_holds__block_of_what_was_just_done_is_taken_back__is_noticed(world: World) -> None:
    world.chain.grow("a", "paid")
    assert world.follower().holds()
    world.chain.set_back(len(world.chain.blocks) - 1)
    world.chain.grow("b", "", "")
    assert not world.follower().holds()
    assert len(world.lost) == 1
    assert world.follower().holds()
