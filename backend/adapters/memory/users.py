"""Accounts in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable

from backend.adapters import records
from backend.adapters.account_rules import email_taken, unknown_user, wallet_taken
from backend.domain.user import User


class MemoryUsers:
    """`ports.Users`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bodies: dict[str, str] = {}

    def add(self, user: User) -> None:
        """Keep a new user; Conflict `account.email_taken` or `account.wallet_taken`."""
        with self._lock:
            self._keep(user)

    def get(self, user_id: str) -> User | None:
        """The user, if there is one."""
        with self._lock:
            return _user(self._bodies[user_id]) if user_id in self._bodies else None

    def by_wallet(self, address: str) -> User | None:
        """Whose wallet it is."""
        return next((user for user in self._all() if address in user.wallets), None)

    def by_email(self, email: str) -> User | None:
        """Whose e-mail it is, confirmed or not."""
        return next((user for user in self._all() if user.email is not None and user.email == email), None)

    def change(self, user_id: str, rule: Callable[[User], User]) -> User:
        """Replace a user by what a rule makes of it; NotFound `account.unknown`, Conflict as `add`."""
        with self._lock:
            return self._keep(rule(self._known(user_id)))

    def absorb(self, user_id: str, other_id: str, rule: Callable[[User, User], User]) -> User:
        """Replace a user by what a rule makes of it and another, which ends: both or neither."""
        with self._lock:
            after = rule(self._known(user_id), self._known(other_id))
            other = self._bodies.pop(other_id)
            try:
                return self._keep(after)
            except Exception:
                self._bodies[other_id] = other
                raise

    def remove(self, user_id: str) -> None:
        """End a user; nothing where there is none."""
        with self._lock:
            self._bodies.pop(user_id, None)

    def _known(self, user_id: str) -> User:
        user = self.get(user_id)
        if user is None:
            raise unknown_user()
        return user

    def _all(self) -> list[User]:
        with self._lock:
            return [_user(body) for body in self._bodies.values()]

    def _keep(self, user: User) -> User:
        others = [other for other in self._all() if other.id != user.id]
        if any(user.email is not None and other.email == user.email for other in others):
            raise email_taken()
        if any(set(user.wallets) & set(other.wallets) for other in others):
            raise wallet_taken()
        self._bodies[user.id] = records.pack(user)
        return user


def _user(body: str) -> User:
    return records.build(User, records.unpack(body))
