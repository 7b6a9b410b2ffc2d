"""Links that show one ticket, and hand out its files, to whoever holds them."""

from __future__ import annotations

import hashlib
import hmac

_PURPOSE = b"ecodml ticket link v1"


def link_token(secret: bytes, ticket_id: str, expires_unix_s: int) -> str:
    """A token for `/tickets/ID?token=` and `/t/ID/FILE?token=`, good for reading until `expires_unix_s`."""
    return f"{expires_unix_s}.{_mac(secret, ticket_id, expires_unix_s)}"


def opens(secret: bytes, token: str, ticket_id: str, at: float) -> bool:
    """Whether `token` is ours, for this ticket and not expired at Unix time `at`."""
    expires, _, mac = token.partition(".")
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
        return False
    right = hmac.compare_digest(mac.encode(), _mac(secret, ticket_id, int(expires)).encode())
    return right and at < int(expires)


def _mac(secret: bytes, ticket_id: str, expires_unix_s: int) -> str:
    text = b"|".join([_PURPOSE, ticket_id.encode(), str(expires_unix_s).encode()])
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
