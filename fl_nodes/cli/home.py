"""A node's folder: who it is, its machine key, its work. Keys are readable by their owner only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from fl_nodes.errors import Refused
from fl_nodes.keys import make_keystore, read_key_file, write_private

DEFAULT_HOME = Path("~/.ecodml/node")
FORECAST_FOLDER = "forecast"


@dataclass(frozen=True)
class Identity:
    """What was registered: name, role, staking wallet, machine key's address, and where."""

    name: str
    role: str
    provider: str
    key: str
    api_url: str
    chain_id: int
    escrow: str


class Home:
    """One node's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser()
        self._identity = self.folder / "node.json"
        self._keystore = self.folder / "node-key.json"

    def identity(self) -> Identity:
        """Who this node is; Refused where nobody has joined from here."""
        try:
            return Identity(**json.loads(self._identity.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise Refused(
                "node.not_joined",
                f"No node has joined from {self.folder}: run `ecodml node join --home {self.folder}`.",
            ) from error
        except (TypeError, ValueError) as error:
            raise Refused("node.identity", f"{self._identity} is not a node's identity: {error}.") from error

    def save(self, identity: Identity) -> None:
        """Remember who this node is."""
        write_private(self._identity, json.dumps(asdict(identity), indent=1) + "\n")

    def key(self) -> LocalAccount:
        """The machine key, made at first use."""
        if self._keystore.exists():
            return read_key_file(self._keystore)
        return make_keystore(self._keystore)

    def work(self, name: str) -> Path:
        """A folder for the node's work."""
        return self.folder / name
