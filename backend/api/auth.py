"""Signing in with a wallet (EIP-4361): a single-use nonce, a text for this site and chain, a session."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, request
from pydantic import ValidationError

from backend.api.errors import SignedOut
from backend.api.parts import ApiParts
from backend.api.schemas import LoginRequest, body
from backend.errors import Invalid

with warnings.catch_warnings():
    # Its grammar defines some of its core rules twice, and says so on every import.
    warnings.simplefilter("ignore")
    from siwe import SiweMessage

MAX_MESSAGE = 4_000
MAX_SIGNATURE = 200


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/auth/nonce, /api/auth/login and /api/auth/logout."""
    routes = Blueprint("auth", __name__, url_prefix="/api/auth")

    @routes.post("/nonce")
    def nonce() -> dict[str, str]:
        return {"nonce": parts.sessions.new_nonce(parts.clock())}

    @routes.post("/login")
    def login() -> dict[str, str]:
        asked = body(request, LoginRequest)
        address = verify(parts, asked.message, asked.signature)
        return {"token": parts.sessions.open(address, parts.clock()), "address": address}

    @routes.post("/logout")
    def logout() -> dict[str, bool]:
        parts.sessions.close(_bearer())
        return {"ok": True}

    return routes


def customer(parts: ApiParts) -> str:
    """Checksum address of the signed-in customer; SignedOut `auth.required` or `auth.expired`."""
    address = parts.sessions.address(_bearer(), parts.clock())
    if address is None:
        raise SignedOut("auth.expired", "This session has ended; sign in again.")
    return address


def verify(parts: ApiParts, message: str, signature: str) -> str:
    """The address that signed this text; Invalid `auth.*`. Only a rightly signed text uses its nonce up."""
    if len(message) > MAX_MESSAGE or len(signature) > MAX_SIGNATURE:
        raise Invalid("auth.message", "The sign-in text or its signature is too long.")
    try:
        text = SiweMessage.from_message(message)
    except (ValueError, ValidationError) as error:
        raise Invalid("auth.message", "The sign-in text is not an EIP-4361 message.") from error
    _check_place(parts, text)
    _check_time(text, parts.clock())
    if parts.signatures.signer(message, signature) != text.address:
        raise Invalid("auth.signature", "The signature is not that of the address in the sign-in text.")
    if not parts.sessions.use_nonce(text.nonce, parts.clock()):
        raise Invalid(
            "auth.nonce", "The sign-in text's nonce is unknown, used or too old; ask for a new one."
        )
    return str(text.address)


def _check_place(parts: ApiParts, text: SiweMessage) -> None:
    site = urlsplit(parts.settings.api_url).netloc
    if text.domain != site or urlsplit(str(text.uri)).netloc != site:
        raise Invalid("auth.domain", f"The sign-in text is for another site than {site}.")
    if text.chain_id != parts.market.chain_id:
        raise Invalid(
            "auth.chain", f"The sign-in text is for chain {text.chain_id}, not {parts.market.chain_id}."
        )


def _check_time(text: SiweMessage, at: float) -> None:
    now = datetime.fromtimestamp(at, UTC)
    if text.expiration_time is not None and now >= datetime.fromisoformat(text.expiration_time):
        raise Invalid("auth.expired_message", "The sign-in text has expired.")
    if text.not_before is not None and now < datetime.fromisoformat(text.not_before):
        raise Invalid("auth.early", "The sign-in text is not valid yet.")


def _bearer() -> str:
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer ") or len(header) > MAX_SIGNATURE:
        raise SignedOut(
            "auth.required", "Sign in first: this needs the header `Authorization: Bearer TOKEN`."
        )
    return header.removeprefix("Bearer ")
