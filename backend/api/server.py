"""Serving the API: gunicorn's threaded worker, in this process.

One process on purpose: the sockets' state lives in it, a fork would break the database client's threads,
and a kill leaves no orphan that holds the port and the nodes' connections.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from backend.api import pace, request_ids
from backend.api.app import build
from backend.api.parts import ApiParts
from backend.api.tls import ServedCertificate
from backend.api.unreadable import refusal
from backend.config import Settings
from backend.errors import Unrecoverable

LOG = structlog.get_logger(__name__)

THREADS = 128
BACKLOG = 1_024
WAITING = 1_000
"""Connections beside those that are served: kept alive, or waiting for a thread."""
KEEP_ALIVE_SECONDS = 75
UNREAD_SECONDS = 60.0
"""How long the other side of a connection may take in nothing of what was sent, before it is hung up on."""
STOP_SECONDS = 1


class _Application(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, threads: int, certificate: ServedCertificate | None) -> None:
        self._app = app
        self._threads = threads
        self._certificate = certificate
        super().__init__()

    def load_config(self) -> None:
        """Settings of the one worker."""
        for name, value in {
            "threads": self._threads,
            "worker_connections": self._threads + WAITING,
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": STOP_SECONDS,
            "loglevel": "warning",
        }.items():
            self.cfg.set(name, value)
        if (certificate := self._certificate) is not None:

            def context(_config: Any, _usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
                return certificate.context()

            self.cfg.set("certfile", "given by ssl_context")  # it says that connections are encrypted
            self.cfg.set("ssl_context", context)

    def load(self) -> Any:
        """The WSGI application."""
        return self._app


def _listen(host: str, port: int, unread: float) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        sentence = f"{host}:{port} cannot be listened on ({error.strerror}); is another API running there?"
        raise Unrecoverable("api.port", sentence) from error
    # Inherited by every connection: a task's few bytes must not wait for more.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # RFC 5482; tcp(7): also while the receiver's window stays shut. An answer that nobody reads holds a thread.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(unread * 1_000))
    return listener


class Server(ThreadWorker):  # type: ignore[misc]
    """Listens as soon as it is made; `init_process()` serves until `stop()`."""

    def __init__(
        self,
        app: Flask,
        host: str,
        port: int,
        threads: int = THREADS,
        certificate: ServedCertificate | None = None,
        grace: float = pace.GRACE_SECONDS,
        rate: float = pace.BYTES_PER_SECOND,
        unread: float = UNREAD_SECONDS,
    ) -> None:
        self._pace = grace, rate
        application = _Application(app, threads, certificate)
        log = Logger(application.cfg)
        listener = _listen(host, port, unread)
        self.port: int = listener.getsockname()[1]
        super().__init__(0, os.getppid(), [listener], application, 0, application.cfg, log)

    def handle(self, conn: Any) -> Any:
        """A connection's next request, which must come at a pace."""
        if conn.initialized:
            pace.keep(conn, *self._pace)
        elif "init" not in vars(conn):
            conn.init = partial(self._begin, conn, conn.init)
        return super().handle(conn)

    def _begin(self, conn: Any, init: Callable[[], None]) -> None:
        init()
        pace.keep(conn, *self._pace)

    def init_signals(self) -> None:
        """Signals are the caller's business."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer what went wrong; a line whose encryption failed, as when the other side refuses our certificate, is beyond it."""
        if isinstance(exc, ssl.SSLError):
            LOG.debug("api.encryption_failed", why=str(exc))
        elif (answer := refusal(exc, name := request_ids.new())) is not None:
            LOG.debug("api.unreadable", request=name, why=type(exc).__name__)
            with contextlib.suppress(OSError):  # it has hung up
                write_nonblock(client, answer)
        else:
            super().handle_error(req, client, addr, exc)

    def stop(self) -> None:
        """Stop serving; open sockets are given a moment."""
        self.handle_exit(None, None)


def served_certificate(settings: Settings) -> ServedCertificate | None:
    """What the API speaks HTTPS with; None where a proxy does, or nobody. Unrecoverable `settings.tls`."""
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return None
    return ServedCertificate(settings.tls_cert_file, settings.tls_key_file)


def serve(parts: ApiParts) -> None:
    """Serve until SIGTERM or SIGINT, then end the process: threads that wait on sockets would hold it up."""
    settings = parts.settings
    certificate = served_certificate(settings)
    _allow_files()
    api = build(parts)
    server = Server(api.app, settings.api_host, settings.api_port, settings.api_threads, certificate)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    api.background.start()
    LOG.info("api.ready", host=settings.api_host, port=server.port)
    server.init_process()
    api.background.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _allow_files() -> None:
    """As many as the machine lets this process open: the usual limit is for fewer sockets than are served."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
