"""What the nodes of one process do when they are chosen: the product's handlers, on one TensorFlow for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fl_nodes.cli.home import Home
from fl_nodes.cli.running import handlers_of, stakes_from
from fl_nodes.connection import Introduction, Market
from fl_nodes.meter.windows import nowhere
from fl_nodes.process import hardware
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.session import Answer, Handler, answered
from fl_nodes.training import determinism


class Workbench:
    """Each node has its own key, folders and claims, made when it gets its first task; the engine is everybody's."""

    def __init__(self, api_url: str, market: Market, folder: Path) -> None:
        determinism.prepare(threads=1)
        self._market = market
        self._folder = folder
        self._stakes = stakes_from(api_url, None)
        self._handlers: dict[str, Mapping[TaskKind, Handler]] = {}

    @staticmethod
    def describes() -> dict[str, Any]:
        """Of the machine, as its nodes introduce themselves."""
        gpus = determinism.gpus()
        return {
            "hardware": hardware(gpus),
            "framework": determinism.framework(),
            "environment": determinism.environment(),
        }

    def answer(
        self, who: Introduction, task: Mapping[str, Any], cancelled: Callable[[], bool]
    ) -> Answer | None:
        """Run a node's task; not for several threads at once, but for those of `fl_nodes.session.SHORT`."""
        handlers = self._handlers.get(who.worker)
        if handlers is None:
            home = Home(self._folder / who.name)
            handlers, _ = handlers_of(home, who, self._market, nowhere(), self._stakes)
            self._handlers[who.worker] = handlers
        return answered(task, handlers, cancelled)
