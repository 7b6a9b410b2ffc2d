"""The description itself: every rule of the application with its operation, in OpenAPI 3.1; served at GET /api/openapi.json."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Flask, current_app
from werkzeug.routing import Rule

from backend.api.auth import CSRF_HEADER, SAFE_METHODS, cookie_name
from backend.api.configuration import VERSION
from backend.api.openapi import answers, personal_operations, public_operations
from backend.api.openapi.operation import JSON, Operation, Who
from backend.api.openapi.shapes import ANY, TEXT, WORD, Schema, Shapes, ref
from backend.api.parts import ApiParts
from backend.api.schemas import FORMATS, MAX_CLASSES, MAX_COLUMNS, MAX_ROWS, PriceRequest, QuoteRequest
from backend.config import Settings
from backend.domain.spec import DatasetFacts, JobSpec
from backend.domain.spec_options import options

CSRF = "csrf"
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
_ADDRESS: Schema = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}
_INDEX: Schema = {"type": "string", "pattern": "^[0-9]+$"}
_IN_PATHS: dict[str, Schema] = {"job_id": WORD, "provider": _ADDRESS, "index": _INDEX, "number": _INDEX}
_REFUSALS = {
    400: "What was sent cannot be accepted.",
    401: "Sign in: there is no session, or it has ended.",
    403: "Not yours to do; for requests by cookie also `auth.csrf` and `auth.origin`.",
    404: "Nothing there, or nothing of yours.",
    409: "Already done, or changed.",
    413: "Larger than this address accepts.",
    414: "The request's address is too long.",
    416: "The range asked for is not within the object.",
    429: "Too many requests: `Retry-After` says how long to wait.",
    431: "The request's headers are too long.",
    503: "Try again later; nothing was lost.",
}
_TELLING = """Amounts are wei as decimal strings, times Unix seconds. A request with an unknown field, a missing one or one of
the wrong type is refused, and a refusal is always `{"error": {"code", "message", "request"}}`. Every GET may be a HEAD. What
needs a session takes it as bearer token, or by a browser's cookie; a request that changes something by cookie also carries the
session's own token in `X-CSRF-Token`. Sockets and the words used are described in docs/api.md."""


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/openapi.json."""
    routes = Blueprint("description", __name__)
    made: list[dict[str, Any]] = []

    @routes.get("/api/openapi.json")
    def document() -> dict[str, Any]:
        if not made:
            made.append(described(current_app, parts.settings))
        return made[0]

    return routes


def described(app: Flask, settings: Settings) -> dict[str, Any]:
    """The whole document; KeyError for a route without an operation, or an operation without a route."""
    shapes = Shapes()
    answers.keep_all(shapes)
    operations = public_operations.operations(shapes) | personal_operations.operations(shapes)
    bodies = _bodies(shapes, operations)
    paths: dict[str, dict[str, Any]] = {}
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    for rule in rules:
        operation = operations[rule.endpoint]
        for method in _methods(rule):
            paths.setdefault(_path(rule), {})[method.lower()] = _told(rule, method, operation, bodies)
    unrouted = operations.keys() - {rule.endpoint for rule in rules}
    if unrouted:
        raise KeyError(f"operations without a route: {sorted(unrouted)}")
    return {
        "openapi": "3.1.0",
        "info": {"title": "EcoDML", "version": VERSION, "description": " ".join(_TELLING.split())},
        "servers": [{"url": settings.api_url}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(shapes.named.items())),
            "responses": {str(status): _refusal(status) for status in _REFUSALS},
            "securitySchemes": _schemes(settings),
        },
    }


def _methods(rule: Rule) -> list[str]:
    """Those that are the rule's own: HEAD and OPTIONS come with every GET."""
    own = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return own or sorted(rule.methods or ())


def _path(rule: Rule) -> str:
    return _ARGUMENT.sub(r"{\1}", rule.rule)


def _told(rule: Rule, method: str, operation: Operation, bodies: dict[type, Schema]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{method.lower()} {_path(rule)}",
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": operation.summary,
        "x-who": operation.who.value,
        "security": _security(operation.who, method),
        "responses": {str(status): _answer(operation, schema) for status, schema in operation.answers.items()}
        | {
            str(status): {"$ref": f"#/components/responses/{status}"}
            for status in _refused(rule, operation, method)
        },
    }
    parameters = [
        _parameter("path", name, _IN_PATHS.get(name, TEXT)) for name in _ARGUMENT.findall(rule.rule)
    ]
    parameters += [_parameter("query", name, schema) for name, schema in operation.query.items()]
    parameters += [_parameter("header", name, schema) for name, schema in operation.headers.items()]
    if parameters:
        told["parameters"] = parameters
    if operation.takes is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": bodies[operation.takes]}}}
    elif method == "PUT":
        told["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": ANY}}}
    return told


def _parameter(where: str, name: str, schema: Schema) -> dict[str, Any]:
    return {"in": where, "name": name, "required": where == "path", "schema": schema}


def _answer(operation: Operation, schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"description": operation.summary}
    media = JSON if operation.answers.keys() >= {201, 308} else operation.media
    return {"description": operation.summary, "content": {media: {"schema": schema}}}


def _refusal(status: int) -> dict[str, Any]:
    return {"description": _REFUSALS[status], "content": {JSON: {"schema": ref("Error")}}}


def _refused(rule: Rule, operation: Operation, method: str) -> list[int]:
    """The refusals that follow from who may call it and what it takes, with its own."""
    found = {*operation.refuses, 414, 431}
    inside = rule.rule.startswith("/api/")
    if inside:
        found |= {429, 503}
        if method not in SAFE_METHODS:
            found.add(403)
    if operation.who in (Who.SESSION, Who.WALLET, Who.OVERSEER, Who.LINK):
        found |= {401}
    if operation.who in (Who.WALLET, Who.OVERSEER, Who.HOLDER, Who.SIGNED) and method != "OPTIONS":
        found |= {403, 404} if "<" in rule.rule else {403}
    if operation.takes is not None or method == "PUT":
        found |= {400, 413}
    if operation.query or (inside and "<" in rule.rule):
        found.add(400)
    if "<" in rule.rule:
        found.add(404)
    return sorted(found)


def _security(who: Who, method: str) -> list[dict[str, list[str]]]:
    """Alternatives, each a set of what must come together."""
    by_cookie: dict[str, list[str]] = {"session": []}
    if method not in SAFE_METHODS:
        by_cookie[CSRF] = []
    session: list[dict[str, list[str]]] = [{"bearer": []}, by_cookie]
    match who:
        case Who.SESSION | Who.WALLET | Who.OVERSEER:
            return session
        case Who.LINK:
            return [*session, {"link": []}]
        case Who.HOLDER:
            return [{"link": []}]
        case Who.SIGNED if method != "OPTIONS":
            return [{"signature": []}]
        case _:
            return []


def _schemes(settings: Settings) -> dict[str, Any]:
    return {
        "bearer": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie_name(settings)},
        CSRF: {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
        "link": {"type": "apiKey", "in": "query", "name": "token"},
        "signature": {"type": "apiKey", "in": "query", "name": "sig"},
    }


def _bodies(shapes: Shapes, operations: dict[str, Operation]) -> dict[type, Schema]:
    """What requests carry, by dataclass. A specification in a request may leave out every field."""
    inside = {"dataset": _dataset(shapes), "spec": shapes.asked(JobSpec, **_options())}
    kinds = {operation.takes for operation in operations.values() if operation.takes is not None}
    return {
        kind: shapes.asked(kind, **(inside if kind in (PriceRequest, QuoteRequest) else {}))
        for kind in sorted(kinds, key=lambda kind: kind.__name__)
    }


def _options() -> dict[str, Schema]:
    """What may be chosen in a specification: words and bounds. A learning rate and a noise of 0 say "the usual" and "none"."""
    told: dict[str, Schema] = {}
    for name, option in options().items():
        if "choices" in option:
            told[name] = {"enum": option["choices"]}
        elif "min" in option:
            least = 0 if name in ("learning_rate", "privacy_noise") else option["min"]
            kind = "integer" if isinstance(option["default"], int) else "number"
            told[name] = {"type": kind, "minimum": least, "maximum": option["max"]}
    return told


def _dataset(shapes: Shapes) -> Schema:
    positive: Schema = {"type": "integer", "minimum": 1}
    return shapes.asked(
        DatasetFacts,
        format={"enum": list(FORMATS)},
        sha256={"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
        size=positive,
        rows=positive | {"maximum": MAX_ROWS},
        columns=positive | {"maximum": MAX_COLUMNS},
        classes={"type": "array", "items": TEXT, "minItems": 2, "maxItems": MAX_CLASSES, "uniqueItems": True},
        input_shape={"type": "array", "items": positive, "minItems": 1, "maxItems": 3},
    )
