"""The API's own certificate, for where no proxy stands in front of it: read again when it is renewed."""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import structlog

from backend.errors import Unrecoverable

LOG = structlog.get_logger(__name__)

HANDSHAKE_SECONDS = 10.0


class _Context(ssl.SSLContext):
    """One whose handshakes end: a stranger who stops in the middle of one would keep a thread for ever."""

    def wrap_socket(self, sock: socket.socket, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        """Shake hands within `HANDSHAKE_SECONDS`."""
        waited = sock.gettimeout()
        sock.settimeout(HANDSHAKE_SECONDS)
        try:
            wrapped = super().wrap_socket(sock, *arguments, **named)
        except TimeoutError as error:
            raise ssl.SSLError(ssl.SSL_ERROR_EOF, "the handshake took too long") from error
        wrapped.settimeout(waited)
        return wrapped


class ServedCertificate:
    """A certificate with its chain, and its key, in PEM files; Unrecoverable `settings.tls` where they do not fit."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._lock = threading.Lock()
        self._seen: tuple[float, ...] = ()
        try:
            self._context = self._read()
        except OSError as error:  # an SSLError is one
            raise Unrecoverable(
                "settings.tls",
                f"{certificate} and {key} are no certificate and its key ({error.strerror or error}).",
            ) from error

    def context(self) -> ssl.SSLContext:
        """What connections are made with now; the files as they were last good."""
        with self._lock:
            try:
                if self._changed() != self._seen:
                    self._context = self._read()
                    LOG.info("api.certificate_renewed")
            except OSError as error:
                # Files are replaced one after the other: the next connection looks again.
                LOG.warning("api.certificate_unreadable", why=str(error))
            return self._context

    def _changed(self) -> tuple[float, ...]:
        return tuple(file.stat().st_mtime for file in self._files)

    def _read(self) -> ssl.SSLContext:
        seen = self._changed()
        context = _Context(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(*self._files)
        self._seen = seen
        return context
