"""Bulk data, mail, and checking signatures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol


@dataclass(frozen=True)
class StoredObject:
    """An object's size in bytes and SHA-256 (hex)."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True)
class SignedPut:
    """A URL for one PUT, and the headers that were signed with it and must come with it."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Objects(Protocol):
    """Bulk data. Keys are `/`-separated names of letters, digits, `.`, `_`, `-`."""

    def put(self, key: str, data: bytes) -> StoredObject:
        """Write whole; atomic."""

    def put_blocks(self, key: str, blocks: Iterable[bytes]) -> StoredObject:
        """Write what comes, of any length, without holding it; atomic."""

    def open(self, key: str) -> BinaryIO:
        """Read; NotFound `object.unknown`."""

    def stat(self, key: str) -> StoredObject | None:
        """Size and hash, None if absent."""

    def delete(self, prefix: str) -> None:
        """Remove all objects whose key starts with `prefix`."""

    def download_url(self, key: str, seconds: float, filename: str | None = None) -> str:
        """A signed GET URL, ranged."""

    def upload_url(self, key: str, seconds: float, size: int) -> str:
        """Where `size` bytes can be PUT, in slices with `Content-Range`. Asked again, by whatever process, it leads to the same
        upload, which goes on where it stands.
        """

    def put_url(self, key: str, seconds: float, max_bytes: int) -> SignedPut:
        """A signed URL for one PUT of at most `max_bytes`."""


@dataclass(frozen=True)
class Letter:
    """A mail to one address. `key` makes its Message-ID, so that a repeated send can be recognised."""

    key: str
    to: str
    subject: str
    text: str


class Mail(Protocol):
    """Outgoing mail."""

    def send(self, letter: Letter) -> None:
        """Hand to the mail server; Recoverable `mail.unreachable`."""


class Signatures(Protocol):
    """Checking signatures of texts and typed data."""

    def signer(self, text: str, signature: str) -> str | None:
        """Checksum address that signed `text` (EIP-191), None for a malformed signature."""

    def typed_signer(self, document: dict[str, Any], signature: str) -> str | None:
        """Checksum address that signed an EIP-712 document."""
