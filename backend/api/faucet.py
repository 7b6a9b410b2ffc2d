"""Coins for trying things, on local chains only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from backend.api.parts import ApiParts
from backend.api.schemas import FaucetRequest, account, body
from backend.errors import Forbidden


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/faucet."""
    routes = Blueprint("faucet", __name__)

    @routes.post("/api/faucet")
    def faucet() -> dict[str, Any]:
        if parts.faucet is None:
            raise Forbidden("faucet.closed", "There is no faucet on this network.")
        dml_wei, native_wei = parts.faucet(account(body(request, FaucetRequest).address))
        return {"dml_wei": str(dml_wei), "native_wei": str(native_wei)}

    return routes
