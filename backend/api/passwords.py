"""Signing in with e-mail and password, and setting a forgotten one anew.

An unknown address and a wrong password look alike, and take as long.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from backend.api import auth
from backend.api.account_requests import EmailAndPassword, EmailRequest, ResetRequest
from backend.api.account_rules import write_to
from backend.api.mail_tokens import Purpose, check, closed, named
from backend.api.parts import ApiParts
from backend.api.schemas import body, email_of
from backend.domain.effects import AccountMail
from backend.domain.password import acceptable
from backend.domain.user import User, plain_email, verified, with_password
from backend.errors import Forbidden


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/auth/sign-in, /api/auth/forgot and /api/auth/reset."""
    routes = Blueprint("passwords", __name__, url_prefix="/api/auth")

    @routes.post("/sign-in")
    def sign_in() -> Response:
        asked = body(request, EmailAndPassword)
        user = parts.users.by_email(plain_email(asked.email))
        right = parts.passwords.verify(user.password_hash if user else None, auth.typed(asked.password))
        if user is None or not right:
            raise Forbidden("auth.password", "The e-mail address or the password is not right.")
        if not user.verified:
            write_to(parts, AccountMail.CONFIRM, str(user.email), user.id)
            raise Forbidden(
                "account.unconfirmed", "Open the link in our letter first: we have just sent it again."
            )
        _rehash(parts, user, auth.typed(asked.password))
        return auth.begin(parts, jsonify({"ok": True}), user, user.wallets[0] if user.wallets else None)

    @routes.post("/forgot")
    def forgot() -> tuple[dict[str, bool], int]:
        write_to(parts, AccountMail.RESET, email_of(body(request, EmailRequest).email))
        return {"ok": True}, 202

    @routes.post("/reset")
    def reset() -> Response:
        asked = body(request, ResetRequest)
        user_id = named(parts.secret, parts.clock, Purpose.RESET, asked.token)
        known = check(
            parts.secret,
            parts.clock,
            Purpose.RESET,
            asked.token,
            parts.users.get(user_id) if user_id else None,
        )
        password_hash = parts.passwords.hash(acceptable(asked.password, known.email))

        def renewed(now: User) -> User:
            if now.password_hash != known.password_hash or now.email != known.email:
                raise closed()  # the same link, used twice at the same moment
            return verified(with_password(now, password_hash), parts.clock())

        user = parts.users.change(known.id, renewed)
        parts.sessions.end(user.id)
        write_to(parts, AccountMail.CHANGED, str(user.email), user.id)
        return auth.begin(parts, jsonify({"ok": True}), user, user.wallets[0] if user.wallets else None)

    return routes


def _rehash(parts: ApiParts, user: User, password: str) -> None:
    """Keep a password under today's parameters, now that it is known."""
    if user.password_hash is not None and parts.passwords.outdated(user.password_hash):
        anew = parts.passwords.hash(password)
        parts.users.change(
            user.id,
            lambda now: with_password(now, anew) if now.password_hash == user.password_hash else now,
        )
