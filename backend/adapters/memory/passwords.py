"""Passwords for tests: hashed in a moment, safe for nothing."""

from __future__ import annotations

import hashlib
import hmac
import secrets


class MemoryPasswords:
    """`ports.Passwords`; `work` stands for the parameters, and `verified` counts how often the work was done."""

    def __init__(self, work: int = 1) -> None:
        self._work = work
        self.verified = 0

    def hash(self, password: str) -> str:
        """A hash that holds its own parameters and salt."""
        return self._hash(password, self._work, secrets.token_hex(8))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password; without a hash false, after as much work."""
        self.verified += 1
        known = password_hash or self._hash("nobody has this password", self._work, "00")
        kind, work, salt = ([*known.split("$"), "", ""])[:3]
        if kind != "memory" or not work.isdigit():
            return False
        right = hmac.compare_digest(self._hash(password, int(work), salt), known)
        return right and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than those of today."""
        return password_hash.split("$")[1] != str(self._work)

    def _hash(self, password: str, work: int, salt: str) -> str:
        digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), work).hex()
        return f"memory${work}${salt}${digest}"
