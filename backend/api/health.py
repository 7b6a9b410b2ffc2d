"""Whether every part of the system is there: for a person, a monitor, and `ecodml doctor`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from flask import Blueprint

from backend.api.node_desk import OPERATOR_ROLES, NodeDesk
from backend.api.parts import ApiParts
from backend.errors import EcoError

ALIVE_SECONDS = 15.0
MINIMUM_TRAINERS = 2
MINIMUM_VALIDATORS = 3

Part = dict[str, Any]


def blueprint(parts: ApiParts, desk: NodeDesk) -> Blueprint:
    """GET /api/health."""
    routes = Blueprint("health", __name__)

    @routes.get("/api/health")
    def health() -> dict[str, Any]:
        found = looked(parts, desk)
        status = "ok" if all(part["ok"] for part in found.values()) else "degraded"
        return {"status": status, "parts": found}

    return routes


def looked(parts: ApiParts, desk: NodeDesk) -> dict[str, Part]:
    """Every part by its name: whether it is well, in what detail, and when it was last seen (Unix seconds)."""
    at = parts.clock()
    found = {
        "database": _probe(at, lambda: _database(parts)),
        "market chain": _probe(
            at, lambda: f"chain {parts.market.chain_id}, commission {parts.market.commission_bps()} bps"
        ),
    }
    found |= {name: _probe(at, probe) for name, probe in parts.probes.items()}
    found |= _processes(parts, at)
    connected = Counter(seat.role for seat in desk.seats())
    for role in OPERATOR_ROLES:
        found[role.value] = _part(connected[role] > 0, f"{connected[role]} connected", at)
    try:
        found["nodes"] = _nodes(parts, at)
    except EcoError as error:
        found["nodes"] = _part(False, error.message, None)
    return found


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
    for name, seen in beats.items():
        silent = max(at - seen, 0.0)
        detail = f"last sign of life {silent:.0f} s ago" if seen else "not seen yet"
        looked[name] = _part(bool(seen) and silent <= ALIVE_SECONDS, detail, seen or None)
    return looked


def _nodes(parts: ApiParts, at: float) -> Part:
    roles = Counter(node.role for node in parts.nodes.all() if node.available)
    trainers, validators = roles["trainer"], roles["validator"]
    enough = trainers >= MINIMUM_TRAINERS and validators >= MINIMUM_VALIDATORS
    return _part(enough, f"{trainers} trainers and {validators} validators online", at)


def _part(ok: bool, detail: str, seen: float | None) -> Part:
    return {"ok": ok, "detail": detail, "seen": seen}
