"""How nonces and bearer tokens are made and how long they live; the same in every store."""

from __future__ import annotations

import hashlib
import secrets

NONCE_SECONDS = 600.0
SESSION_SECONDS = 7 * 86_400.0


def new_nonce() -> str:
    """32 alphanumeric characters (EIP-4361 asks for at least 8)."""
    return secrets.token_hex(16)


def new_token() -> str:
    """A bearer token of 256 random bits."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is stored of a token: its SHA-256 (hex); a token has too many bits to be guessed from it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
