"""GET /metrics: how the market stands, in Prometheus' text format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from backend.api.node_desk import NodeDesk
from backend.api.parts import ApiParts
from backend.domain.budget import OVER_BUDGET
from backend.domain.ticket import Status, Ticket
from fl_nodes.protocol.reading import KINDS
from fl_nodes.protocol.tasks import Role

COUNTED_TICKETS = 10_000


def blueprint(parts: ApiParts, desk: NodeDesk) -> Blueprint:
    """The metrics route, with a registry of its own."""
    routes = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(_Market(parts, desk))

    @routes.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return routes


class _Market(Collector):
    def __init__(self, parts: ApiParts, desk: NodeDesk) -> None:
        self._parts = parts
        self._desk = desk

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The gauges, read now."""
        tickets = GaugeMetricFamily("ecodml_tickets", "Newest tickets by status", labels=["status"])
        found = self._parts.tickets.find(limit=COUNTED_TICKETS)
        by_status = Counter(ticket.status for ticket in found)
        for status in Status:
            tickets.add_metric([status.value], by_status[status])
        yield tickets
        online = GaugeMetricFamily("ecodml_nodes_online", "Connected workers by role", labels=["role"])
        by_role = Counter(seat.role for seat in self._desk.seats())
        for role in Role:
            online.add_metric([role.value], by_role[role])
        yield online
        open_tasks = sum(len(self._parts.tasks.open_for(worker)) for worker in self._desk.workers())
        yield GaugeMetricFamily("ecodml_open_tasks", "Open tasks of connected workers", value=open_tasks)
        yield from _energy(found)


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
