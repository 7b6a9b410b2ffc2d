"""An order is carried out at its point, once, and nowhere else."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from scripts.chaos.child import Gate
from scripts.chaos.crossings import Crossing, watch
from scripts.chaos.orders import Order, Orders
from scripts.chaos.points import AFTER, BEFORE, Point


class Store:
    """Something a process reaches the world by."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def save(self, name: str) -> None:
        self.kept.append(name)


class Killed(BaseException):
    """As nothing catches SIGKILL."""


def gate(orders: Orders, killed: list[Order]) -> Gate:
    return Gate(orders, "settler", killed.append)


def cross(at: Gate, what: str = "Settle", side: str = BEFORE, times: int = 1) -> None:
    for _ in range(times):
        at.reach("Web3Market.carry_out", what, side)


def test_gate__third_crossing_of_its_kind__is_where_it_kills(tmp_path: Path) -> None:
    orders, killed = Orders(tmp_path), []
    order = Order("1-1", "settler", Point.read("Web3Market.carry_out/Settle:before:3"))
    orders.give("settler", [order])
    at = gate(orders, killed)
    cross(at, times=2)
    cross(at, "PayOut", times=5)
    cross(at, side=AFTER, times=5)
    assert killed == []
    assert not orders.fired("1-1")
    cross(at)
    assert killed == [order]
    assert orders.fired("1-1")


def test_gate__order_that_was_carried_out__is_not_carried_out_by_the_next_process(tmp_path: Path) -> None:
    orders, killed = Orders(tmp_path), []
    orders.give("settler", [Order("1-1", "settler", Point.read("Web3Market.carry_out:before:1"))])
    cross(gate(orders, killed))
    cross(gate(orders, killed), times=3)
    assert len(killed) == 1


def test_gate__next_order__counts_from_its_own_beginning(tmp_path: Path) -> None:
    orders, killed = Orders(tmp_path), []
    at = gate(orders, killed)
    cross(at, times=4)
    orders.give(
        "settler", [Order("1-2", "settler", Point.read("Web3Market.carry_out:before:2"), victim="mongod")]
    )
    cross(at)
    assert killed == []
    cross(at)
    assert [order.dies for order in killed] == ["mongod"]


def test_gate__order_of_another_part_or_withdrawn__kills_nobody(tmp_path: Path) -> None:
    orders, killed = Orders(tmp_path), []
    orders.give("dispatcher", [Order("1-1", "dispatcher", Point.read("Web3Market.carry_out:before:1"))])
    orders.give("settler", [Order("1-2", "settler", Point.read("Web3Market.carry_out:before:1"))])
    orders.withdraw("settler")
    cross(gate(orders, killed), times=3)
    assert killed == []


def test_watch__both_sides_of_a_call__are_reached_and_the_call_is_made(monkeypatch) -> None:
    monkeypatch.setattr(Store, "save", Store.save)
    reached: list[tuple[str, str, str]] = []
    crossing = Crossing(__name__, "Store", "save", about=lambda given: str(given[0]))
    monkeypatch.setattr("scripts.chaos.crossings.importlib.import_module", lambda _: sys.modules[__name__])
    watch([crossing], lambda *reach: reached.append(reach))
    store = Store()
    store.save("a")
    assert store.kept == ["a"]
    assert reached == [("Store.save", "a", BEFORE), ("Store.save", "a", AFTER)]


def test_watch__killed_before_or_after__the_call_was_not_or_was_made(monkeypatch) -> None:
    monkeypatch.setattr("scripts.chaos.crossings.importlib.import_module", lambda _: sys.modules[__name__])
    for side, kept in ((BEFORE, []), (AFTER, ["a"])):
        monkeypatch.setattr(Store, "save", _plain_save)

        def die(method: str, what: str, at: str, wanted: str = side) -> None:
            if at == wanted:
                raise Killed

        watch([Crossing(__name__, "Store", "save")], die)
        store = Store()
        with contextlib.suppress(Killed):
            store.save("a")
        assert store.kept == kept


def _plain_save(self: Store, name: str) -> None:
    self.kept.append(name)


def test_gate__several_orders__carries_out_the_first_it_comes_to_and_then_no_other(tmp_path: Path) -> None:
    orders, killed = Orders(tmp_path), []
    late = Order("1-1", "settler", Point.read("Web3Market.carry_out/Settle:before:1"))
    soon = Order("1-2", "settler", Point.read("Web3Market.carry_out/Assign:after:1"))
    orders.give("settler", [late, soon])
    at = gate(orders, killed)
    cross(at, "Assign", AFTER)
    cross(at, "Settle")
    assert killed == [soon]
    orders.give("settler", [late])
    cross(at, "Settle")
    assert killed == [soon, late]


def test_orders__of_an_earlier_campaign__are_forgotten(tmp_path: Path) -> None:
    orders, killed = Orders(tmp_path), []
    order = Order("1-1", "settler", Point.read("Web3Market.carry_out:before:1"))
    orders.give("settler", [order])
    cross(gate(orders, killed))
    orders.give("settler", [order])

    orders.clear()

    assert not orders.fired("1-1")
    assert orders.read("settler") == ()
