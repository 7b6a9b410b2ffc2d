"""Who is asking: a session by its bearer token (command lines) or by its cookie (browsers), and what else a cookie needs.

A browser sends its cookie whoever wrote the page that asks. So a request that changes something and comes by cookie must
also carry the session's own token in `X-CSRF-Token`, and no such request may come from another site's page.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request

from backend.api.errors import SignedOut
from backend.api.parts import ApiParts
from backend.config import Settings
from backend.domain.password import LONGEST, plain
from backend.domain.user import User
from backend.errors import Forbidden
from backend.ports import Session

CSRF_HEADER = "X-CSRF-Token"
MAX_TOKEN = 200
MAX_AGENT = 200
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_CSRF_PURPOSE = b"ecodml csrf v1|"


@dataclass(frozen=True)
class Asking:
    """A session that lives, the token it was found by, and whether that came in the cookie."""

    session: Session
    token: str
    by_cookie: bool


def asking(parts: ApiParts) -> Asking | None:
    """The session of this request, None where it has none that lives."""
    token, by_cookie = _presented(parts.settings)
    session = parts.sessions.find(token, parts.clock()) if token else None
    return Asking(session, token, by_cookie) if session else None


def signed_in(parts: ApiParts) -> Asking:
    """The session of this request; SignedOut `auth.required` or `auth.expired`."""
    found = asking(parts)
    if found is not None:
        return found
    if _presented(parts.settings)[0]:
        raise SignedOut("auth.expired", "This session has ended; sign in again.")
    raise SignedOut(
        "auth.required",
        "Sign in first: this needs a session's cookie or the header `Authorization: Bearer TOKEN`.",
    )


def person(parts: ApiParts) -> User:
    """Who is signed in; SignedOut."""
    return user_of(parts, signed_in(parts).session)


def user_of(parts: ApiParts, session: Session) -> User:
    """A session's user; SignedOut `auth.expired` where there is no such account any more."""
    user = parts.users.get(session.user)
    if user is None:
        raise SignedOut("auth.expired", "This session has ended; sign in again.")
    return user


def acting(session: Session, user: User) -> str | None:
    """The wallet that a session acts for: only one that is still its user's."""
    return session.address if session.address in user.wallets else None


def wallets(parts: ApiParts) -> tuple[str, ...]:
    """Checksum addresses of who is signed in, all of them; SignedOut."""
    return person(parts).wallets


def customer(parts: ApiParts) -> str:
    """Checksum address that the session acts for; SignedOut, Forbidden `account.no_wallet`."""
    session = signed_in(parts).session
    address = acting(session, user_of(parts, session))
    if address is None:
        raise Forbidden(
            "account.no_wallet", "This needs a wallet: link one to your account, or choose which one to use."
        )
    return address


def typed(password: str) -> str:
    """A password as it is hashed; one that is longer than any can be stays wrong and costs no more."""
    return plain(password[: LONGEST + 1])


def csrf_token(parts: ApiParts, session: Session) -> str:
    """What requests by this session's cookie carry to show that our own page sent them."""
    return hmac.new(parts.secret, _CSRF_PURPOSE + session.id.encode(), hashlib.sha256).hexdigest()


def guard(parts: ApiParts) -> None:
    """Before every request: Forbidden `auth.origin` or `auth.csrf` for what another site's page may have sent."""
    changes = request.method not in SAFE_METHODS and request.path.startswith("/api/")
    if not changes or "Authorization" in request.headers:
        return
    if not own_origin(parts.settings):
        raise Forbidden("auth.origin", "This request comes from another site's page.")
    found = asking(parts)
    if found is None:
        return
    carried = request.headers.get(CSRF_HEADER, "").encode()
    if not hmac.compare_digest(carried, csrf_token(parts, found.session).encode()):
        raise Forbidden(
            "auth.csrf", f"This request lacks its session's {CSRF_HEADER}: load the page again and repeat it."
        )


def own_origin(settings: Settings) -> bool:
    """Whether this request comes from a page of this site, or from no page at all."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in (urlsplit(settings.api_url).netloc, request.host)


def begin(parts: ApiParts, answer: Response, user: User, address: str | None) -> Response:
    """`answer` with the cookie of a new session; the one that the browser had ends, so none is ever taken over."""
    before = asking(parts)
    if before is not None and before.by_cookie:
        parts.sessions.close(before.token)
    at = parts.clock()
    token = parts.sessions.open(user.id, address, at, request.user_agent.string[:MAX_AGENT])
    session = parts.sessions.find(token, at)
    answer.set_cookie(
        cookie_name(parts.settings),
        token,
        max_age=int(session.until - at) if session else None,
        **_cookie(parts.settings),
    )
    return answer


def end(parts: ApiParts, answer: Response) -> Response:
    """`answer` with the cookie taken away."""
    answer.delete_cookie(cookie_name(parts.settings), **_cookie(parts.settings))
    return answer


def cookie_name(settings: Settings) -> str:
    """Over HTTPS bound to this very host; else told apart by port, which cookies do not do themselves."""
    site = urlsplit(settings.api_url)
    return "__Host-ecodml" if site.scheme == "https" else f"ecodml-{site.port or 80}"


def _cookie(settings: Settings) -> dict[str, Any]:
    secure = urlsplit(settings.api_url).scheme == "https"
    return {"path": "/", "httponly": True, "samesite": "Lax", "secure": secure}


def _presented(settings: Settings) -> tuple[str, bool]:
    header = request.headers.get("Authorization")
    token = request.cookies.get(cookie_name(settings), "") if header is None else ""
    if header is not None and header.startswith("Bearer "):
        token = header.removeprefix("Bearer ")
    return (token if len(token) <= MAX_TOKEN else "", header is None)
