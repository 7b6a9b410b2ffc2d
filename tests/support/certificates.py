"""Certificates for tests: a root, an authority under it, and servers' certificates with their whole chain."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Identity:
    """A server's certificate with its chain, its key, and both in one file."""

    certificate: Path
    key: Path
    together: Path

    def context(self) -> ssl.SSLContext:
        """What a server of this identity listens with."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context


class Authority:
    """A root certificate, which clients trust, and an intermediate one, which servers send."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = trustme.CA()
        self._intermediate = self._root.create_child_ca()
        self.ca_file = folder / "root.pem"
        folder.mkdir(parents=True, exist_ok=True)
        self._root.cert_pem.write_to_path(self.ca_file)

    def issue(self, name: str = "server", host: str = "127.0.0.1", expired: bool = False) -> Identity:
        """A certificate for a host, signed by the intermediate authority."""
        ended = datetime.now(UTC) - timedelta(days=1) if expired else None
        issued = self._intermediate.issue_cert(host, not_after=ended)
        identity = Identity(*(self._folder / f"{name}.{part}.pem" for part in ("chain", "key", "both")))
        chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
        identity.certificate.write_bytes(chain)
        issued.private_key_pem.write_to_path(identity.key)
        identity.together.write_bytes(issued.private_key_pem.bytes() + chain)
        return identity
