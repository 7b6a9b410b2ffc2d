"""How often requests may come, by address and by account: the one table. Sockets are no requests and have no limit here.

What is guessed at (passwords, mail links) is slow for each account from wherever it comes; what costs us (hashes, letters, coins,
quotes, reading chains) is slow for each address.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.api import auth
from backend.api.parts import ApiParts
from backend.config import Settings

GENERAL = (1_200, 60)
"""(requests, seconds) of one address to everything but files: pages that watch ask often, and offices share one."""
UNLIMITED = ("/static/", "/vendor/", "/objects/", "/metrics", "/api/health")
MAX_READ = 10_000
ALONE = "memory://"


@dataclass(frozen=True)
class Rule:
    """At most `count` in `seconds`, by `address`, by `account` (the request's e-mail or mail link), or by `person` signed in."""

    by: str
    count: int
    seconds: int


RULES: dict[str, tuple[Rule, ...]] = {
    "sessions.nonce": (Rule("address", 60, 60),),
    "sessions.login": (Rule("address", 30, 60),),
    "sign_up.sign_up": (Rule("address", 10, 3_600), Rule("account", 3, 3_600)),
    "sign_up.verify": (Rule("address", 30, 600), Rule("account", 10, 600)),
    "passwords.sign_in": (Rule("address", 30, 600), Rule("account", 10, 600)),
    "passwords.forgot": (Rule("address", 10, 3_600), Rule("account", 3, 3_600)),
    "passwords.reset": (Rule("address", 30, 600), Rule("account", 10, 600)),
    "account.claim": (Rule("address", 20, 3_600), Rule("person", 5, 3_600), Rule("account", 3, 3_600)),
    "account.password": (Rule("address", 30, 600), Rule("person", 10, 600)),
    "account.link": (Rule("person", 30, 600),),
    "invitations.invited": (Rule("person", 30, 60),),
    "invitations.answered": (Rule("address", 60, 60),),
    "job_audits.audited": (Rule("address", 60, 60),),
    "job_audits.checked": (Rule("address", 60, 60),),
    "job_events.events": (Rule("address", 240, 60),),
    "faucet.faucet": (Rule("address", 20, 600),),
    "quotes.quotes": (Rule("person", 60, 60),),
    "quotes.prices": (Rule("address", 120, 60),),
}


def register(app: Flask, parts: ApiParts) -> None:
    """Hold requests to the table; a setting multiplies all of it, 0 is no limit."""
    settings = parts.settings
    if settings.trusted_proxies:
        n = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    if settings.rate_limit_factor <= 0:
        return
    storage = settings.rate_limit_storage or settings.queue_url or ALONE
    limiter = Limiter(
        _address,
        app=app,
        storage_uri=storage,
        # While the others cannot be asked, each process counts for itself.
        in_memory_fallback_enabled=storage != ALONE,
        strategy="moving-window",
        headers_enabled=True,
        application_limits=[_told(settings, *GENERAL)],
        application_limits_exempt_when=lambda: request.path.startswith(UNLIMITED),
        swallow_errors=True,
    )
    keys = {"address": _address, "account": _account, "person": lambda: _person(parts)}
    for endpoint, rules in RULES.items():
        for rule in rules:
            limit = limiter.limit(_told(settings, rule.count, rule.seconds), key_func=keys[rule.by])
            view: Any = app.view_functions[endpoint]
            app.view_functions[endpoint] = limit(view)


def _told(settings: Settings, count: int, seconds: int) -> str:
    return f"{max(1, round(count * settings.rate_limit_factor))} per {seconds} second"


def _address() -> str:
    return request.remote_addr or "nobody"


def _account() -> str:
    """The account that a request speaks of, by a hash: nobody's address lies about in a counter."""
    small = (request.content_length or 0) <= MAX_READ
    try:
        said: Any = json.loads(request.get_data()) if small else None
    except (ValueError, RecursionError):
        said = None
    named = str(said.get("email") or said.get("token")) if isinstance(said, dict) else ""
    return hashlib.sha256(named.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()


def _person(parts: ApiParts) -> str:
    found = auth.asking(parts)
    return found.session.user if found else _address()
