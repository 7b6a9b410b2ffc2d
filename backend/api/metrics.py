"""GET /metrics: how the market stands and how this API answers, in Prometheus' text format.

What is kept in the database is read when it is asked for: every API process shows the same of it. Dispatchers and settlers show
their own on `ECODML_METRICS_PORT`.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import structlog
from flask import Blueprint, Response
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from backend.api.health import ALIVE_SECONDS
from backend.api.parts import ApiParts
from backend.at_once import at_once
from backend.domain.budget import OVER_BUDGET
from backend.domain.ticket import Status, Ticket
from backend.errors import EcoError
from backend.ports import Standing
from fl_nodes.protocol.reading import KINDS
from fl_nodes.protocol.tasks import Role

log = structlog.get_logger()

COUNTED_TICKETS = 10_000


def blueprint(parts: ApiParts) -> Blueprint:
    """The metrics route, with a registry of its own for what is read from the stores."""
    routes = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(Market(parts))

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(
            generate_latest(registry) + generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST
        )

    return routes


class Market(Collector):
    """The gauges, read from the stores each time; what cannot be read is left out, and `ecodml_readable` says so."""

    def __init__(self, parts: ApiParts) -> None:
        self._parts = parts

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The gauges, read now."""
        readable = GaugeMetricFamily("ecodml_readable", "Whether these metrics could be read", labels=["of"])
        areas: dict[str, Callable[[], Iterable[Metric]]] = {
            "tickets": self._tickets,
            "workers": self._workers,
            "outbox": self._outbox,
            "processes": self._processes,
            "disk": self._disk,
        }
        answers = at_once([partial(_read, name, read) for name, read in areas.items()])
        for name, found in zip(areas, answers, strict=True):
            readable.add_metric([name], 0 if found is None else 1)
            yield from found or ()
        yield readable

    def _tickets(self) -> Iterator[Metric]:
        found = self._parts.tickets.find(limit=COUNTED_TICKETS)
        tickets = GaugeMetricFamily("ecodml_tickets", "Newest tickets by status", labels=["status"])
        waiting = GaugeMetricFamily(
            "ecodml_ticket_oldest_seconds", "Time the oldest ticket has been in a status", labels=["status"]
        )
        by_status, now = Counter(ticket.status for ticket in found), self._parts.clock()
        for status in Status:
            tickets.add_metric([status.value], by_status[status])
            since = [
                ticket.timeline[-1].at for ticket in found if ticket.status is status and ticket.timeline
            ]
            waiting.add_metric([status.value], max(0.0, now - min(since)) if since else 0.0)
        yield tickets
        yield waiting
        yield from _energy(found)

    def _workers(self) -> Iterator[Metric]:
        online = GaugeMetricFamily("ecodml_nodes_online", "Connected workers by role", labels=["role"])
        by_role = Counter(seat.role for seat in self._parts.seats.all(self._parts.clock()))
        for role in Role:
            online.add_metric([role.value], by_role[role])
        yield online

    def _outbox(self) -> Iterator[Metric]:
        effects, tasks = self._parts.effects.standing(), self._parts.tasks.standing()
        yield from self._standing("effects", "Effects (transactions, letters)", effects, ("open", "failed"))
        yield from self._standing("tasks", "Tasks of workers", tasks, ("open",))
        vain = GaugeMetricFamily("ecodml_effects_in_vain", "Open effects that were tried in vain")
        vain.add_metric([], sum(one.state == "open" for one in self._parts.effects.troubled(1_000)))
        yield vain

    def _standing(self, what: str, told: str, found: Standing, states: Sequence[str]) -> Iterator[Metric]:
        count = GaugeMetricFamily(f"ecodml_{what}", f"{told} by state", labels=["state"])
        oldest = GaugeMetricFamily(
            f"ecodml_{what}_oldest_seconds", f"{told}: age of the oldest", labels=["state"]
        )
        for state in states:
            number, since = found.get(state, (0, self._parts.clock()))
            count.add_metric([state], number)
            oldest.add_metric([state], max(0.0, self._parts.clock() - since))
        yield count
        yield oldest

    def _processes(self) -> Iterator[Metric]:
        alive = GaugeMetricFamily(
            "ecodml_processes_alive", "Server processes heard of lately", labels=["process"]
        )
        for name, seen in self._parts.heartbeats().items():
            alive.add_metric([name], sum(self._parts.clock() - at <= ALIVE_SECONDS for at in seen))
        yield alive

    def _disk(self) -> Iterator[Metric]:
        folder = self._parts.settings.state_dir
        if folder.is_dir():
            space = shutil.disk_usage(folder)
            yield GaugeMetricFamily(
                "ecodml_disk_free_bytes", "Free space where state is kept", value=space.free
            )
            yield GaugeMetricFamily("ecodml_disk_bytes", "All space where state is kept", value=space.total)


def _read(name: str, read: Callable[[], Iterable[Metric]]) -> list[Metric] | None:
    """None where it cannot be read."""
    try:
        return list(read())
    except EcoError as error:
        log.warning("metrics.unreadable", of=name, code=error.code)
        return None


def _energy(tickets: Sequence[Ticket]) -> Iterator[Metric]:
    """What the newest tickets took, by the class of their readings, what that emitted, and how many are over budget."""
    joules = GaugeMetricFamily(
        "ecodml_energy_joules", "Training energy of the newest tickets", labels=["class"]
    )
    by_class = Counter[str]()
    for ticket in tickets:
        for kind, of in (ticket.carbon or {}).get("classes", {}).items():
            by_class[kind] += of["millijoules"]
    for kind in KINDS:
        joules.add_metric([kind], by_class[kind] / 1000)
    yield joules
    micrograms = sum(ticket.carbon["micrograms"] for ticket in tickets if ticket.carbon)
    yield GaugeMetricFamily(
        "ecodml_carbon_grams", "CO2e of the newest tickets, location-based", value=micrograms / 1e6
    )
    over = sum(any(alert.code == OVER_BUDGET for alert in ticket.alerts) for ticket in tickets)
    yield GaugeMetricFamily(
        "ecodml_tickets_over_energy_budget", "Newest tickets over their budget", value=over
    )
