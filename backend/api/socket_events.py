"""Events are answered with `{"ok": true, ...}` or `{"ok": false, "code", "message"}`, never a stack trace."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from flask import request
from flask_socketio import SocketIO

from backend.errors import EcoError, Invalid
from backend.log import about

LOG = structlog.get_logger(__name__)

Handler = Callable[[dict[str, Any]], dict[str, Any] | None]


def refused(code: str, message: str) -> dict[str, Any]:
    """A refusal, as events are answered with."""
    return {"ok": False, "code": code, "message": message}


def on_event(socketio: SocketIO, namespace: str, name: str) -> Callable[[Handler], Handler]:
    """Register a handler that takes one JSON object; its EcoErrors become refusals, None a bare ok."""

    def register(handler: Handler) -> Handler:
        @wraps(handler)
        def answered(*args: Any) -> dict[str, Any]:
            try:
                with about(socket=str(getattr(request, "sid", "")), what=name):
                    return {"ok": True} | (handler(_payload(args)) or {})
            except EcoError as error:
                return refused(error.code, error.message)

        socketio.on_event(name, answered, namespace=namespace)
        return handler

    return register


def guard(socketio: SocketIO, namespace: str) -> None:
    """Refuse events that the namespace does not know, and keep bugs in handlers off the wire."""

    def unknown(name: str, *_: Any) -> dict[str, Any]:
        return refused("event.unknown", f"There is no event {str(name)[:40]!r} here.")

    def bug(error: Exception) -> dict[str, Any]:
        LOG.error("event_crashed", namespace=namespace, exc_info=error)
        return refused("server.bug", "Something went wrong on the server; nothing was changed by this event.")

    socketio.on_event("*", unknown, namespace=namespace)
    socketio.on_error(namespace)(bug)


def _payload(args: tuple[Any, ...]) -> dict[str, Any]:
    if len(args) == 0:
        return {}
    if len(args) != 1 or not isinstance(args[0], dict):
        raise Invalid("event.payload", "An event carries one JSON object.")
    return args[0]
