"""A seed always means the same jobs and the same kills, and the points it names exist."""

from __future__ import annotations

import pytest

from scripts.chaos.crossings import BACKEND, WORKER, Crossing
from scripts.chaos.plan import CHEATED, OTHERS, ROLES, named_points, plan
from scripts.chaos.points import Point

NODES = (("trainer-1", "trainer"), ("trainer-2", "trainer"), ("validator-1", "validator"))


@pytest.mark.parametrize("seed", [0, 1, 7, 4_711])
def test_plan__the_same_seed__is_the_same_plan(seed: int) -> None:
    assert plan(seed, NODES) == plan(seed, NODES)


def test_plan__other_seeds__are_other_plans() -> None:
    assert len({tuple(map(str, plan(seed, NODES).orders)) for seed in range(50)}) == 50


def test_plan__every_seed__kills_every_kind_of_part() -> None:
    for seed in range(20):
        made = plan(seed, NODES)
        victims = [order.dies for order in made.orders]
        assert {"settler", "dispatcher", "api", "aggregator", "evaluator", *OTHERS} <= set(victims)
        assert set(victims) & {name for name, _ in NODES}
        assert len({order.id for order in made.orders}) == len(made.orders) >= 12
        assert [order for part in made.parts for order in made.queue(part)] == list(made.orders)


def test_plan__every_fourth_seed__has_a_cheat_in_it() -> None:
    assert [seed for seed in range(1, 9) if CHEATED in plan(seed, NODES).jobs] == [4, 8]


@pytest.mark.parametrize("crossing", [*BACKEND, *WORKER], ids=lambda crossing: crossing.name)
def test_crossing__that_is_watched__exists(crossing: Crossing) -> None:
    assert callable(getattr(crossing.owner(), crossing.method))


@pytest.mark.parametrize("role", list(ROLES))
def test_named_points__of_every_role__are_crossings_of_its_process(role: str) -> None:
    crossings = BACKEND if role in ("settler", "dispatcher", "api") else WORKER
    assert {point.method for point in named_points(role)} <= {crossing.name for crossing in crossings}


def test_named_points__of_any_part__have_both_sides() -> None:
    for role in ROLES:
        points = named_points(role)
        assert {p.name for p in points if p.side == "before"} == {p.name for p in points if p.side == "after"}


@pytest.mark.parametrize("text", ["Web3Market.carry_out/Settle:before:2", "MongoCursors.save:after:1"])
def test_point__written_and_read__is_itself(text: str) -> None:
    assert str(Point.read(text)) == text


@pytest.mark.parametrize(
    "text", ["", "save:after", "MongoCursors.save", "MongoCursors.save:during:1", "A.b:after:0"]
)
def test_point__that_is_none__is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no point"):
        Point.read(text)
