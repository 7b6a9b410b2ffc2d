"""What a letter's link proves: that somebody reads that e-mail, for one purpose, once, and not for long.

A token is bound to the account's password and confirmation as they were when the letter was written: whatever it does
changes one of them, so it works once, and every other letter that is still about ends with it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from backend.domain.effects import AccountMail, SendAccountMail
from backend.domain.user import User
from backend.errors import Invalid
from backend.ports import Users

CONFIRM_SECONDS = 3 * 86_400
RESET_SECONDS = 3_600


class Purpose(StrEnum):
    """What a link is for: to confirm a sign-up, to confirm another e-mail that an account asks for, to set a password."""

    CONFIRM = "confirm"
    CLAIM = "claim"
    RESET = "reset"


_SECONDS = {Purpose.CONFIRM: CONFIRM_SECONDS, Purpose.CLAIM: CONFIRM_SECONDS, Purpose.RESET: RESET_SECONDS}


class _Clocked(TimestampSigner):
    def __init__(self, *signing: Any, clock: Callable[[], float], **more: Any) -> None:
        super().__init__(*signing, **more)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Now, by the clock given."""
        return int(self._clock())


def mail_token(secret: bytes, clock: Callable[[], float], purpose: Purpose, user: User) -> str:
    """A token for the link in a letter to this user."""
    said = {"user": user.id, "email": _email(user, purpose), "state": _state(secret, purpose, user)}
    return str(_serializer(secret, clock, purpose).dumps(said))


def named(secret: bytes, clock: Callable[[], float], purpose: Purpose, token: str) -> str | None:
    """The id of the user whom a living token of this purpose names; None for any other text."""
    try:
        said = _serializer(secret, clock, purpose).loads(token, max_age=_SECONDS[purpose])
    except BadData:
        return None
    return str(said["user"])


def check(secret: bytes, clock: Callable[[], float], purpose: Purpose, token: str, user: User | None) -> User:
    """The user, if the token is of this purpose, names it and nothing was done with it since; Invalid `account.link`."""
    try:
        said = _serializer(secret, clock, purpose).loads(token, max_age=_SECONDS[purpose])
    except BadData:
        raise closed() from None
    if user is None or said["user"] != user.id or said["email"] != _email(user, purpose):
        raise closed()
    if not hmac.compare_digest(str(said["state"]), _state(secret, purpose, user)):
        raise closed()
    return user


def letter_link(
    users: Users, secret: bytes, clock: Callable[[], float], site: str, asked: SendAccountMail
) -> str | None:
    """The link in a letter that was asked for; None where there is nobody to write to, or no reason any more.

    What it holds stands after `#`: browsers keep that to themselves.
    """
    if asked.kind in (AccountMail.KNOWN, AccountMail.RESET):
        user, purpose, page = users.by_email(asked.email), Purpose.RESET, "reset"
    elif asked.kind is AccountMail.CLAIM:
        user, purpose, page = users.get(asked.user_id), Purpose.CLAIM, "verify"
    else:
        user, purpose, page = users.get(asked.user_id), Purpose.CONFIRM, "verify"
    if user is None or _email(user, purpose) != asked.email:
        return None
    if asked.kind is AccountMail.CHANGED:
        return f"{site}/reset"
    if asked.kind is AccountMail.CONFIRM and user.verified:
        return None
    return f"{site}/{page}#token={mail_token(secret, clock, purpose, user)}"


def closed() -> Invalid:
    """The one answer about links that are forged, used, overtaken or too old."""
    return Invalid(
        "account.link", "This link is not valid, was used already or has expired; ask for a new one."
    )


def _email(user: User, purpose: Purpose) -> str | None:
    return user.claimed_email if purpose is Purpose.CLAIM else user.email


def _state(secret: bytes, purpose: Purpose, user: User) -> str:
    facts = repr((purpose.value, user.email, user.email_verified_at, user.claimed_email, user.password_hash))
    return hmac.new(secret, facts.encode(), hashlib.sha256).hexdigest()[:32]


def _serializer(secret: bytes, clock: Callable[[], float], purpose: Purpose) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        secret, salt=f"ecodml mail link v1 {purpose}", signer=_Clocked, signer_kwargs={"clock": clock}
    )
