"""The Eco Credits, read from the carbon chain: what an account holds, and the certificates of what was used up."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from backend.api.parts import ApiParts
from backend.api.schemas import account
from backend.domain.credits import UNIT
from backend.errors import NotFound
from fl_nodes.protocol.wire import to_wire

MOST_DIGITS = 77
"""Of a number that a contract can be asked about."""


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/credits and /api/credits/certificates/NUMBER."""
    routes = Blueprint("eco_credits", __name__, url_prefix="/api/credits")

    @routes.get("")
    def listed() -> dict[str, Any]:
        asked = request.args.get("account")
        holder = account(asked) if asked else None
        return {
            "unit": UNIT,
            "account": holder,
            "holdings": [to_wire(h) for h in parts.credits.holdings(holder)] if holder else [],
            "certificates": [to_wire(c) for c in parts.credits.certificates(holder)],
        }

    @routes.get("/certificates/<number>")
    def certificate(number: str) -> dict[str, Any]:
        if not number.isdecimal() or len(number) > MOST_DIGITS:
            raise NotFound("credits.no_certificate", f"{number[:70]!r} is no certificate's number.")
        return {"unit": UNIT, "certificate": to_wire(parts.credits.certificate(int(number)))}

    return routes
