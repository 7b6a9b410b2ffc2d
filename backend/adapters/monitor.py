"""A port beside the work of a process that serves nobody by HTTP: its metrics, whether it lives, whether it is of use."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from backend.at_once import at_once
from backend.errors import EcoError, Unrecoverable

log = structlog.get_logger()

Probe = Callable[[], object]
READ_SECONDS = 10.0


class Monitor:
    """GET /metrics, /health/live (200 while the process runs) and /health/ready (503 and why while a probe raises an EcoError)."""

    def __init__(self, host: str, port: int, probes: Mapping[str, Probe]) -> None:
        monitor = self

        class Handler(BaseHTTPRequestHandler):
            timeout = READ_SECONDS

            def do_GET(self) -> None:
                status, kind, body = monitor.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Scrapes are not worth a line."""

        self._probes = probes
        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise Unrecoverable(
                "monitor.port", f"{host}:{port} cannot be listened on for metrics ({error.strerror})."
            ) from error
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def start(self) -> None:
        """Answer from now on, in threads of its own."""
        threading.Thread(target=self._server.serve_forever, daemon=True, name="monitor").start()
        log.info("monitor.ready", port=self.port)

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        if path == "/metrics":
            return 200, CONTENT_TYPE_LATEST, generate_latest(REGISTRY)
        if path == "/health/live":
            return 200, "application/json", b'{"status": "ok"}'
        if path == "/health/ready":
            why = self._troubles()
            said = {"status": "degraded" if why else "ok", "why": why}
            return 503 if why else 200, "application/json", json.dumps(said).encode()
        return (
            404,
            "application/json",
            b'{"error": {"code": "request.unknown", "message": "There is nothing here."}}',
        )

    def _troubles(self) -> dict[str, str]:
        troubles = (
            at_once([partial(_trouble, probe) for probe in self._probes.values()]) if self._probes else []
        )
        return {name: said for name, said in zip(self._probes, troubles, strict=True) if said is not None}


def _trouble(probe: Probe) -> str | None:
    try:
        probe()
    except EcoError as error:
        return error.message
    return None
