"""Sign-in nonces and sessions in memory."""

from __future__ import annotations

import threading
from dataclasses import replace

from backend.adapters.tokens import NONCE_SECONDS, SESSION_SECONDS, hashed, new_nonce, new_token
from backend.ports import Session


class MemorySessions:
    """`ports.Sessions`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._nonces: dict[str, float] = {}
        self._sessions: dict[str, Session] = {}

    def new_nonce(self, at: float) -> str:
        """A single-use nonce."""
        nonce = new_nonce()
        self._nonces[nonce] = at + NONCE_SECONDS
        return nonce

    def use_nonce(self, nonce: str, at: float) -> bool:
        """Consume a nonce not older than ten minutes; false if unknown, used or old."""
        until = self._nonces.pop(nonce, None)
        return until is not None and until >= at

    def open(self, user: str, address: str | None, at: float, agent: str = "") -> str:
        """Start a session; returns its token (only a hash of it is stored)."""
        token = new_token()
        with self._lock:
            session = Session(hashed(token), user, address, at, at + SESSION_SECONDS, agent)
            self._sessions[session.id] = session
        return token

    def find(self, token: str, at: float) -> Session | None:
        """The session of a token; None if unknown or expired."""
        session = self._sessions.get(hashed(token))
        return session if session is not None and session.until > at else None

    def of(self, user: str, at: float) -> list[Session]:
        """A user's sessions that live, newest first."""
        with self._lock:
            living = [s for s in self._sessions.values() if s.user == user and s.until > at]
        return sorted(living, key=lambda session: (session.opened, session.id), reverse=True)

    def act_for(self, session_id: str, address: str | None) -> None:
        """Let a session act for another wallet, or for none."""
        with self._lock:
            if session_id in self._sessions:
                self._sessions[session_id] = replace(self._sessions[session_id], address=address)

    def close(self, token: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(hashed(token), None)

    def end(
        self, user: str, *, only: str | None = None, but: str | None = None, address: str | None = None
    ) -> int:
        """End a user's sessions: that of the id `only`, all but that of `but`, those acting for a wallet."""
        with self._lock:
            ended = [
                s.id
                for s in self._sessions.values()
                if s.user == user
                and (only is None or s.id == only)
                and s.id != but
                and (address is None or s.address == address)
            ]
            for session_id in ended:
                del self._sessions[session_id]
        return len(ended)
