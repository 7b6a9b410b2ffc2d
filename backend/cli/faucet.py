"""`ecodml faucet ADDRESS`: coins of a local chain for trying things."""

from __future__ import annotations

from typing import Any

from eth_utils.address import is_address, to_checksum_address

from backend.cli.client import Api
from backend.cli.terminal import coins
from backend.errors import Invalid


def drip(api: Api, address: str) -> dict[str, Any]:
    """Ask for coins; Forbidden `faucet.closed` where the chain is not a local one."""
    if not is_address(address):
        raise Invalid("faucet.address", f"{address!r} is not an address (0x and 40 hex digits).")
    checksummed = str(to_checksum_address(address))
    given = api.post("/api/faucet", {"address": checksummed})
    return {"address": checksummed, "dml_wei": int(given["dml_wei"]), "native_wei": int(given["native_wei"])}


def lines(given: dict[str, Any]) -> list[str]:
    """A line for a person."""
    amounts = f"{coins(given['dml_wei'])} and {coins(given['native_wei'], 'native coin')}"
    return [f"{given['address']} was given {amounts}."]
