"""`python -m scripts.chaos.child [--kill-at POINT] PART MODULE [ARGUMENT ...]`: run a module that dies where it is told to.

Nothing in the product knows of it: the methods by which a process reaches the world are wrapped before it starts. At the point
the process sends SIGKILL, to itself or to another part of the stack. Runs in every environment: standard library only.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from scripts.chaos.crossings import crossings_of, watch
from scripts.chaos.orders import Order, Orders
from scripts.chaos.points import Point

ORDERS = "ECODML_CHAOS_ORDERS"
STATE = "ECODML_STATE_DIR"


class Gate:
    """Looks at every crossing whether an order waits for it, and carries the first one out that is due."""

    def __init__(self, orders: Orders, part: str, kill: Callable[[Order], None]) -> None:
        self._orders = orders
        self._part = part
        self._kill = kill
        self._lock = threading.Lock()
        self._stamp = 0
        self._left: dict[Order, int] = {}

    def reach(self, method: str, what: str, side: str) -> None:
        """Count a crossing; returns unless it is the one to die at."""
        with self._lock:
            order = self._due(method, what, side)
            if order is None or not self._orders.fire(order):
                return
        self._kill(order)

    def _due(self, method: str, what: str, side: str) -> Order | None:
        stamp = self._orders.stamp(self._part)
        if stamp != self._stamp:
            self._stamp = stamp
            self._left = {order: order.point.nth for order in self._orders.read(self._part)}
        met = [order for order in self._left if order.point.matches(method, what, side)]
        for order in met:
            self._left[order] -= 1
        return next((order for order in met if self._left[order] <= 0), None)


def kill(order: Order) -> None:
    """SIGKILL to the victim, whose process the stack's record names."""
    if not order.victim:
        os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(60)  # the signal is on its way; no further step is taken
    record = json.loads((Path(os.environ[STATE]) / "stack.json").read_text(encoding="utf-8"))
    try:
        os.kill(record["parts"][order.victim]["pid"], signal.SIGKILL)
    except (KeyError, ProcessLookupError):
        print(f"chaos: {order.victim} was not running", file=sys.stderr)


def main() -> None:
    """Does not return when the module ends its process itself."""
    parser = argparse.ArgumentParser(prog="python -m scripts.chaos.child", description=__doc__)
    parser.add_argument("--orders", type=Path, help=f"folder of orders; {ORDERS} names it otherwise")
    parser.add_argument("--kill-at", metavar="POINT", help="such as MongoTickets.advance/Selected:after:1")
    parser.add_argument("part", help="the part's name, as orders have it")
    parser.add_argument("module", help="the module to run, such as backend")
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    folder = options.orders or Path(os.environ.get(ORDERS) or f"run/chaos-{os.getpid()}")
    orders = Orders(folder)
    if options.kill_at:
        orders.give(
            options.part, [Order(f"{options.part}-{os.getpid()}", options.part, Point.read(options.kill_at))]
        )
    watch(crossings_of(options.module), Gate(orders, options.part, kill).reach)
    sys.argv = [options.module, *options.arguments]
    runpy.run_module(options.module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
