"""Hands a plan's orders to the parts; when one was carried out, its victim has to be back before the part gets the others again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.chaos.orders import Order, Orders
from scripts.chaos.plan import Plan
from scripts.demo.story import Story
from scripts.stack import Stack

LOOK_SECONDS = 0.1
BACK_SECONDS = 120.0


@dataclass(frozen=True)
class Kill:
    """An order that was carried out, and how long its victim was away."""

    order: Order
    seconds: float
    back: bool


class Executioner:
    """One thread for each part that has orders; `end` takes back what was not carried out."""

    def __init__(self, stack: Stack, orders: Orders, plan: Plan, story: Story) -> None:
        self._stack = stack
        self._orders = orders
        self._plan = plan
        self._story = story
        self._over = threading.Event()
        self._kills: list[Kill] = []
        self._threads = [
            threading.Thread(target=self._serve, args=(part,), name=f"orders of {part}", daemon=True)
            for part in plan.parts
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def end(self) -> list[Kill]:
        """Take back the orders that wait; what was carried out, once everybody is back."""
        self._over.set()
        for part in self._plan.parts:
            self._orders.withdraw(part)
        for thread in self._threads:
            thread.join()
        return list(self._kills)

    def _serve(self, part: str) -> None:
        left = list(self._plan.queue(part))
        while left and not self._over.is_set():
            pids = {order.dies: self._stack.children[order.dies].known.pid for order in left}
            self._orders.give(part, left)
            order = self._await_kill(left)
            if order is None:
                return
            left.remove(order)
            since = time.monotonic()
            back = self._await_return(order.dies, pids[order.dies])
            seconds = time.monotonic() - since
            self._kills.append(Kill(order, seconds, back))
            told = f"back after {seconds:.1f} s" if back else "did not come back"
            self._story.line(
                f"killed {order.dies} at {order.part} {order.point}: {told}", f"seed {self._plan.seed}"
            )

    def _await_kill(self, waiting: Sequence[Order]) -> Order | None:
        """The one that was carried out; None when it is all over."""
        while True:
            over = self._over.wait(LOOK_SECONDS)
            fired = next((order for order in waiting if self._orders.fired(order.id)), None)
            if fired is not None or over:
                return fired

    def _await_return(self, part: str, pid: int) -> bool:
        until = time.monotonic() + BACK_SECONDS
        while time.monotonic() < until:
            child = self._stack.children[part]
            if child.known.pid != pid and child.alive and child.part.ready():
                return True
            time.sleep(LOOK_SECONDS)
        return False
