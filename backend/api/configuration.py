"""What a client needs to know of this network before it asks for anything."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from backend.api.parts import ApiParts
from backend.api.schemas import FORMATS, MAX_DEADLINE_SECONDS
from backend.config import Settings
from backend.domain.spec import AGGREGATIONS, OPTIMIZERS, PRESETS, SERVER_OPTIMIZERS
from backend.domain.spec_options import options
from fl_nodes.protocol.payout import Scheme
from fl_nodes.protocol.tasks import PROTOCOL_VERSION
from fl_nodes.protocol.wire import to_wire

VERSION = "0.1.0"


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/config."""
    routes = Blueprint("configuration", __name__)

    @routes.get("/api/config")
    def config() -> dict[str, Any]:
        settings = parts.settings
        return {
            **{chain: _chain(chain, document, settings) for chain, document in parts.deployments.items()},
            "confirmations": settings.confirmations,
            "commission_bps": parts.market.commission_bps(),
            "limits": {
                "max_dataset_bytes": settings.max_dataset_bytes,
                "minimum_deadline_seconds": settings.minimum_deadline_seconds,
                "default_deadline_seconds": settings.default_deadline_seconds,
                "maximum_deadline_seconds": MAX_DEADLINE_SECONDS,
            },
            "formats": list(FORMATS),
            "models": [*PRESETS, "custom"],
            "optimizers": list(OPTIMIZERS),
            "server_optimizers": list(SERVER_OPTIMIZERS),
            "aggregations": list(AGGREGATIONS),
            "schemes": [scheme.value for scheme in Scheme],
            "reward_weights": to_wire(settings.reward_weights),
            "options": options(),
            "faucet": parts.faucet is not None,
            "protocol": PROTOCOL_VERSION,
            "version": VERSION,
        }

    return routes


def _chain(chain: str, document: dict[str, Any], settings: Settings) -> dict[str, Any]:
    contracts = {
        name: {field: contract[field] for field in ("address", "abi", "block")}
        for name, contract in document["contracts"].items()
    }
    names = {
        "market": (settings.market_chain_name, settings.market_coin, settings.market_explorer_url),
        "carbon": (settings.carbon_chain_name, settings.carbon_coin, settings.carbon_explorer_url),
    }
    name, coin, explorer = names[chain]
    return {
        "chain_id": document["chain_id"],
        "rpc_url": document["rpc_url"],
        "name": name,
        "coin": coin,
        "explorer_url": explorer or None,
        "contracts": contracts,
    }
