"""One trial: several jobs at once, and of each kind of process the one that works is killed (`SIGKILL`) in mid-job."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from scripts.chaos import books
from scripts.chaos.audit import Books, Findings, audit
from scripts.chaos.customers import Bought, buy
from scripts.chaos.plan import HONEST
from scripts.demo.small_jobs import write_garden
from scripts.demo.stage import Stage
from scripts.demo.story import wait_for
from scripts.scale.work import Work
from scripts.stack.config import copies

T = TypeVar("T")

TRAINERS_OF_A_JOB = 2
BUSY_SECONDS = 120.0
AUDIT_SECONDS = 90.0


@dataclass(frozen=True)
class Kill:
    """Who was killed at what work, and how long until another had it, in seconds."""

    part: str
    doing: str
    taken_over_by: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    bought: tuple[Bought, ...]
    kills: tuple[Kill, ...]
    findings: Findings
    kept: Books
    tasks_by_machine: dict[str, int]
    seconds: float


class Trial:
    """On a stage with two of each."""

    def __init__(self, stage: Stage, jobs: int) -> None:
        self._stage = stage
        self._jobs = jobs
        self._kills: list[Kill] = []
        self._at: dict[str, float] = {}
        self._over = threading.Event()

    def run(self, folder: Path) -> Outcome:
        """Buy, kill, wait for the end of every job, hold the books against each other."""
        began = time.monotonic()
        file = write_garden(folder / "garden.csv")
        with Work(self._stage.stack) as work, ThreadPoolExecutor(self._jobs) as pool:
            bought = [pool.submit(self._buy, number, file) for number in range(1, self._jobs + 1)]
            try:
                self._kill_one_of_each(work, bought)
            except BaseException:
                self._over.set()
                raise
            done = tuple(each.result() for each in bought)
            tasks = work.tasks_by_holder()
        kept, findings = self._audit()
        return Outcome(done, tuple(self._kills), findings, kept, tasks, time.monotonic() - began)

    def _buy(self, number: int, file: Path) -> Bought:
        customer = self._stage.customer(f"customer-{number}")
        return buy(self._stage, customer, HONEST, file, TRAINERS_OF_A_JOB, self._over)

    def _kill_one_of_each(self, work: Work, bought: list[Future[Bought]]) -> None:
        aggregator, task = self._found(work.busy_aggregator, "No aggregator was ever at work")
        self._kill(aggregator, f"folding {task}")
        dispatcher, tickets = self._found(work.busiest_dispatcher, "No dispatcher ever held a running job")
        self._kill(dispatcher, f"running {len(tickets)} jobs")
        before = work.sockets()
        self._kill(
            copies("api", self._stage.config.backends)[0], f"of two with {sorted(before.values())} sockets"
        )
        settler = self._found(lambda: work.leader("settler"), "No settler ever led")
        self._kill(settler, "leading")
        under_way = sum(not each.done() for each in bought)
        self._stage.story.line(f"{under_way} of {len(bought)} jobs were under way")
        self._await_successor(aggregator, lambda: work.taken_from(aggregator, task))
        self._await_successor(settler, lambda: _other(work.leader("settler"), settler))
        self._await_successor(
            dispatcher,
            lambda: (
                _other((work.busiest_dispatcher() or ("", []))[0], dispatcher)
                or ("nobody: all jobs had ended" if all(each.done() for each in bought) else None)
            ),
        )

    def _kill(self, part: str, doing: str) -> None:
        self._stage.stack.kill(part)
        self._kills.append(Kill(part, doing))
        self._at[part] = time.monotonic()
        self._stage.story.line(f"killed {part}, {doing}")

    def _await_successor(self, before: str, who: Callable[[], str | None]) -> None:
        """Until another does what the killed one did."""
        successor = self._found(who, f"Nobody took over from {before}")
        passed = time.monotonic() - self._at[before]
        self._stage.story.line(f"{successor} took over from {before} after {passed:.1f} s")
        self._kills = [
            replace(kill, taken_over_by=successor, seconds=round(passed, 1)) if kill.part == before else kill
            for kill in self._kills
        ]

    def _found(self, look: Callable[[], T | None], otherwise: str) -> T:
        return wait_for(look, BUSY_SECONDS, otherwise, self._stage.story, part="dispatcher", every_s=0.05)

    def _audit(self) -> tuple[Books, Findings]:
        """Again until letters and credits have come through, or they never will."""
        until = time.monotonic() + AUDIT_SECONDS
        while True:
            kept = books.read(books.Places.of(self._stage.config))
            findings = audit(kept)
            if findings.clean or time.monotonic() > until:
                return kept, findings
            time.sleep(1.0)


def _other(now: str | None, before: str) -> str | None:
    return now if now and now != before else None


def report(outcome: Outcome) -> dict[str, Any]:
    """The trial as JSON; `ok` when every job ended and everything happened once."""
    statuses = [bought.status for bought in outcome.bought]
    findings = outcome.findings
    ended = all(status in ("SETTLED", "REFUNDED") for status in statuses)
    return {
        "ok": ended and findings.clean,
        "jobs": len(statuses),
        "settled": statuses.count("SETTLED"),
        "refunded": statuses.count("REFUNDED"),
        "kills": [asdict(kill) for kill in outcome.kills],
        "operator_tasks_by_machine": outcome.tasks_by_machine,
        "effects": len(outcome.kept.effects),
        "letters": len(outcome.kept.letters),
        "duplicated": list(findings.duplicated),
        "lost": list(findings.lost),
        "broken": list(findings.broken),
        "unaccounted_wei": str(findings.unaccounted_wei),
        "seconds": round(outcome.seconds, 1),
    }
