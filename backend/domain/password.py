"""Which passwords are taken: long enough, not among the most common, not the e-mail itself. No rule about their characters."""

from __future__ import annotations

import unicodedata

from backend.domain.common_passwords import COMMON
from backend.errors import Invalid

SHORTEST, LONGEST = 10, 200


def plain(password: str) -> str:
    """The one form a password is hashed in: the same characters typed on any keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def acceptable(password: str, email: str | None) -> str:
    """The password in its plain form; Invalid `password.length`, `password.common`, `password.email`."""
    kept = plain(password)
    if not SHORTEST <= len(kept) <= LONGEST:
        raise Invalid(
            "password.length", f"A password has {SHORTEST} to {LONGEST} characters; this one has {len(kept)}."
        )
    folded = kept.casefold().strip()
    if folded in COMMON or len(set(folded)) == 1:
        raise Invalid("password.common", "This is one of the most common passwords: take another.")
    if email is not None and folded in (email, email.partition("@")[0]):
        raise Invalid("password.email", "The password must not be the e-mail address: take another.")
    return kept
