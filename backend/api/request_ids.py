"""Every request has an id: in what is logged meanwhile, in the answer's `X-Request-Id`, and in a refusal's JSON.

One that a trusted proxy gives is kept, so that its log and ours name the same.
"""

from __future__ import annotations

import re
import secrets

import structlog
from flask import Flask, Response, g, request

from backend.config import Settings

HEADER = "X-Request-Id"
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


def register(app: Flask, settings: Settings) -> None:
    """Name requests; before everything else that looks at them."""

    @app.before_request
    def name() -> None:
        given = request.headers.get(HEADER, "") if settings.trusted_proxies else ""
        g.request_id = given if _ID.fullmatch(given) else new()
        g.bound = structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def tell(response: Response) -> Response:
        if current():
            response.headers.setdefault(HEADER, current())
        return response

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        if "bound" in g:
            structlog.contextvars.reset_contextvars(**g.pop("bound"))


def new() -> str:
    """An id that no other request has."""
    return secrets.token_hex(8)


def current() -> str:
    """The present request's id; empty where a request was refused before it had one."""
    return str(g.get("request_id", ""))
