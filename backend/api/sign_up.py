"""Signing up with an e-mail, and showing that it is one's own. Only a letter tells whether an address has an account."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from backend.api import auth
from backend.api.account_requests import EmailAndPassword, VerifyRequest
from backend.api.account_rules import confirm_claim, new_id, write_to
from backend.api.mail_tokens import Purpose, check, closed, named
from backend.api.parts import ApiParts
from backend.api.schemas import body, email_of
from backend.domain.effects import AccountMail
from backend.domain.password import acceptable
from backend.domain.user import User, verified
from backend.errors import Conflict, Forbidden


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/auth/sign-up and /api/auth/verify."""
    routes = Blueprint("sign_up", __name__, url_prefix="/api/auth")

    @routes.post("/sign-up")
    def sign_up() -> tuple[dict[str, bool], int]:
        asked = body(request, EmailAndPassword)
        email = email_of(asked.email)
        made = _made(parts, email, parts.passwords.hash(acceptable(asked.password, email)))
        write_to(parts, AccountMail.CONFIRM if made else AccountMail.KNOWN, email, made)
        return {"ok": True}, 202

    @routes.post("/verify")
    def verify() -> Response:
        asked = body(request, VerifyRequest)
        purpose, user = _linked(parts, asked.token)
        _check_own(parts, user, asked.password)
        if purpose is Purpose.CLAIM:
            user = confirm_claim(parts, user, str(user.claimed_email))
        else:
            user = parts.users.change(user.id, lambda now: verified(now, parts.clock()))
        answer = jsonify({"ok": True, "email": user.email})
        found = auth.asking(parts)
        if found is not None and found.session.user == user.id:
            return answer
        return auth.begin(parts, answer, user, user.wallets[0] if user.wallets else None)

    return routes


def _made(parts: ApiParts, email: str, password_hash: str) -> str:
    """The new account's id; "" where the address has one."""
    if parts.users.by_email(email) is not None:
        return ""
    user = User(new_id(), parts.clock(), email=email, password_hash=password_hash)
    try:
        parts.users.add(user)
    except Conflict:  # signed up twice at the same moment
        return ""
    return user.id


def _linked(parts: ApiParts, token: str) -> tuple[Purpose, User]:
    """What a letter's link confirms, and whose account it is about; Invalid `account.link`."""
    for purpose in (Purpose.CONFIRM, Purpose.CLAIM):
        user_id = named(parts.secret, parts.clock, purpose, token)
        if user_id is not None:
            user = check(parts.secret, parts.clock, purpose, token, parts.users.get(user_id))
            return purpose, user
    raise closed()


def _check_own(parts: ApiParts, user: User, password: str | None) -> None:
    """Who reads the mail must also be who asked for the letter: signed in to that account, or knowing its password.

    Else whoever signs up with somebody's address would have that one's click open an account whose password only the first knows.
    """
    found = auth.asking(parts)
    if found is not None and found.session.user == user.id:
        return
    if password is None:
        raise Forbidden(
            "account.password_needed", "Enter the password that you chose, to show that it was you."
        )
    if not parts.passwords.verify(user.password_hash, auth.typed(password)):
        raise Forbidden("auth.password", "The e-mail address or the password is not right.")
