"""What is deployed where: `deployments.json` as typed values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_utils.address import is_address, to_checksum_address

from backend.errors import Unrecoverable

MARKET_CONTRACTS = ("DMLToken", "NodeStaking", "JobEscrow")
CARBON_CONTRACTS = ("EnergyLedger", "CarbonCredit", "Publications")
ANCHORS = ("JobEscrow", "EnergyLedger")
"""By the block of which of its contracts a chain is recognised."""

Recognise = Callable[[str, int], None]
"""Told a chain's name and identity whenever a connection meets it; Unrecoverable `chain.reset` where it is another."""


def anyone(name: str, identity: int) -> None:
    """For whoever has met no chain before."""


@dataclass(frozen=True)
class Deployed:
    """A contract: checksum address, the block it was made in, its ABI."""

    name: str
    address: str
    block: int
    abi: list[dict[str, Any]]


@dataclass(frozen=True)
class Network:
    """One chain and our contracts on it; `recognise` decides whether the chain that answers is the one met before."""

    name: str
    chain_id: int
    rpc_url: str
    contracts: Mapping[str, Deployed]
    recognise: Recognise = field(default=anyone, compare=False, repr=False)

    def __getitem__(self, name: str) -> Deployed:
        """A contract by name; Unrecoverable `deployments.incomplete`."""
        if name not in self.contracts:
            raise Unrecoverable(
                "deployments.incomplete", f"The deployments know no {name} on the {self.name} chain."
            )
        return self.contracts[name]

    @property
    def first_block(self) -> int:
        """No event of ours is older."""
        return min(contract.block for contract in self.contracts.values())

    @property
    def anchor_block(self) -> int:
        """The block by whose hash the chain is recognised; the chain's first where nothing of ours tells."""
        return next((self.contracts[name].block for name in ANCHORS if name in self.contracts), 0)


@dataclass(frozen=True)
class Deployments:
    """Both chains; `carbon` is None where no ledger was deployed."""

    market: Network
    carbon: Network | None

    def recognised_by(self, recognise: Recognise) -> Deployments:
        """The same, whose every connection has the chain recognised."""
        carbon = self.carbon and replace(self.carbon, recognise=recognise)
        return Deployments(replace(self.market, recognise=recognise), carbon)


def load_deployments(path: Path) -> Deployments:
    """Read the file that the deploy script writes; Unrecoverable `deployments.missing`, `deployments.unreadable`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unrecoverable(
            "deployments.missing", f"{path} cannot be read: deploy the contracts first (`make up`)."
        ) from error
    except ValueError as error:
        raise Unrecoverable("deployments.unreadable", f"{path} does not hold JSON.") from error
    return parse_deployments(document)


def parse_deployments(document: Mapping[str, Any]) -> Deployments:
    """Typed deployments from the JSON document; Unrecoverable `deployments.unreadable`, `deployments.incomplete`."""
    if "market" not in document:
        raise Unrecoverable("deployments.incomplete", "The deployments hold no market chain.")
    market = parse_network("market", document["market"], MARKET_CONTRACTS)
    ledger = document.get("carbon")
    return Deployments(market, parse_network("carbon", ledger, CARBON_CONTRACTS) if ledger else None)


def parse_network(name: str, entry: Mapping[str, Any], needed: tuple[str, ...] = ()) -> Network:
    """One chain's entry."""
    try:
        contracts = {
            contract: Deployed(contract, _address(at["address"]), int(at.get("block", 0)), list(at["abi"]))
            for contract, at in entry["contracts"].items()
        }
        network = Network(name, int(entry["chain_id"]), str(entry.get("rpc_url", "")), contracts)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Unrecoverable(
            "deployments.unreadable", f"The {name} chain's deployments cannot be read: {error}."
        ) from error
    for contract in needed:
        network[contract]
    return network


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"{text!r} is not an address")
    return str(to_checksum_address(text))
