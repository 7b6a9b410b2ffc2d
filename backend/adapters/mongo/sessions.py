"""Sign-in nonces and bearer sessions in MongoDB; expired ones are removed by the server (TTL indexes)."""

from __future__ import annotations

from datetime import UTC, datetime

from backend.adapters.mongo.connection import Database, translated
from backend.adapters.tokens import NONCE_SECONDS, SESSION_SECONDS, hashed, new_nonce, new_token


class MongoSessions:
    """`ports.Sessions`."""

    def __init__(self, db: Database) -> None:
        self._nonces = db.durable("nonces")
        self._sessions = db.durable("sessions")

    @translated()
    def new_nonce(self, at: float) -> str:
        """A single-use nonce."""
        nonce = new_nonce()
        self._nonces.insert_one(
            {"_id": nonce, "until": at + NONCE_SECONDS, "expires": _moment(at + NONCE_SECONDS)}
        )
        return nonce

    @translated()
    def use_nonce(self, nonce: str, at: float) -> bool:
        """Consume a nonce not older than ten minutes; false if unknown, used or old."""
        used = self._nonces.find_one_and_delete({"_id": {"$eq": nonce}})
        return used is not None and bool(used["until"] >= at)

    @translated()
    def open(self, address: str, at: float) -> str:
        """Start a session; returns its bearer token (only a hash of it is stored)."""
        token = new_token()
        until = at + SESSION_SECONDS
        self._sessions.insert_one(
            {"_id": hashed(token), "address": address, "until": until, "expires": _moment(until)}
        )
        return token

    @translated()
    def address(self, token: str, at: float) -> str | None:
        """Whose session it is, None if unknown or expired."""
        found = self._sessions.find_one({"_id": hashed(token)})
        return str(found["address"]) if found and found["until"] > at else None

    @translated()
    def close(self, token: str) -> None:
        """End a session."""
        self._sessions.delete_one({"_id": hashed(token)})


def _moment(unix_seconds: float) -> datetime:
    return datetime.fromtimestamp(unix_seconds, UTC)
