"""Two API processes over one database: a machine sits once, is gone only when it is, and a task has one holder."""

from dataclasses import replace
from pathlib import Path

import pytest

from backend.api.seating import BACK_SECONDS, HELD_SECONDS, Seating
from backend.domain.seat import Seat
from backend.domain.task import Task
from fl_nodes.protocol.tasks import Role, TaskKind
from tests.support.api_world import World

Two = tuple[Seating, Seating]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def two(world: World) -> Two:
    a, b = (Seating(replace(world.parts, instance=name)) for name in "ab")
    return a, b


def node(sid: str, api: str) -> Seat:
    return Seat(sid, "0xProvider", "0xKey", Role.TRAINER, "0xProvider", api)


def aggregator(name: str, api: str, sid: str = "") -> Seat:
    return Seat(sid or f"sid-{name}", "aggregator", f"aggregator/{name}", Role.AGGREGATOR, None, api)


def put(world: World, *numbers: int) -> list[Task]:
    tasks = [
        Task(f"task-{n}", "t_1", "aggregator", Role.AGGREGATOR, TaskKind.AGGREGATE, {}, 0.0) for n in numbers
    ]
    world.tasks.put(tasks)
    return tasks


def with_aggregators(two: Two) -> Two:
    """One sits at each of the two processes."""
    a, b = two
    a.take(aggregator("one", "a"))
    b.take(aggregator("two", "b"))
    return two


def test_take__machine_sits_at_the_other_process__that_socket_is_to_be_closed(two: Two) -> None:
    a, b = two
    assert a.take(node("old", "a")) == set()
    assert b.take(node("new", "b")) == {"old"}
    assert a.leave("old") is None
    assert b.leave("new") == node("new", "b")


def test_keep__word_of_the_other_process_was_lost__closes_what_was_replaced(two: Two, world: World) -> None:
    a, b = two
    a.take(node("old", "a"))
    b.take(node("new", "b"))
    assert (a.keep(world.clock()), b.keep(world.clock())) == ({"old"}, set())


def test_keep__taken_for_dead__takes_its_seats_again(two: Two, world: World) -> None:
    a, b = two
    a.take(node("one", "a"))
    world.clock.at += 100
    b.keep(world.clock())
    assert world.seats.all(world.clock()) == []
    a.keep(world.clock())
    assert world.seats.all(world.clock()) == [node("one", "a")]


def test_hand_out__two_machines_at_two_processes__each_task_to_one_of_them_in_turn(
    two: Two, world: World
) -> None:
    a, b = with_aggregators(two)
    sent = [(a.hand_out(task), b.hand_out(task)) for task in put(world, 1, 2, 3, 4)]
    assert sent == [("sid-one", None), (None, "sid-two")] * 2


def test_hand_out__holders_process_died__stays_until_its_hold_ends_then_goes_to_the_other(
    two: Two, world: World
) -> None:
    a, b = with_aggregators(two)
    [task] = put(world, 1)
    assert (a.hand_out(task), b.hand_out(task)) == ("sid-one", None)
    world.clock.at += HELD_SECONDS - 1
    b.keep(world.clock())
    assert b.hand_out(task) is None
    world.clock.at += 2
    b.keep(world.clock())
    assert b.hand_out(task) == "sid-two"


def test_hand_out__holder_connects_to_the_other_process__goes_on_with_its_task(
    two: Two, world: World
) -> None:
    a, b = with_aggregators(two)
    [task] = put(world, 1)
    assert a.hand_out(task) == "sid-one"
    b.take(aggregator("one", "b", "sid-again"))
    assert b.hand_out(task) == "sid-again"


def test_hand_out__holder_left__is_waited_for_a_moment_then_inherited(two: Two, world: World) -> None:
    a, b = with_aggregators(two)
    [task] = put(world, 1)
    assert a.hand_out(task) == "sid-one"
    a.leave("sid-one")
    assert b.hand_out(task) is None
    world.clock.at += BACK_SECONDS + 0.1
    assert b.hand_out(task) == "sid-two"


def test_keep__holder_lives__nobody_else_gets_its_task(two: Two, world: World) -> None:
    a, b = with_aggregators(two)
    [task] = put(world, 1)
    a.hand_out(task)
    for _ in range(10):
        world.clock.at += HELD_SECONDS / 3
        a.keep(world.clock())
        b.keep(world.clock())
        assert (a.hand_out(task), b.hand_out(task)) == (None, None)
