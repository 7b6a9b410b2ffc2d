"""Sign-in nonces and sessions in MongoDB; expired ones are removed by the server (TTL indexes)."""

from __future__ import annotations

from datetime import UTC, datetime

from pymongo import DESCENDING

from backend.adapters.mongo.connection import Database, Document, translated
from backend.adapters.tokens import NONCE_SECONDS, SESSION_SECONDS, hashed, new_nonce, new_token
from backend.ports import Session


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
    def open(self, user: str, address: str | None, at: float, agent: str = "") -> str:
        """Start a session; returns its token (only a hash of it is stored)."""
        token, until = new_token(), at + SESSION_SECONDS
        self._sessions.insert_one(
            {
                "_id": hashed(token),
                "user": user,
                "address": address,
                "opened": at,
                "until": until,
                "agent": agent,
                "expires": _moment(until),
            }
        )
        return token

    @translated()
    def find(self, token: str, at: float) -> Session | None:
        """The session of a token; None if unknown or expired. One kept before sessions had users is expired."""
        found = self._sessions.find_one({"_id": hashed(token), "user": {"$exists": True}})
        return _session(found) if found and found["until"] > at else None

    @translated()
    def of(self, user: str, at: float) -> list[Session]:
        """A user's sessions that live, newest first."""
        living = self._sessions.find({"user": {"$eq": user}, "until": {"$gt": at}})
        return [_session(found) for found in living.sort([("opened", DESCENDING), ("_id", DESCENDING)])]

    @translated()
    def act_for(self, session_id: str, address: str | None) -> None:
        """Let a session act for another wallet, or for none."""
        self._sessions.update_one({"_id": {"$eq": session_id}}, {"$set": {"address": address}})

    @translated()
    def close(self, token: str) -> None:
        """End a session."""
        self._sessions.delete_one({"_id": hashed(token)})

    @translated()
    def end(
        self, user: str, *, only: str | None = None, but: str | None = None, address: str | None = None
    ) -> int:
        """End a user's sessions: that of the id `only`, all but that of `but`, those acting for a wallet."""
        query: Document = {"user": {"$eq": user}}
        if only is not None or but is not None:
            query["_id"] = {} if only is None else {"$eq": only}
            query["_id"] |= {} if but is None else {"$ne": but}
        if address is not None:
            query["address"] = {"$eq": address}
        return int(self._sessions.delete_many(query).deleted_count)


def _session(found: Document) -> Session:
    return Session(
        found["_id"], found["user"], found["address"], found["opened"], found["until"], found["agent"]
    )


def _moment(unix_seconds: float) -> datetime:
    return datetime.fromtimestamp(unix_seconds, UTC)
