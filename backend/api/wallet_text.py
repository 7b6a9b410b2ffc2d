"""Texts that a wallet signs (EIP-4361): for this site and chain, with a single-use nonce."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from backend.api.parts import ApiParts
from backend.errors import Invalid

with warnings.catch_warnings():
    # Its grammar defines some of its core rules twice, and says so on every import.
    warnings.simplefilter("ignore")
    from siwe import SiweMessage

MAX_MESSAGE = 2_000
MAX_LINE = 400
"""The grammar's reader takes the square of a line's length: seconds for a few thousand characters, and no wallet writes such."""
MAX_SIGNATURE = 200


def verify(parts: ApiParts, message: str, signature: str, links_to: str | None = None) -> str:
    """The address that signed this text; Invalid `auth.*`. Only a rightly signed text uses its nonce up.

    A text to sign in by has no `Request ID`; one that links the wallet to an account names that account (`links_to`) there, so that
    neither can be passed off as the other.
    """
    longest_line = max(map(len, message.split("\n")))
    if len(message) > MAX_MESSAGE or longest_line > MAX_LINE or len(signature) > MAX_SIGNATURE:
        raise Invalid("auth.message", "The sign-in text or its signature is too long.")
    try:
        text = SiweMessage.from_message(message)
    except (ValueError, ValidationError) as error:
        raise Invalid("auth.message", "The sign-in text is not an EIP-4361 message.") from error
    _check_place(parts, text)
    _check_time(text, parts.clock())
    if (text.request_id or None) != links_to:
        wanted = "links a wallet to another account" if links_to else "links a wallet, it does not sign in"
        raise Invalid("auth.purpose", f"The text that was signed {wanted}.")
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
