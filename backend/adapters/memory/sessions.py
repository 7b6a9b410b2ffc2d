"""Sign-in nonces and bearer sessions in memory."""

from __future__ import annotations

from backend.adapters.tokens import NONCE_SECONDS, SESSION_SECONDS, hashed, new_nonce, new_token


class MemorySessions:
    """`ports.Sessions`."""

    def __init__(self) -> None:
        self._nonces: dict[str, float] = {}
        self._sessions: dict[str, tuple[str, float]] = {}

    def new_nonce(self, at: float) -> str:
        """A single-use nonce."""
        nonce = new_nonce()
        self._nonces[nonce] = at + NONCE_SECONDS
        return nonce

    def use_nonce(self, nonce: str, at: float) -> bool:
        """Consume a nonce not older than ten minutes; false if unknown, used or old."""
        until = self._nonces.pop(nonce, None)
        return until is not None and until >= at

    def open(self, address: str, at: float) -> str:
        """Start a session; returns its bearer token (only a hash of it is stored)."""
        token = new_token()
        self._sessions[hashed(token)] = (address, at + SESSION_SECONDS)
        return token

    def address(self, token: str, at: float) -> str | None:
        """Whose session it is, None if unknown or expired."""
        address, until = self._sessions.get(hashed(token), ("", 0.0))
        return address if until > at else None

    def close(self, token: str) -> None:
        """End a session."""
        self._sessions.pop(hashed(token), None)
