"""A deployment that can be stopped anywhere, even killed, and run again: it does what is not done yet.

What decides is the chain, not the record. The record only says where to look: an address is written down before the
transaction that makes it is sent (an account's nonce determines it), and the next run begins by waiting for whatever
the account sent before.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from brownie.network.account import PublicKeyAccount  # type: ignore[import-not-found]
from web3 import Web3
from web3.contract import Contract

from scripts.brownie.bytecode import same_code
from scripts.brownie.refused import Refused
from scripts.brownie.sender import Sender
from scripts.brownie.site import Site
from scripts.deployments import merge_deployment, read_deployments, unfinished_path, write_deployments


@dataclass(frozen=True)
class Built:
    """A contract as our sources compile to it."""

    name: str
    abi: list[dict[str, Any]]
    creation: str
    runtime: bytes


@dataclass(frozen=True)
class _Place:
    """Where a contract is, or will be should the transaction sent last be mined."""

    address: str
    block: int
    mined: bool

    @classmethod
    def of(cls, at: Mapping[str, Any], mined: bool = False) -> _Place:
        return cls(str(at["address"]), int(at["block"]), mined or bool(at.get("mined")))


class Deployment:
    """The contracts of one part (`market`, `carbon`) on one chain."""

    def __init__(self, site: Site, part: str, path: Path, sender: Sender, built: Mapping[str, Built]) -> None:
        self._site, self._part, self._path, self._sender, self._built = site, part, path, sender, built
        self._progress = unfinished_path(path, part)
        self._finished = self._read(path, part)
        self._known = {
            **{name: _Place.of(at, mined=True) for name, at in self._finished.get("contracts", {}).items()},
            **{
                name: _Place.of(at)
                for name, at in self._read(self._progress, part).get("contracts", {}).items()
            },
        }
        self._names: dict[str, str] = {}
        self._sent = 0
        self._nonce = sender.next_nonce()
        self._require_nothing_lost()
        for name, place in self._known.items():
            self._require_ours(name, place.address)

    def contract(self, name: str, *arguments: Any) -> Contract:
        """The contract where it stands, deployed first if it does not stand anywhere."""
        place = self._known.get(name)
        kept = place is not None and bool(self._code(place.address))
        if place is None or not kept:
            place = self._deploy(self._built[name], arguments)
            self._require_ours(name, place.address)
        self._note(name, replace(place, mined=True))
        self._names[place.address] = name
        print(f"  {name} {place.address} {'kept' if kept else 'deployed'}", flush=True)
        return self._site.contract(place.address, self._built[name].abi)

    def require(self, contract: Contract, function: str, wanted: Any, setting: str) -> None:
        """Refused `deploy.settings` when a value fixed at deployment is not the one that is set now."""
        found = contract.functions[function]().call()
        if found != wanted:
            raise Refused(
                "deploy.settings",
                f"{self._name(contract)} was deployed with {function} {found}, but {setting} says {wanted}.",
            )

    def require_role(self, contract: Contract, role: str, holder: str, setting: str) -> None:
        """Refused `deploy.settings` when a role given at deployment is not held by who is set now."""
        if not holds_role(contract, role, holder):
            raise Refused(
                "deploy.settings",
                f"{setting} is {holder}, who does not hold {role} of {self._name(contract)}.",
            )

    def ensure_role(self, contract: Contract, role: str, holder: str) -> None:
        """Grants a role unless it is held."""
        self.ensure(
            holds_role(contract, role, holder),
            contract,
            "grantRole",
            contract.functions[role]().call(),
            holder,
        )

    def ensure(self, done: bool, contract: Contract, function: str, *arguments: Any) -> None:
        """Sends one call unless what it does is done."""
        if not done:
            data = contract.encode_abi(function, args=list(arguments))
            self._send(contract.address, data, f"{self._name(contract)}.{function}")

    def finish(self) -> None:
        """Records the part as whole."""
        # The URL of a public chain may hold an API key; only one that was declared public is recorded.
        rpc_url = self._site.rpc_url if self._site.local else os.environ.get("PUBLIC_RPC_URL", "")
        entry = {
            "chain_id": self._site.chain_id,
            "rpc_url": rpc_url,
            "contracts": {
                name: {"address": address, "block": self._known[name].block, "abi": self._built[name].abi}
                for address, name in self._names.items()
            },
        }
        if entry != self._finished:
            merge_deployment(self._path, self._part, entry)
        self._progress.unlink(missing_ok=True)
        print(f"{self._part}: {self._sent} transaction(s) sent, recorded in {self._path}")

    def _deploy(self, built: Built, arguments: tuple[Any, ...]) -> _Place:
        address = str(PublicKeyAccount(self._sender.address).get_deployment_address(self._nonce))
        # Should the script end before the receipt arrives, this block is early enough to read events from.
        self._note(built.name, _Place(address, self._site.web3.eth.block_number, mined=False))
        factory = self._site.web3.eth.contract(abi=built.abi, bytecode=built.creation)
        block = self._send(None, factory.constructor(*arguments).data_in_transaction, built.name)
        return _Place(address, block, mined=True)

    def _send(self, to: str | None, data: str, what: str) -> int:
        receipt = self._sender.send(to, data, what, self._nonce)
        self._nonce += 1
        self._sent += 1
        return int(receipt["blockNumber"])

    def _note(self, name: str, place: _Place) -> None:
        if self._known.get(name) != place:
            self._known[name] = place
            contracts = {name: asdict(place) for name, place in self._known.items()}
            record = {self._part: {"chain_id": self._site.chain_id, "contracts": contracts}}
            write_deployments(self._progress, record)

    def _require_nothing_lost(self) -> None:
        lost = [name for name, place in self._known.items() if place.mined and not self._code(place.address)]
        if not lost:
            return
        if not self._site.local:
            raise Refused(
                "deploy.lost",
                f"{lost[0]} is recorded at {self._known[lost[0]].address}, but {self._site.network} has no code there.",
            )
        print(f"{self._part}: the chain was reset since the last deployment")
        self._finished, self._known = {}, {}

    def _require_ours(self, name: str, address: str) -> None:
        code = self._code(address)
        if code and name in self._built and not same_code(code, self._built[name].runtime):
            raise Refused(
                "deploy.foreign_code",
                f"The code at {address} is not what the sources of {name} compile to: check them out as they were "
                "deployed, or choose another DEPLOYMENTS_FILE.",
            )

    def _read(self, path: Path, part: str) -> dict[str, Any]:
        entry: dict[str, Any] = read_deployments(path).get(part, {})
        chain_id = entry.get("chain_id", self._site.chain_id)
        if chain_id != self._site.chain_id:
            raise Refused(
                "deploy.other_chain",
                f"{path} records contracts of chain {chain_id}, not of {self._site.chain_id}: choose another "
                "DEPLOYMENTS_FILE.",
            )
        return entry

    def _code(self, address: str) -> bytes:
        return bytes(self._site.web3.eth.get_code(Web3.to_checksum_address(address)))

    def _name(self, contract: Contract) -> str:
        return self._names[contract.address]


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds the folder of a record; Refused `deploy.running` while another deployment does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Refused("deploy.running", f"Another deployment is writing to {path.parent}.") from None
    finally:
        os.close(folder)


def holds_role(contract: Contract, role: str, holder: str) -> bool:
    """Whether an account holds a role, by the role's name."""
    held: bool = contract.functions.hasRole(contract.functions[role]().call(), holder).call()
    return held
