"""One seed after the other on one stack: jobs are played, parts are killed, and when all is quiet the books are audited."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo.errors import PyMongoError

from backend.errors import EcoError
from scripts.chaos import books
from scripts.chaos.audit import Findings, audit
from scripts.chaos.books import Places
from scripts.chaos.child import ORDERS
from scripts.chaos.customers import Bought, buy
from scripts.chaos.executioner import Executioner, Kill
from scripts.chaos.orders import Orders
from scripts.chaos.plan import CHEATED, HONEST, Plan, plan
from scripts.demo.small_jobs import ADVERSARY, write_garden
from scripts.demo.stage import Stage
from scripts.demo.story import Broken
from scripts.stack import StackConfig

TRAINERS, CHEATS, VALIDATORS = 2, 3, 3
QUIET_SECONDS = 90.0
LOOK_SECONDS = 2.0


def cast(state: Path, orders: Path) -> StackConfig:
    """Two honest trainers, three validators, and cheats who join one by one; every part looks for its orders and comes back."""
    cheats = [f"trainer-{number}" for number in range(TRAINERS + 1, TRAINERS + CHEATS + 1)]
    return StackConfig(
        state=state,
        trainers=TRAINERS + CHEATS,
        validators=VALIDATORS,
        latecomers=frozenset(cheats),
        restart=True,
        longest_pause_s=0.5,
        launcher="scripts.chaos.child",
        environment={
            ORDERS: str(orders),
            "ECODML_LEASE_SECONDS": "4",
            "ECODML_ABSENCE_SECONDS": "60",
        },
    ).with_free_ports()


@dataclass
class Played:
    """What became of a seed. `trouble` is the sentence of a job that did not end, or of books that could not be read."""

    plan: Plan
    kills: list[Kill] = field(default_factory=list)
    bought: list[Bought] = field(default_factory=list)
    findings: Findings | None = None
    seconds: float = 0.0
    trouble: str = ""

    @property
    def clean(self) -> bool:
        """Whether nothing was lost and nothing done twice."""
        whole = self.findings is not None and self.findings.clean
        return not self.trouble and whole and all(kill.back for kill in self.kills)

    def summary(self) -> dict[str, Any]:
        """For the report."""
        fired = {kill.order.id for kill in self.kills}
        return {
            "seed": self.plan.seed,
            "seconds": round(self.seconds, 1),
            "jobs": [{"kind": b.kind, "status": b.status, "refusal": _code(b.ticket)} for b in self.bought],
            "kills": [{"dies": k.order.dies, "at": f"{k.order.part} {k.order.point}"} for k in self.kills],
            "not_reached": [f"{o.part} {o.point}" for o in self.plan.orders if o.id not in fired],
            "duplicated": list(self.findings.duplicated) if self.findings else [],
            "lost": list(self.findings.lost) if self.findings else [],
            "broken": list(self.findings.broken) if self.findings else [],
            "unaccounted_wei": str(self.findings.unaccounted_wei) if self.findings else None,
            "trouble": self.trouble,
        }


def settled_books(places: Places, within_s: float = QUIET_SECONDS) -> Findings:
    """What the audit finds once effects that take their time are done: asked again while it finds anything."""
    until = time.monotonic() + within_s
    while True:
        found = _audited(places)
        if (found is not None and found.clean) or time.monotonic() > until:
            return found or Findings((), (), ("the books could not be read",), 0)
        time.sleep(LOOK_SECONDS)


def _audited(places: Places) -> Findings | None:
    try:
        return audit(books.read(places))
    except (EcoError, PyMongoError):
        return None


class Campaign:
    """Plays seeds on a stack that runs."""

    def __init__(self, stage: Stage, orders: Orders) -> None:
        self._stage = stage
        self._orders = orders
        self._cheats = sorted(stage.config.latecomers)
        self._cheat: str | None = None

    def play(self, seed: int) -> Played:
        """Play a seed to its end and audit everything that has happened so far."""
        began = time.monotonic()
        story = self._stage.story
        nodes = [n for n in self._stage.config.nodes if n[0] not in self._stage.config.latecomers]
        played = Played(plan(seed, nodes))
        story.heading(f"Seed {seed}: {', '.join(played.plan.jobs)}; {len(played.plan.orders)} orders")
        try:
            try:
                self._run(played)
            finally:
                self._dismiss()
            played.findings = settled_books(Places.of(self._stage.config))
        except Broken as broken:
            played.trouble = str(broken)
        played.seconds = time.monotonic() - began
        return played

    def _run(self, played: Played) -> None:
        stage, seed = self._stage, played.plan.seed
        kinds = [self._possible(kind) for kind in played.plan.jobs]
        customers = [stage.customer(f"seed{seed}-{number}") for number in range(len(kinds))]
        # A dataset for each job: of one that was used before, the market offers the model that was published.
        files = [
            write_garden(stage.state / f"{customer.name}.csv", seed=100 * seed + number)
            for number, customer in enumerate(customers)
        ]
        executioner = Executioner(stage.stack, self._orders, played.plan, stage.story)
        executioner.start()
        over = threading.Event()
        pool = ThreadPoolExecutor(len(kinds), thread_name_prefix="customer")
        try:
            jobs = [
                pool.submit(buy, stage, customer, kind, file, TRAINERS, over)
                for customer, kind, file in zip(customers, kinds, files, strict=True)
            ]
            played.bought = [job.result() for job in jobs]
        finally:
            over.set()
            pool.shutdown()
            played.kills = executioner.end()

    def _dismiss(self) -> None:
        """Send away the cheat who was let in: found or not, the next seed is to have its own jobs."""
        if self._cheat is not None:
            self._stage.leave(self._cheat)
            self._cheat = None

    def _possible(self, kind: str) -> str:
        """A cheat is banned for life; where none is left, the job is an honest one."""
        if kind != CHEATED:
            return kind
        if not self._cheats:
            return HONEST
        self._cheat = self._cheats.pop(0)
        self._stage.admit(self._cheat, "--adversary", ADVERSARY)
        return kind


def report(played: Sequence[Played], seconds: float) -> dict[str, Any]:
    """The campaign in figures; `ok` says whether nothing was lost."""
    kills = [kill for each in played for kill in each.kills if kill.back]
    statuses = Counter(bought.status for each in played for bought in each.bought)
    last = next((each.findings for each in reversed(played) if each.findings), None)
    failed = [each.plan.seed for each in played if not each.clean]
    return {
        "ok": bool(played) and not failed,
        "seeds": [each.plan.seed for each in played],
        "seconds": round(seconds, 1),
        "kills_survived": len(kills),
        "kills_by_part": dict(sorted(Counter(_role(kill.order.dies) for kill in kills).items())),
        "kills_by_point": dict(sorted(Counter(_place(kill) for kill in kills).items())),
        "jobs": dict(sorted(statuses.items())),
        "effects_duplicated": len(last.duplicated) if last else None,
        "effects_lost": len(last.lost) if last else None,
        "funds_unaccounted_wei": str(last.unaccounted_wei) if last else None,
        "repeat": [f"make chaos FIRST={seed} SEEDS=1" for seed in failed],
        "played": [each.summary() for each in played],
    }


def _place(kill: Kill) -> str:
    order = kill.order
    return f"{_role(order.part)} {order.point.name}:{order.point.side}"


def _role(part: str) -> str:
    return part.partition("-")[0]


def _code(ticket: dict[str, Any]) -> str | None:
    refusal = ticket.get("refusal")
    return str(refusal["code"]) if refusal else None
