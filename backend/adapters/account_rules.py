"""What every store of accounts says when it refuses."""

from __future__ import annotations

from backend.errors import Conflict, NotFound


def email_taken() -> Conflict:
    """Another user has this e-mail."""
    return Conflict("account.email_taken", "This e-mail address belongs to another account.")


def wallet_taken() -> Conflict:
    """Another user has this wallet."""
    return Conflict("account.wallet_taken", "This wallet belongs to another account.")


def unknown_user() -> NotFound:
    """There is no such user."""
    return NotFound("account.unknown", "This account no longer exists.")
