"""Refusals leave as `{"error": {"code", "message", "request"}}`; a bug leaves a trace in the log, none on the wire."""

from __future__ import annotations

import math

import structlog
from flask import Flask, Response, jsonify
from flask_limiter.errors import RateLimitExceeded
from werkzeug.exceptions import HTTPException

from backend.api import request_ids
from backend.errors import EcoError, Forbidden

LOG = structlog.get_logger(__name__)
_SENTENCES = {
    404: ("request.unknown", "There is nothing at this address."),
    405: ("request.method", "This address does not take that method."),
    413: ("request.too_large", "The request is larger than this address accepts."),
    416: ("request.range", "The range asked for is not within the object."),
}


class SignedOut(Forbidden):
    """The request carries no session, or one that ended (HTTP 401)."""

    status = 401


def body_of(code: str, message: str, request_id: str = "") -> dict[str, dict[str, str]]:
    """The JSON of a refusal; of a request's with its id."""
    named = {"request": request_id} if request_id else {}
    return {"error": {"code": code, "message": message, **named}}


def register(app: Flask) -> None:
    """Answer errors as JSON."""
    app.register_error_handler(EcoError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _bug)


def _answer(code: str, message: str, status: int) -> Response:
    response = jsonify(body_of(code, message, request_ids.current()))
    response.status_code = status
    return response


def _refused(error: EcoError) -> Response:
    if error.status >= 500:
        LOG.warning("request_failed", code=error.code)
    answer = _answer(error.code, error.message, error.status)
    if error.status == SignedOut.status:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, message = _SENTENCES.get(status, ("request.refused", error.name + "."))
    if isinstance(error, RateLimitExceeded):
        minutes = math.ceil(error.limit.limit.get_expiry() / 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        code, message = "request.too_many", f"Too many requests: try again in {wait} at the latest."
    answer = _answer(code, message, status)
    # What would have been possible: `Allow` of a 405, `Content-Range` of a 416.
    answer.headers.extend(
        (name, value) for name, value in error.get_headers() if name in ("Allow", "Content-Range")
    )
    return answer


def _bug(error: Exception) -> Response:
    LOG.error("request_crashed", exc_info=error)
    return _answer(
        "server.bug", "Something went wrong on the server; nothing was changed by this request.", 500
    )
