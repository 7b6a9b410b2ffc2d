"""People: their accounts, their sessions, their passwords."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from backend.domain.user import User


@dataclass(frozen=True)
class Session:
    """A session as it is kept: `id` names it and opens nothing; `address` is the wallet it acts for, None where it acts for none;
    `agent` is what the browser called itself; times in Unix seconds."""

    id: str
    user: str
    address: str | None
    opened: float
    until: float
    agent: str = ""


class Users(Protocol):
    """Accounts. An e-mail and a wallet belong to one user at most, whatever is written at the same time."""

    def add(self, user: User) -> None:
        """Keep a new user; Conflict `account.email_taken` or `account.wallet_taken`."""

    def get(self, user_id: str) -> User | None:
        """The user, if there is one."""

    def by_wallet(self, address: str) -> User | None:
        """Whose wallet it is."""

    def by_email(self, email: str) -> User | None:
        """Whose e-mail it is (in its plain form), confirmed or not."""

    def change(self, user_id: str, rule: Callable[[User], User]) -> User:
        """Replace a user by what a pure rule makes of it, nothing lost to others' changes.

        NotFound `account.unknown`, Conflict as `add`, and whatever the rule raises.
        """

    def absorb(self, user_id: str, other_id: str, rule: Callable[[User, User], User]) -> User:
        """Replace a user by what a pure rule makes of it and another, which ends: both or neither. Errors as `change`."""

    def remove(self, user_id: str) -> None:
        """End a user; nothing where there is none."""


class Sessions(Protocol):
    """Sign-in nonces, and sessions known by a secret token of which only a hash is kept."""

    def new_nonce(self, at: float) -> str:
        """A single-use nonce."""

    def use_nonce(self, nonce: str, at: float) -> bool:
        """Consume a nonce not older than ten minutes; false if unknown, used or old."""

    def open(self, user: str, address: str | None, at: float, agent: str = "") -> str:
        """Start a session; returns its token."""

    def find(self, token: str, at: float) -> Session | None:
        """The session of a token; None if unknown or expired."""

    def of(self, user: str, at: float) -> list[Session]:
        """A user's sessions that live, newest first."""

    def act_for(self, session_id: str, address: str | None) -> None:
        """Let a session act for another wallet, or for none."""

    def close(self, token: str) -> None:
        """End a session."""

    def end(
        self, user: str, *, only: str | None = None, but: str | None = None, address: str | None = None
    ) -> int:
        """End a user's sessions: that of the id `only`, all but that of `but`, those acting for a wallet. How many ended."""


class Passwords(Protocol):
    """Slow, salted hashes of passwords."""

    def hash(self, password: str) -> str:
        """A hash that holds its own parameters and salt."""

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; without a hash false, after as much work."""

    def outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than those of today."""
