"""Signing in with a wallet, signing out, and who is signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from backend.api import auth
from backend.api.account_requests import LoginRequest
from backend.api.account_rules import user_of_wallet
from backend.api.parts import ApiParts
from backend.api.schemas import body
from backend.api.wallet_text import verify
from backend.domain.user import User
from backend.errors import Recoverable
from backend.ports import Roles, Session


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/auth/nonce, /api/auth/login, /api/auth/logout; GET /api/auth/session."""
    routes = Blueprint("sessions", __name__, url_prefix="/api/auth")

    @routes.post("/nonce")
    def nonce() -> dict[str, str]:
        return {"nonce": parts.sessions.new_nonce(parts.clock())}

    @routes.post("/login")
    def login() -> Response:
        asked = body(request, LoginRequest)
        address = verify(parts, asked.message, asked.signature)
        user = user_of_wallet(parts, address)
        if asked.cookie:
            return auth.begin(parts, jsonify({"address": address}), user, address)
        agent = request.user_agent.string[: auth.MAX_AGENT]
        return jsonify(
            {"token": parts.sessions.open(user.id, address, parts.clock(), agent), "address": address}
        )

    @routes.post("/logout")
    def logout() -> Response:
        parts.sessions.close(auth.signed_in(parts).token)
        return auth.end(parts, jsonify({"ok": True}))

    @routes.get("/session")
    def session() -> Response:
        found = auth.asking(parts)
        user = parts.users.get(found.session.user) if found else None
        if found is None or user is None:
            return auth.end(parts, jsonify({"user": None, "csrf": None}))
        csrf = auth.csrf_token(parts, found.session) if found.by_cookie else None
        return jsonify({"user": user_json(parts, user, found.session), "csrf": csrf})

    return routes


def user_json(parts: ApiParts, user: User, session: Session) -> dict[str, Any]:
    """A user as it sees itself. `email` is the one it has, else the one it asked for."""
    address = auth.acting(session, user)
    roles = _roles(parts, address)
    return {
        "id": user.id,
        "email": user.email or user.claimed_email,
        "email_verified": user.verified,
        "claimed_email": user.claimed_email,
        "has_password": user.password_hash is not None,
        "wallets": list(user.wallets),
        "address": address,
        "roles": {"arbiter": roles.arbiter, "admin": roles.admin},
    }


def _roles(parts: ApiParts, address: str | None) -> Roles:
    """What the market chain lets a wallet do; nothing while it does not answer, so that pages show all the same."""
    try:
        return parts.market.roles(address) if address else Roles()
    except Recoverable:
        return Roles()
