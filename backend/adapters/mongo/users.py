"""Accounts in MongoDB. Sign-ups that nobody confirms are removed by the server (TTL index)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pymongo.client_session import ClientSession
from pymongo.errors import DuplicateKeyError

from backend.adapters import records
from backend.adapters.account_rules import email_taken, unknown_user, wallet_taken
from backend.adapters.mongo.connection import Database, Document, translated
from backend.domain.user import User
from backend.errors import Conflict, Recoverable

ATTEMPTS = 20
UNCONFIRMED_SECONDS = 7 * 86_400.0


class MongoUsers:
    """`ports.Users`. Unique indexes hold that an e-mail and a wallet have one user."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._users = db.durable("users")

    @translated()
    def add(self, user: User) -> None:
        """Keep a new user; Conflict `account.email_taken` or `account.wallet_taken`."""
        try:
            self._users.insert_one({"_id": user.id, "version": 0} | _fields(user))
        except DuplicateKeyError as error:
            raise _taken(error) from error

    @translated()
    def get(self, user_id: str) -> User | None:
        """The user, if there is one."""
        return self._found({"_id": {"$eq": user_id}})

    @translated()
    def by_wallet(self, address: str) -> User | None:
        """Whose wallet it is."""
        return self._found({"wallets": {"$eq": address}})

    @translated()
    def by_email(self, email: str) -> User | None:
        """Whose e-mail it is, confirmed or not."""
        return self._found({"email": {"$eq": email}})

    @translated()
    def change(self, user_id: str, rule: Callable[[User], User]) -> User:
        """Replace a user by what a rule makes of it; NotFound `account.unknown`, Conflict as `add`."""
        for _ in range(ATTEMPTS):
            found = self._document(user_id, None)
            after = rule(_user(found))
            if self._replace(found, after, None):
                return after
        raise Recoverable("account.contended", "This account is being changed elsewhere; try again shortly.")

    @translated()
    def absorb(self, user_id: str, other_id: str, rule: Callable[[User, User], User]) -> User:
        """Replace a user by what a rule makes of it and another, which ends: both or neither."""
        with self._db.transaction() as session:
            found = self._document(user_id, session)
            after = rule(_user(found), _user(self._document(other_id, session)))
            self._users.delete_one({"_id": {"$eq": other_id}}, session=session)
            self._replace(found, after, session)
        return after

    @translated()
    def remove(self, user_id: str) -> None:
        """End a user; nothing where there is none."""
        self._users.delete_one({"_id": {"$eq": user_id}})

    def _found(self, query: Document) -> User | None:
        found = self._users.find_one(query)
        return _user(found) if found else None

    def _document(self, user_id: str, session: ClientSession | None) -> Document:
        found = self._users.find_one({"_id": {"$eq": user_id}}, session=session)
        if found is None:
            raise unknown_user()
        return found

    def _replace(self, found: Document, after: User, session: ClientSession | None) -> bool:
        expected = {"_id": found["_id"], "version": found["version"]}
        document = expected | _fields(after) | {"version": found["version"] + 1}
        try:
            return self._users.replace_one(expected, document, session=session).matched_count == 1
        except DuplicateKeyError as error:
            raise _taken(error) from error


def _fields(user: User) -> Document:
    indexed: Document = {"email": user.email, "wallets": list(user.wallets), "body": records.pack(user)}
    if user.unanswered:
        indexed["expires"] = datetime.fromtimestamp(user.created_at + UNCONFIRMED_SECONDS, UTC)
    return indexed


def _user(document: Document) -> User:
    return records.build(User, records.unpack(document["body"]))


def _taken(error: DuplicateKeyError) -> Conflict:
    return email_taken() if "email" in (error.details or {}).get("keyPattern", {}) else wallet_taken()
