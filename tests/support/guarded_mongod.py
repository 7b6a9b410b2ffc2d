"""A mongod as in production: users with passwords and rights, nothing but TLS, members that know each other by a key."""

from __future__ import annotations

import secrets
from pathlib import Path
from urllib.parse import quote

from pymongo import MongoClient

from tests.support.certificates import Authority, Identity
from tests.support.mongod import Mongod

USER = "ecodml"
PASSWORD = "p@ss/word:%# ü"
ADMIN = "admin"


class GuardedMongod(Mongod):
    """It is primary and has an administrator, and a user for each database that `grant` was asked for."""

    def __init__(self, folder: Path, authority: Authority, identity: Identity | None = None) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._ca_file = authority.ca_file
        self._identity = identity or authority.issue("mongod")
        self._key_file = folder / "replica-set.key"
        self._key_file.write_text(secrets.token_hex(64))
        self._key_file.chmod(0o600)
        self.options = {"tls": True, "tlsCAFile": str(self._ca_file)}

    def arguments(self) -> list[str]:
        """TLS and users."""
        tls = ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(self._identity.together)]
        # Clients show no certificate of their own.
        chain = ["--tlsCAFile", str(self._ca_file), "--tlsAllowConnectionsWithoutCertificates"]
        return ["--auth", "--keyFile", str(self._key_file), *tls, *chain]

    def start(self) -> None:
        """Start, and make the administrator, which the first local connection may do."""
        super().start()
        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        with MongoClient(address, **self.options) as client:
            client.admin.command("createUser", ADMIN, pwd=PASSWORD, roles=["root"])

    def grant(self, database: str, role: str = "readWrite") -> None:
        """Let `USER` do this in one database, and nothing else."""
        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true&authSource=admin"
        with MongoClient(address, username=ADMIN, password=PASSWORD, **self.options) as client:
            client[database].command("createUser", USER, pwd=PASSWORD, roles=[role])

    def guarded_uri(self, database: str, password: str | None = PASSWORD, with_ca: bool = True) -> str:
        """`MONGODB_URI` for a database that was granted."""
        secret = f":{quote(password, safe='')}" if password else ""
        trusted = f"&tlsCAFile={quote(str(self._ca_file), safe='')}" if with_ca else ""
        options = f"replicaSet=rs0&authSource={database}&tls=true{trusted}"
        return f"mongodb://{USER}{secret}@127.0.0.1:{self.port}/?{options}"
