"""A node's folder: who it is (`node.json`), its encrypted key (`key.json`), and its work."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from fl_nodes.errors import Refused
from fl_nodes.keys import make_keystore, read_key_file
from fl_nodes.protocol.wire import WireError, from_wire, to_wire


@dataclass(frozen=True)
class Joined:
    """What a node remembers of its registration. Addresses are checksum addresses; `key` is the node's own."""

    name: str
    role: str
    provider: str
    key: str
    api: str
    chain_id: int
    rpc_url: str
    staking: str
    escrow: str


class NodeHome:
    """The folder of one node."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def work(self) -> Path:
        """Where checkpoints, reports and fetched data go."""
        return self.folder / "work"

    def has_key(self) -> bool:
        """Whether a node key was made here."""
        return self._key.is_file()

    def key(self) -> LocalAccount:
        """The node's key; raises Refused where it cannot be opened."""
        return read_key_file(self._key)

    def key_or_new(self) -> LocalAccount:
        """The node's key, made now if there is none."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.key() if self.has_key() else make_keystore(self._key)

    def new_key(self) -> LocalAccount:
        """A fresh key in place of the one here."""
        return make_keystore(self._key)

    def joined(self) -> Joined:
        """The registration; raises Refused where there is none."""
        try:
            return from_wire(Joined, json.loads(self._record.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise Refused(
                "node.not_joined", f"There is no node in {self.folder}: run `ecodml node join --home {self.folder}` first."
            ) from error
        except (ValueError, WireError) as error:
            raise Refused("node.record", f"{self._record} cannot be read: {error}.") from error

    def remember(self, joined: Joined) -> None:
        """Write the registration down."""
        self._record.write_text(json.dumps(to_wire(joined), indent=2) + "\n", encoding="utf-8")

    @property
    def _key(self) -> Path:
        return self.folder / "key.json"

    @property
    def _record(self) -> Path:
        return self.folder / "node.json"
