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
from backend.api.request_ids import HEADER


def refusal(error: Exception, request_id: str) -> bytes | None:
    """The whole answer, which names the request, after which the connection is closed; None for what is no such request's fault."""
    match error:
        case ConfigurationProblem() | InvalidResponseHeader() | InvalidResponseHeaderName():
            return None
        case LimitRequestLine():
            return _answer(
                HTTPStatus.REQUEST_URI_TOO_LONG,
                "request.long_address",
                "The request's address is too long.",
                request_id,
            )
        case LimitRequestHeaders():
            return _answer(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                "request.long_headers",
                "The request's headers are too long.",
                request_id,
            )
        case ParseException():
            return _answer(
                HTTPStatus.BAD_REQUEST,
                "request.http",
                "That is not a request in HTTP that is understood here.",
                request_id,
            )
        case _:
            return None


def _answer(status: HTTPStatus, code: str, message: str, request_id: str) -> bytes:
    body = json.dumps(body_of(code, message, request_id)).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
        f"{HEADER}: {request_id}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
