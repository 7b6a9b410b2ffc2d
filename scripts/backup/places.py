"""Where everything is that a backup holds: as the environment says, or as the local stack has it."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend import config
from backend.adapters import mongo
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Deployments, load_deployments
from backend.adapters.storage.folder import FolderObjects
from backend.bootstrap.stores import password
from backend.errors import Conflict, Recoverable
from scripts.stack.children import Children
from scripts.stack.config import Ports, StackConfig
from scripts.stack.parts import make_parts
from scripts.stack.record import read_record

CHAINS = ("market", "carbon")
_LOOK_SECONDS = 0.1
_NO_SECRET = secrets.token_bytes(32)
"""Nobody is given an address of an object here."""


@dataclass(frozen=True)
class Places:
    """One installation. `stack` is the local stack whose parts it is made of, None where its services stand on their own."""

    settings: config.Settings
    stack: StackConfig | None = None

    @classmethod
    def of_stack(cls, state: Path) -> Places:
        """The local stack that lives in a folder."""
        stack = StackConfig(state=state, ports=Ports.from_environment(os.environ))
        return cls(config.load({**os.environ, **stack.settings()}), stack)

    @property
    def objects(self) -> FolderObjects | None:
        """The folder of objects; None where they lie in a bucket, which is not copied."""
        if self.settings.objects:
            return None
        return FolderObjects(
            self.settings.state_dir / "objects", self.settings.api_url, _NO_SECRET, time.time
        )

    @property
    def deployments(self) -> Deployments | None:
        """What is deployed, None where that is not known here."""
        file = self.settings.deployments_file
        return load_deployments(file) if file.exists() else None

    def state_file(self, chain: str) -> Path:
        """Where a local chain of the stack keeps its state."""
        return self.settings.state_dir / chain / "state.json"

    def connection(self, chain: str, deployments: Deployments) -> Connection:
        """To one of the chains."""
        network = getattr(deployments, chain)
        url = self.settings.market_rpc_url if chain == "market" else self.settings.carbon_rpc_url
        return Connection(network, url)

    def keys(self) -> dict[str, Path]:
        """Name in a backup -> file, of every secret there is."""
        kinds = (
            "operator_key_file",
            "rater_key_file",
            "faucet_key_file",
            "server_secret_file",
            "workers_file",
        )
        named = {kind: getattr(self.settings, kind) for kind in kinds}
        if self.stack is not None:
            state = self.stack.state
            private = [*self.stack.keys.glob("*"), *(state / "nodes").glob("*/*.json")]
            named = {str(path.relative_to(state)): path for path in private if path.is_file()}
        return {name: path for name, path in named.items() if path is not None and path.is_file()}

    def refuse_while_running(self) -> None:
        """Conflict `backup.running`: what is put back must not be written to meanwhile."""
        record = read_record(self.stack.state) if self.stack else None
        if record and record.running:
            raise Conflict("backup.running", "The stack is running: stop it first, with `make down`.")

    @contextmanager
    def database(self) -> Iterator[mongo.Database]:
        """The database, with the stack's own mongod started where it does not run."""
        with self._mongod():
            settings = self.settings
            secret = password(settings.mongodb_password_file)
            with mongo.connect(settings.mongodb_uri, settings.mongodb_database, secret) as opened:
                yield opened

    @contextmanager
    def _mongod(self) -> Iterator[None]:
        part = make_parts(self.stack).get("mongod") if self.stack else None
        if self.stack is None or part is None or part.ready():
            yield
            return
        for folder in (self.stack.state / "mongo", self.stack.logs):
            folder.mkdir(parents=True, exist_ok=True)
        children = Children(self.stack.logs, lambda _: None, lambda: None)
        try:
            child, until = children.start(part), time.monotonic() + part.ready_within_s
            while not part.ready():
                if not child.alive or time.monotonic() > until:
                    raise Recoverable(
                        "backup.mongod", f"The stack's mongod does not start; see {self.stack.logs}."
                    )
                time.sleep(_LOOK_SECONDS)
            yield
        finally:
            children.stop(["mongod"])
            children.close()
