"""How long requests take by route, and how many sockets are open: counted as they come, for /metrics."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request
from flask_socketio import SocketIO
from prometheus_client import Gauge, Histogram

REQUESTS = Histogram(
    "ecodml_http_request_seconds",
    "Time to answer a request, by route and kind of status",
    ["route", "method", "status"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0),
)
SOCKETS = Gauge("ecodml_sockets_open", "Open sockets of workers and pages at this API process")
UNROUTED = "(none)"
SOCKET_PATH = "/socket.io/"


def register(app: Flask, socketio: SocketIO) -> None:
    """Measure requests; sockets are no requests."""

    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "begun" in g and not request.path.startswith(SOCKET_PATH):
            route = request.url_rule.rule if request.url_rule else UNROUTED
            method = (
                request.method
                if request.method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")
                else "other"
            )
            REQUESTS.labels(route, method, f"{response.status_code // 100}xx").observe(
                time.perf_counter() - g.begun
            )
        return response

    SOCKETS.set_function(lambda: len(socketio.server.eio.sockets))
