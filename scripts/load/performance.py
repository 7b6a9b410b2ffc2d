"""The load itself, act by act: providers join, nodes connect, people watch, everything idles, then jobs come at once."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

from pymongo import MongoClient

from scripts.demo.money import money_rules
from scripts.demo.stage import Stage
from scripts.demo.story import wait_for
from scripts.load import customers
from scripts.load.customers import Buyer
from scripts.load.measures import Probe, Usage, spread, usages
from scripts.load.registration import providers, register, write_people
from scripts.load.spoken import Spoken
from scripts.stack.config import MARKET_CHAIN_ID
from scripts.stack.keys import write_private
from scripts.stack.parts import BACKEND_PYTHON, NODE_PYTHON

PARTS = ("api", "dispatcher", "settler", "mongod", "market", "aggregator", "evaluator")
JOIN_SECONDS = 300.0
CATCH_UP_SECONDS = 20.0
LOOK_SECONDS = 2.0
ENDED = ("SETTLED", "REFUNDED")


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    nodes: int
    jobs: int
    browsers: int
    rounds: int
    processes: int


class Performance:
    """Played once on a started stage; leaving the context ends its processes."""

    def __init__(self, stage: Stage, sizes: Sizes) -> None:
        self._stage = stage
        self._story = stage.story
        self._sizes = sizes
        self._folder = stage.state / "load"
        self._started = ExitStack()
        self._crowds: list[Spoken] = []
        self._watchers: Spoken | None = None
        self._buyers: list[Buyer] = []

    def __enter__(self) -> Performance:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every process."""
        self._started.close()

    def play(self, idle_seconds: float, within_s: float) -> dict[str, Any]:
        """All acts; what was measured."""
        before = self._usages()
        self._connect_nodes()
        joined = self._crowd()
        self._show_pages()
        probe = Probe(
            self._stage.api_url,
            str(self._buyers[0].world.api.token),
            {
                "GET /api/health": "/api/health",
                "GET /api/network": "/api/network",
                "GET /api/tickets/ID": f"/api/tickets/{self._buyers[0].ticket}",
            },
        )
        probe.start()
        self._started.callback(probe.stop)
        idle = self._period(probe, "idle", lambda: time.sleep(idle_seconds))
        work = self._period(probe, "jobs", lambda: self._work(within_s)) if self._sizes.jobs else None
        after = self._usages()
        return {
            "sizes": asdict(self._sizes),
            "memory_mb": {
                name: {"before": before[name].rss_mb, "after": after[name].rss_mb} for name in before
            },
            "threads": {name: after[name].threads for name in after},
            "joining": spread(joined["join_seconds"]),
            "idle": idle,
            "jobs": work,
            **self._outcome(),
        }

    # --- acts ----------------------------------------------------------------------------------

    def _connect_nodes(self) -> None:
        stage, sizes = self._stage, self._sizes
        contracts = json.loads(stage.config.deployments_file.read_text())["market"]["contracts"]
        with self._story.stage("register"):
            people = providers(sizes.nodes)
            register(stage.config.market_rpc_url, contracts, people)
            wait_for(
                lambda: self._database(lambda db: db["nodes"].count_documents({}) >= sizes.nodes) or None,
                JOIN_SECONDS,
                "Not all registrations were mirrored",
                self._story,
                part="settler",
            )
        self._story.line(f"{sizes.nodes} providers have paid their deposits.")
        market = json.dumps({"chain_id": MARKET_CHAIN_ID, "escrow": contracts["JobEscrow"]["address"]})
        with self._story.stage("connect"):
            for n, file in enumerate(write_people(self._folder, people, sizes.processes)):
                arguments = ("scripts.load.crowd", "--api", stage.api_url, "--people", str(file))
                more = ("--market", market, "--folder", str(self._folder / "nodes"))
                work = ("--work",) if sizes.jobs else ()
                self._crowds.append(self._start(f"crowd-{n}", NODE_PYTHON, *arguments, *more, *work))
            for crowd in self._crowds:
                crowd.heard()
            wait_for(
                self._all_here,
                JOIN_SECONDS,
                f"Not all {sizes.nodes} nodes connected",
                self._story,
                part="api",
                every_s=LOOK_SECONDS,
            )
        self._story.line(f"{sizes.nodes} nodes are connected.")

    def _show_pages(self) -> None:
        stage, sizes = self._stage, self._sizes
        with self._story.stage("watch"):
            self._buyers = customers.buyers(
                stage.api_url,
                stage.config.market_rpc_url,
                self._folder / "customers",
                max(1, sizes.jobs),
                sizes.rounds,
            )
            pages = [
                {"ticket": b.ticket, "cookie": b.cookie}
                for b in (self._buyers[n % len(self._buyers)] for n in range(sizes.browsers))
            ]
            file = self._folder / "pages.json"
            write_private(file, json.dumps(pages))
            uri = stage.config.database_uri
            arguments = ("--api", stage.api_url, "--mongodb", uri, "--people", str(file))
            self._watchers = self._start("watchers", BACKEND_PYTHON, "scripts.load.watchers", *arguments)
            self._watchers.heard()
            wait_for(
                lambda: self._pages()["here"] >= sizes.browsers or None,
                JOIN_SECONDS,
                f"Not all {sizes.browsers} pages connected",
                self._story,
                part="api",
            )
        self._story.line(f"{sizes.browsers} pages watch {len(self._buyers)} tickets.")

    def _work(self, within_s: float) -> None:
        began = time.monotonic()
        customers.buy_all(self._buyers)
        self._story.line(f"{len(self._buyers)} jobs are paid and uploaded.")
        told = ""
        while time.monotonic() - began < within_s:
            statuses = Counter(t["status"] for t in self._tickets().values())
            told, last = json.dumps(dict(sorted(statuses.items()))), told
            if told != last:
                self._story.line(told)
            if all(status in ENDED for status in statuses):
                return
            time.sleep(LOOK_SECONDS)

    def _period(self, probe: Probe, name: str, act: Any) -> dict[str, Any]:
        """What a while costs: processor seconds of each part, and latencies."""
        probe.taken()
        self._crowd()
        before, began = self._usages(), time.monotonic()
        with self._story.stage(name):
            act()
        seconds, after = time.monotonic() - began, self._usages()
        crowd = self._crowd()
        return {
            "seconds": round(seconds, 1),
            "cpu_seconds": {
                part: round(after[part].cpu_seconds - before[part].cpu_seconds, 2) for part in after
            },
            "latency": probe.taken() | {"beat": spread(crowd["beat_seconds"])},
        }

    # --- what came of it -----------------------------------------------------------------------

    def _outcome(self) -> dict[str, Any]:
        sizes = self._sizes
        until = time.monotonic() + CATCH_UP_SECONDS
        while True:
            tickets, pages, crowd = self._tickets(), self._pages(), self._crowd()
            missed = sum(newest < tickets[ticket]["version"] for ticket, newest in pages["newest"])
            if not missed or time.monotonic() > until:
                break
            time.sleep(LOOK_SECONDS)
        outcomes = dict(Counter(t["status"] for t in tickets.values())) if sizes.jobs else {}
        tasks = self._tasks()
        rules = money_rules(self._stage, [str(t["job_id"]) for t in tickets.values()]) if sizes.jobs else {}
        kept = {
            "every_node_connected_in_the_end": crowd["here"] == sizes.nodes,
            "no_node_lost_its_socket": crowd["joins"] == sizes.nodes,
            "every_page_connected_in_the_end": pages["here"] == sizes.browsers,
            "no_page_lost_its_socket": pages["joins"] == sizes.browsers,
            "every_page_shows_the_last_version": missed == 0,
            "no_task_was_taken_twice": crowd["tasks_accepted_twice"] == 0,
            "every_job_settled_or_refunded": set(outcomes) <= set(ENDED),
            "every_rule_of_money": all(rules.values()),
        }
        return {
            "nodes": {
                "registered": sizes.nodes,
                "connected": crowd["here"],
                "reconnects": crowd["joins"] - sizes.nodes,
            }
            | {"refusals": crowd["refusals"]},
            "pages": {
                "connected": pages["here"],
                "reconnects": pages["joins"] - sizes.browsers,
                "events": pages["events"],
                "behind": missed,
                "push": spread(pages["push_seconds"]),
            },
            "outcomes": outcomes,
            "tasks": {"by_state": tasks, "answered_by_nodes": crowd["tasks_accepted"]}
            | {"answers_refused": crowd["tasks_refused"], "failed": crowd["tasks_failed"]},
            "money": rules,
            "kept": kept,
        }

    def _tickets(self) -> dict[str, dict[str, Any]]:
        ids = [buyer.ticket for buyer in self._buyers]
        wanted = {"status": 1, "version": 1, "job_id": 1}
        tickets: dict[str, dict[str, Any]] = self._database(
            lambda db: {t["_id"]: t for t in db["tickets"].find({"_id": {"$in": ids}}, wanted)}
        )
        return tickets

    def _tasks(self) -> dict[str, int]:
        counted = [{"$group": {"_id": "$state", "count": {"$sum": 1}}}]
        tasks: dict[str, int] = self._database(
            lambda db: {one["_id"]: one["count"] for one in db["tasks"].aggregate(counted)}
        )
        return tasks

    def _database(self, read: Any) -> Any:
        with MongoClient[dict[str, Any]](self._stage.config.database_uri) as client:
            return read(client["ecodml"])

    def _crowd(self) -> dict[str, Any]:
        return _summed([crowd.ask("report") for crowd in self._crowds])

    def _pages(self) -> dict[str, Any]:
        return self._watchers.ask("report") if self._watchers else {}

    def _all_here(self) -> bool | None:
        here = sum(crowd.ask("here")["here"] for crowd in self._crowds)
        self._story.progress(f"{here} of {self._sizes.nodes} nodes connected")
        return True if here >= self._sizes.nodes else None

    def _usages(self) -> dict[str, Usage]:
        children = self._stage.stack.children
        return usages({name: children[name].known.pid for name in PARTS if name in children})

    def _start(self, name: str, python: Any, *arguments: str) -> Spoken:
        started = Spoken(name, python, arguments, self._stage.config.logs / f"{name}.log")
        self._started.callback(started.stop)
        return started


def _summed(reports: list[dict[str, Any]]) -> dict[str, Any]:
    """Reports of several processes as one: numbers and lists add up, counts by name too."""
    total: dict[str, Any] = {}
    for report in reports:
        for name, value in report.items():
            if isinstance(value, dict):
                total[name] = dict(Counter(total.get(name, {})) + Counter(value))
            else:
                total[name] = total[name] + value if name in total else value
    return total
