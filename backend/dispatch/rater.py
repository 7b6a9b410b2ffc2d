"""Keeps baselines true: benchmarks nodes that are free and due, and lowers baselines that nobody renewed.

One process at a time does this, by a lease of its own; jobs never wait for it. What it knows of a node is kept with the node,
so that a restart goes on where it was: an attempt that was under way counts as made, and another follows.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import structlog

from backend.dispatch.benchmark import Benchmark, BenchmarkParts, NoBaseline, Outcome, Postponed
from backend.dispatch.benchmark_files import keep_answer, signed_benchmark
from backend.dispatch.fixed_set import ensure_stored
from backend.dispatch.looking import look_again
from backend.domain.effects import SetBaseline
from backend.domain.node import Node
from backend.domain.rating import (
    INITIAL_BASELINE_BPS,
    RENEWED_AT,
    Baseline,
    Reference,
    baseline_bps,
    faded_bps,
    periods_passed,
)
from backend.errors import EcoError
from backend.ports import Effects, Tickets
from fl_nodes.protocol import benchmark
from fl_nodes.protocol.plausibility import plausible_benchmark
from fl_nodes.protocol.tasks import Benchmarked

log = structlog.get_logger()

LEASE = "rater"
LEASE_SECONDS = 15.0
LOOK_SECONDS = 2.0
AGAIN_SECONDS = 3600.0
POSTPONED_SECONDS = 10.0


@dataclass(frozen=True)
class RaterParts:
    """What the rater needs of the world. `on_chain` says whether there is an account that may set baselines."""

    benchmarks: BenchmarkParts
    tickets: Tickets
    effects: Effects
    reference: Reference
    on_chain: bool = True
    at_once: int = 4
    period_seconds: float = 30 * 86_400.0


class Rater:
    """The loop. `owner` names this process to the lease."""

    def __init__(self, parts: RaterParts, owner: str) -> None:
        self._parts = parts
        self._owner = owner
        self._pool = ThreadPoolExecutor(max_workers=max(parts.at_once, 1), thread_name_prefix="benchmark")
        self._running: dict[str, Future[None]] = {}
        self._holds = False

    def run(self, stop: Callable[[], bool]) -> None:
        """Look again and again until `stop()`."""
        look_again(self.run_once, LOOK_SECONDS, stop, "rater")
        self._holds = False
        self._pool.shutdown(wait=False, cancel_futures=True)

    def run_once(self) -> None:
        """Start what is due, if this process holds the lease; what was started runs on."""
        self._holds = self._parts.tickets.claim(LEASE, self._owner, LEASE_SECONDS)
        if not self._holds:
            return
        ensure_stored(self._parts.benchmarks.objects)
        self._running = {p: future for p, future in self._running.items() if not future.done()}
        now = self._parts.benchmarks.clock()
        for node in self._parts.benchmarks.nodes.all():
            if node.baseline is None:
                self._keep(node, Baseline(INITIAL_BASELINE_BPS, now))
                continue
            self._fade(node, node.baseline, now)
            free = node.provider not in self._running and len(self._running) < self._parts.at_once
            if free and due(node, now, self._parts.period_seconds):
                self._running[node.provider] = self._pool.submit(self._benchmark, node, node.baseline)

    def wait(self, seconds: float) -> None:
        """Until all benchmarks under way have ended; for tests and shutdown."""
        for future in list(self._running.values()):
            future.result(seconds)

    def _benchmark(self, node: Node, before: Baseline) -> None:
        parts = self._parts.benchmarks
        begun = replace(before, number=before.number + 1, tried=parts.clock(), failure="")
        # First, so that no number and with it no seed is ever used twice.
        self._keep(node, begun)
        try:
            outcome = Benchmark(parts, node, begun.number, lambda: self._holds).run()
            self._rate(node, begun, outcome)
        except Postponed as why:
            self._keep(node, replace(begun, tried=parts.clock() - AGAIN_SECONDS + POSTPONED_SECONDS))
            log.info("benchmark.postponed", node=node.provider, why=str(why))
        except NoBaseline as why:
            self._keep(node, replace(begun, failure=str(why)[:500]))
            log.warning("benchmark.refused", node=node.provider, why=str(why))
        except EcoError as error:
            log.warning("benchmark.postponed", node=node.provider, code=error.code, why=error.message)
        except Exception:
            log.exception("benchmark.crashed", node=node.provider)

    def _rate(self, node: Node, begun: Baseline, outcome: Outcome) -> None:
        parts = self._parts.benchmarks
        key = keep_answer(parts.objects, outcome.answer)
        believed = plausible_benchmark(outcome.answer, self._others(node))
        measured = replace(outcome.measured, joules=benchmark.millijoules(believed) / 1000)
        bps = baseline_bps(measured, self._parts.reference)
        self._tell(SetBaseline(node.provider, begun.number, 0, bps))
        now = parts.clock()
        self._keep(
            node,
            replace(
                begun, bps=bps, since=now, periods=0, benchmark=begun.number, key=key, measured=measured, rated_bps=bps
            ),
        )  # fmt: skip
        log.info(
            "baseline.set", node=node.provider, bps=bps, seconds=measured.seconds, joules=measured.joules
        )

    def _fade(self, node: Node, baseline: Baseline, now: float) -> None:
        periods = periods_passed(baseline.since, now, self._parts.period_seconds)
        if periods <= baseline.periods:
            return
        bps = faded_bps(baseline.rated_bps, periods)
        self._tell(SetBaseline(node.provider, baseline.benchmark, periods, bps))
        self._keep(node, replace(baseline, bps=bps, periods=periods))
        log.info("baseline.faded", node=node.provider, bps=bps, periods=periods)

    def _others(self, node: Node) -> list[Benchmarked]:
        nodes = self._parts.benchmarks.nodes.all()
        found = [
            signed_benchmark(self._parts.benchmarks.objects, n) for n in nodes if n.provider != node.provider
        ]
        return [b for b in found if b is not None]

    def _tell(self, effect: SetBaseline) -> None:
        if self._parts.on_chain:
            self._parts.effects.add([effect])

    def _keep(self, node: Node, baseline: Baseline) -> None:
        self._parts.benchmarks.nodes.rated(node.provider, baseline)


def due(node: Node, now: float, period: float) -> bool:
    """Whether a node is to be benchmarked now: it is free, its last benchmark is too old, its last attempt not too recent."""
    known = node.baseline
    if known is None or not node.available or node.assigned_jobs or node.role not in node.roles:
        return False
    fresh = known.benchmark > 0 and now - known.since < period * RENEWED_AT
    return not fresh and now - known.tried >= AGAIN_SECONDS
