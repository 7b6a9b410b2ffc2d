"""What a dispatcher and a settler show of themselves on `ECODML_METRICS_PORT`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import structlog
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.adapters.chain import counted
from backend.adapters.chain.money import MoneySums
from backend.adapters.mongo import MongoCursors
from backend.adapters.monitor import Monitor, Probe
from backend.config import Settings
from backend.errors import EcoError
from backend.settlement import credit_mirror, ledger, mirror, rating_mirror

log = structlog.get_logger()

T = TypeVar("T")

KEPT_SECONDS = 10.0
"""The chain is asked at most so often, however many scrape."""
MIRRORS = {
    "market": (mirror.CURSOR, rating_mirror.CURSOR),
    "carbon": (ledger.CURSOR, credit_mirror.CURSOR),
}


def show(settings: Settings, probes: Mapping[str, Probe], *collectors: Collector) -> Monitor | None:
    """Start the port, where there is one."""
    if not settings.metrics_port:
        return None
    for chain in MIRRORS:
        counted.begin(chain)
    for collector in collectors:
        REGISTRY.register(collector)
    monitor = Monitor(settings.metrics_host, settings.metrics_port, probes)
    monitor.start()
    return monitor


class ChainWatch(Collector):
    """How far each mirror is behind its chain, and what the market holds beyond what it owes."""

    def __init__(
        self,
        cursors: MongoCursors,
        heads: Mapping[str, Callable[[], int]],
        money: MoneySums,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cursors = cursors
        self._heads = heads
        self._money = money
        self._clock = clock
        self._kept: tuple[float, list[Metric]] | None = None

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask a chain."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The gauges, at most `KEPT_SECONDS` old."""
        if self._kept is None or self._clock() - self._kept[0] > KEPT_SECONDS:
            self._kept = self._clock(), list(self._read())
        yield from self._kept[1]

    def _read(self) -> Iterator[Metric]:
        answers = GaugeMetricFamily(
            "ecodml_chain_answers", "Whether the chain could be read", labels=["chain"]
        )
        behind = GaugeMetricFamily(
            "ecodml_mirror_behind_blocks",
            "Blocks that a follower of a chain has not taken in",
            labels=["chain", "mirror"],
        )
        for chain, head in self._heads.items():
            newest = _tried(chain, head)
            answers.add_metric([chain], 0 if newest is None else 1)
            if newest is not None:
                _tried("cursors", partial(self._positions, chain, newest, behind))
        yield answers
        yield behind
        yield from self._sums()

    def _positions(self, chain: str, newest: int, behind: GaugeMetricFamily) -> None:
        for name in MIRRORS[chain]:
            position = self._cursors.load(name)
            behind.add_metric([chain, name], max(0, newest + 1 - position) if position is not None else 0)

    def _sums(self) -> Iterator[Metric]:
        difference = GaugeMetricFamily(
            "ecodml_money_difference_wei", "What the market holds beyond what it owes: 0", labels=["of"]
        )
        differences = _tried("money", self._money.differences_wei)
        if differences is None:
            return
        for name, wei in differences.items():
            difference.add_metric([name], wei)
        yield difference


def _tried(of: str, ask: Callable[[], T]) -> T | None:
    """The answer; None, and a line in the log, where it cannot be had."""
    try:
        return ask()
    except EcoError as error:
        log.warning("metrics.unreadable", of=of, code=error.code)
        return None
