"""Serving the API: gunicorn's threaded worker, in this process.

One process on purpose: the sockets' state lives in it, a fork would break the database client's threads,
and a kill leaves no orphan that holds the port and the nodes' connections.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from backend.api.app import build
from backend.api.parts import ApiParts
from backend.errors import Unrecoverable

LOG = structlog.get_logger(__name__)

THREADS = 128
BACKLOG = 1_024
CONNECTIONS = 2_000
KEEP_ALIVE_SECONDS = 75
STOP_SECONDS = 1


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask) -> None:
        self._app = app
        super().__init__()

    def load_config(self) -> None:
        """Settings of the one worker."""
        for name, value in {
            "threads": THREADS,
            "worker_connections": CONNECTIONS,
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": STOP_SECONDS,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The WSGI application."""
        return self._app


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        sentence = f"{host}:{port} cannot be listened on ({error.strerror}); is another API running there?"
        raise Unrecoverable("api.port", sentence) from error
    # Inherited by every connection: a task's few bytes must not wait for more.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class Server(ThreadWorker):  # type: ignore[misc]
    """Listens as soon as it is made; `init_process()` serves until `stop()`."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        application = _Application(app)
        log = Logger(application.cfg)
        listener = _listen(host, port)
        self.port: int = listener.getsockname()[1]
        super().__init__(0, os.getppid(), [listener], application, 0, application.cfg, log)

    def init_signals(self) -> None:
        """Signals are the caller's business."""

    def stop(self) -> None:
        """Stop serving; open sockets are given a moment."""
        self.handle_exit(None, None)


def serve(parts: ApiParts) -> None:
    """Serve until SIGTERM or SIGINT, then end the process: threads that wait on sockets would hold it up."""
    api = build(parts)
    server = Server(api.app, parts.settings.api_host, parts.settings.api_port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    api.background.start()
    LOG.info("api.ready", host=parts.settings.api_host, port=server.port)
    server.init_process()
    api.background.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
