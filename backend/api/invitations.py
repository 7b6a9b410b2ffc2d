"""Joining from a page with a key that stays on the machine: invitations, the machines that answer them, and free names."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Blueprint, request

from backend.api.auth import customer
from backend.api.node_hello import bounded_details
from backend.api.parts import ApiParts
from backend.api.schemas import InvitationRequest, account, body
from backend.domain.machine import Machine
from backend.errors import Conflict, Forbidden, Invalid
from fl_nodes.protocol.invitation import ANSWER_SECONDS, InvitationAnswer, answer_text, code, is_name
from fl_nodes.protocol.wire import to_wire

INVITATION_SECONDS = 3600
MAX_MACHINES = 10
ROLES = ("trainer", "validator")
MAX_SIGNATURE = 200
_PURPOSE = b"ecodml invitation v1"


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/provider/invitations, GET /api/provider/machines, POST /api/invitations/answers, GET /api/names/NAME."""
    routes = Blueprint("invitations", __name__)

    @routes.post("/api/provider/invitations")
    def invited() -> tuple[dict[str, Any], int]:
        provider, asked = customer(parts), body(request, InvitationRequest)
        _acceptable(parts, provider, asked.name, asked.role)
        until = int(parts.clock()) + INVITATION_SECONDS
        token = f"{until}.{_mac(parts.secret, provider, asked.name, asked.role, until)}"
        said = {"provider": provider, "name": asked.name, "role": asked.role}
        return said | {"invitation": token, "until": until}, 201

    @routes.get("/api/provider/machines")
    def waiting() -> dict[str, Any]:
        found = parts.machines.of(customer(parts), parts.clock() - ANSWER_SECONDS)
        return {"machines": [to_wire(machine) for machine in found]}

    @routes.post("/api/invitations/answers")
    def answered() -> dict[str, Any]:
        return _taken(parts, body(request, InvitationAnswer))

    @routes.get("/api/names/<name>")
    def named(name: str) -> dict[str, Any]:
        valid = is_name(name)
        return {"name": name[:80], "valid": valid, "free": valid and _is_free(parts, name)}

    return routes


def _taken(parts: ApiParts, answer: InvitationAnswer) -> dict[str, Any]:
    provider, key = account(answer.provider), account(answer.key)
    if len(answer.signature) > MAX_SIGNATURE:
        raise Invalid("invitation.signature", "The signature is too long.")
    bounded_details("hardware", answer.hardware)
    _check_invitation(parts, provider, answer)
    _acceptable(parts, provider, answer.name, answer.role)
    market = parts.market.chain_id, parts.market.escrow_address
    if parts.signatures.signer(answer_text(*market, answer), answer.signature) != key:
        raise Forbidden("invitation.signature", "The answer was not signed with the key that it names.")
    holder = parts.nodes.by_key(key)
    if holder is not None and holder.state != "None":
        raise Conflict(
            "node.key_taken", "This machine key is registered already: attach with another --home."
        )
    known = parts.machines.of(provider, parts.clock() - ANSWER_SECONDS)
    if len(known) >= MAX_MACHINES and key not in {machine.key for machine in known}:
        raise Conflict(
            "invitation.crowded", f"{MAX_MACHINES} machines wait for this provider already; stop one first."
        )
    shown = code(*market, answer)
    parts.machines.put(
        Machine(provider, key, answer.name, answer.role, shown, parts.clock(), answer.hardware)
    )
    return {"code": shown}


def _check_invitation(parts: ApiParts, provider: str, answer: InvitationAnswer) -> None:
    until, _, mac = answer.invitation.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) <= 12):
        raise Forbidden("invitation.unknown", "That is no invitation of this market: copy the command again.")
    right = _mac(parts.secret, provider, answer.name, answer.role, int(until))
    if not hmac.compare_digest(mac.encode(), right.encode()):
        raise Forbidden(
            "invitation.unknown",
            "This invitation was not made for that provider, name and role: copy the command again.",
        )
    if parts.clock() >= int(until):
        raise Forbidden(
            "invitation.expired", "This invitation has expired: copy a new command from the page /provide."
        )


def _acceptable(parts: ApiParts, provider: str, name: str, role: str) -> None:
    """What the contract would refuse after the wallet has been asked is refused here already."""
    if role not in ROLES:
        raise Invalid("node.role", f"A role is one of {', '.join(ROLES)}, not {role[:40]!r}.")
    if not is_name(name):
        raise Invalid("node.name", "A name has 1 to 40 letters, digits, dots, dashes or underscores.")
    own = parts.nodes.get(provider)
    if own is not None and own.state == "Banned":
        raise Forbidden("node.banned", "This wallet was banned for a proven cheat, for life.")
    if own is not None and own.state != "None":
        raise Conflict(
            "node.registered",
            "This wallet has registered a node already: leave with it first, or use another wallet.",
        )
    if not _is_free(parts, name):
        raise Conflict("node.name_taken", "That name is taken: choose another.")


def _is_free(parts: ApiParts, name: str) -> bool:
    """Whether no node that is known here has this name, whatever the case of its letters; the chain has the last word."""
    return all(node.name.lower() != name.lower() for node in parts.nodes.all() if node.state != "None")


def _mac(secret: bytes, provider: str, name: str, role: str, until: int) -> str:
    text = b"|".join([_PURPOSE, provider.encode(), name.encode(), role.encode(), str(until).encode()])
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:32]
