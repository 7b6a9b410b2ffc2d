"""What people do with their own account: e-mail, password, wallets, sessions."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.api import auth
from backend.api.account_requests import (
    AddressRequest,
    EmailRequest,
    LinkRequest,
    PasswordRequest,
    SessionRequest,
)
from backend.api.account_rules import link_wallet, write_to
from backend.api.parts import ApiParts
from backend.api.schemas import account, body, email_of
from backend.api.wallet_text import verify
from backend.domain.effects import AccountMail
from backend.domain.password import acceptable
from backend.domain.user import claiming, unlinked, with_password
from backend.errors import Conflict, Forbidden, NotFound


def blueprint(parts: ApiParts) -> Blueprint:
    """Everything under /api/account; all of it needs a session."""
    routes = Blueprint("account", __name__, url_prefix="/api/account")

    @routes.post("/email")
    def claim() -> tuple[dict[str, bool], int]:
        user, email = auth.person(parts), email_of(body(request, EmailRequest).email)
        after = parts.users.change(user.id, lambda now: claiming(now, email))
        if after.claimed_email is not None:
            write_to(parts, AccountMail.CLAIM, email, user.id)
        return {"ok": True}, 202

    @routes.post("/password")
    def password() -> Response:
        asked, found = body(request, PasswordRequest), auth.signed_in(parts)
        user = auth.user_of(parts, found.session)
        email = user.email or user.claimed_email
        if email is None:
            raise Conflict("account.no_email", "Add an e-mail address first: a password goes with one.")
        if user.password_hash is not None and not parts.passwords.verify(
            user.password_hash, auth.typed(asked.current or "")
        ):
            raise Forbidden("account.password", "The present password is not right.")
        anew = parts.passwords.hash(acceptable(asked.password, email))
        user = parts.users.change(user.id, lambda now: with_password(now, anew))
        parts.sessions.end(user.id, but=found.session.id)
        if user.verified:
            write_to(parts, AccountMail.CHANGED, str(user.email), user.id)
        answer = jsonify({"ok": True})
        return auth.begin(parts, answer, user, found.session.address) if found.by_cookie else answer

    @routes.post("/wallets")
    def link() -> dict[str, Any]:
        asked, found = body(request, LinkRequest), auth.signed_in(parts)
        user = auth.user_of(parts, found.session)
        address = verify(parts, asked.message, asked.signature, links_to=user.id)
        after = link_wallet(parts, user, address)
        if auth.acting(found.session, user) is None:
            parts.sessions.act_for(found.session.id, address)
        return {"wallets": list(after.wallets)}

    @routes.post("/wallets/unlink")
    def unlink() -> dict[str, Any]:
        address, found = account(body(request, AddressRequest).address), auth.signed_in(parts)
        after = parts.users.change(found.session.user, lambda now: unlinked(now, address))
        parts.sessions.end(after.id, but=found.session.id, address=address)
        if found.session.address == address:
            parts.sessions.act_for(found.session.id, after.wallets[0] if after.wallets else None)
        return {"wallets": list(after.wallets)}

    @routes.post("/wallets/use")
    def use() -> dict[str, Any]:
        address, found = account(body(request, AddressRequest).address), auth.signed_in(parts)
        if address not in auth.user_of(parts, found.session).wallets:
            raise NotFound("account.no_such_wallet", "This wallet is not linked to your account.")
        parts.sessions.act_for(found.session.id, address)
        return {"address": address}

    @routes.get("/sessions")
    def sessions() -> dict[str, Any]:
        mine = auth.signed_in(parts).session
        return {
            "sessions": [
                {
                    "id": session.id,
                    "current": session.id == mine.id,
                    "opened": session.opened,
                    "until": session.until,
                    "agent": session.agent,
                    "address": session.address,
                }
                for session in parts.sessions.of(mine.user, parts.clock())
            ]
        }

    @routes.post("/sessions/end")
    def end() -> dict[str, bool]:
        asked, mine = body(request, SessionRequest), auth.signed_in(parts).session
        if not parts.sessions.end(mine.user, only=asked.id):
            raise NotFound("account.no_such_session", "This session has ended already.")
        return {"ok": True}

    @routes.post("/sessions/end-all")
    def end_all() -> Response:
        parts.sessions.end(auth.signed_in(parts).session.user)
        return auth.end(parts, jsonify({"ok": True}))

    return routes
