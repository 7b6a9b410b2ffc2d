"""Serving the API: gunicorn's threaded worker, in this process.

One process on purpose: the sockets' state lives in it, a fork would break the database client's threads,
and a kill leaves no orphan that holds the port and the nodes' connections.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

import structlog
from flask import Flask
from gunicorn import sock
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from backend.api.app import build
from backend.api.parts import ApiParts
from backend.errors import Unrecoverable

LOG = structlog.get_logger(__name__)

THREADS = 128
CONNECTIONS = 2_000
KEEP_ALIVE_SECONDS = 75
STOP_SECONDS = 1


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._app = app
        self._bind = f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """Settings of the one worker."""
        for name, value in {
            "bind": self._bind,
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


class Server(ThreadWorker):  # type: ignore[misc]
    """Listens as soon as it is made; `init_process()` serves until `stop()`."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        application = _Application(app, host, port)
        log = Logger(application.cfg)
        try:
            sockets = sock.create_sockets(application.cfg, log)
        except SystemExit as error:
            raise Unrecoverable(
                "api.port", f"{host}:{port} cannot be listened on; is another API running there?"
            ) from error
        self.port: int = sockets[0].getsockname()[1]
        super().__init__(0, os.getppid(), sockets, application, 0, application.cfg, log)

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
