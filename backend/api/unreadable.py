"""Requests that never reach the application, being no HTTP or too long: refused as all others are, in JSON with a code."""

from __future__ import annotations

import json
from http import HTTPStatus

from gunicorn.http.errors import (
    ConfigurationProblem,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)

from backend.api.errors import body_of


def refusal(error: Exception) -> bytes | None:
    """The whole answer, after which the connection is closed; None for what is no such request's fault."""
    match error:
        case ConfigurationProblem() | InvalidResponseHeader() | InvalidResponseHeaderName():
            return None
        case LimitRequestLine():
            return _answer(
                HTTPStatus.REQUEST_URI_TOO_LONG, "request.long_address", "The request's address is too long."
            )
        case LimitRequestHeaders():
            return _answer(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "request.long_headers",
                "The request's headers are too long.",
            )
        case ParseException():
            return _answer(
                HTTPStatus.BAD_REQUEST,
                "request.http",
                "That is not a request in HTTP that is understood here.",
            )
        case _:
            return None


def _answer(status: HTTPStatus, code: str, message: str) -> bytes:
    body = json.dumps(body_of(code, message)).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
