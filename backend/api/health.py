"""Whether every part of the system is there: for a person, a monitor, and `ecodml doctor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from backend.api.node_desk import OPERATOR_ROLES
from backend.api.parts import ApiParts
from backend.at_once import at_once
from backend.errors import EcoError

ALIVE_SECONDS = 15.0
MINIMUM_TRAINERS = 2
MINIMUM_VALIDATORS = 3

Part = dict[str, Any]


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/health, and for orchestrators /api/health/live and /api/health/ready."""
    routes = Blueprint("health", __name__)

    @routes.get("/api/health")
    def health() -> dict[str, Any]:
        found = looked(parts)
        status = "ok" if all(part["ok"] for part in found.values()) else "degraded"
        return {"status": status, "parts": found}

    @routes.get("/api/health/live")
    def live() -> dict[str, str]:
        """It answers, so it lives: to be restarted where it does not."""
        return {"status": "ok"}

    @routes.get("/api/health/ready")
    def ready() -> dict[str, str]:
        """Whether requests should come here: they cannot be served without the database."""
        _database(parts)
        return {"status": "ok"}

    return routes


def looked(parts: ApiParts) -> dict[str, Part]:
    """Every part by its name: whether it is well, in what detail, and when it was last seen (Unix seconds)."""
    at = parts.clock()
    probes: dict[str, Callable[[], str]] = {
        "database": lambda: _database(parts),
        "market chain": lambda: (
            f"chain {parts.market.chain_id}, commission {parts.market.commission_bps()} bps"
        ),
        **parts.probes,
    }
    looks: list[Callable[[], dict[str, Part]]] = [
        *(partial(_named, name, at, probe) for name, probe in probes.items()),
        lambda: _processes(parts, at),
        lambda: _workers(parts, at),
    ]
    return {name: part for found in at_once(looks) for name, part in found.items()}


def _named(name: str, at: float, probe: Callable[[], str]) -> dict[str, Part]:
    return {name: _probe(at, probe)}


def _probe(at: float, probe: Callable[[], str]) -> Part:
    try:
        return _part(True, probe(), at)
    except EcoError as error:
        return _part(False, error.message, None)


def _database(parts: ApiParts) -> str:
    parts.tickets.find(limit=1)
    return "answers"


def _processes(parts: ApiParts, at: float) -> dict[str, Part]:
    try:
        beats = parts.heartbeats()
    except EcoError as error:
        return {"processes": _part(False, error.message, None)}
    looked = {}
    for name, each in beats.items():
        seen, alive = max(each, default=0.0), sum(at - one <= ALIVE_SECONDS for one in each)
        detail = f"last sign of life {max(at - seen, 0.0):.0f} s ago" if seen else "not seen yet"
        told = f"{alive} alive, {detail}" if alive else detail
        looked[name] = _part(alive > 0, told, seen or None, alive)
    return looked


def _workers(parts: ApiParts, at: float) -> dict[str, Part]:
    try:
        connected = parts.seats.counts(at)
        operators = {
            role.value: _part(connected[role] > 0, f"{connected[role]} connected", at, connected[role])
            for role in OPERATOR_ROLES
        }
        return operators | {"nodes": _nodes(parts, at)}
    except EcoError as error:
        return {"nodes": _part(False, error.message, None)}


def _nodes(parts: ApiParts, at: float) -> Part:
    roles = Counter(node.role for node in parts.nodes.all() if node.available)
    trainers, validators = roles["trainer"], roles["validator"]
    enough = trainers >= MINIMUM_TRAINERS and validators >= MINIMUM_VALIDATORS
    return _part(enough, f"{trainers} trainers and {validators} validators online", at)


def _part(ok: bool, detail: str, seen: float | None, alive: int | None = None) -> Part:
    """`alive` is how many of it there are, where there may be several."""
    return {"ok": ok, "detail": detail, "seen": seen, "alive": alive}
