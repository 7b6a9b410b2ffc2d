"""The yardstick of a round's overhead: the same bytes moved by a plain
HTTP server and as many clients at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median

import requests

REPEATS = 5


class _Mover(BaseHTTPRequestHandler):
    """Hands out `payload`, takes what is PUT."""

    protocol_version = "HTTP/1.1"
    payload = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.payload)))
        self.end_headers()
        self.wfile.write(self.payload)

    def do_PUT(self) -> None:
        left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def seconds_to_move(model_bytes: int, nodes: int) -> float:
    """Median seconds in which `nodes` clients at once fetch the model and put an update of the same size."""
    handler = type("Mover", (_Mover,), {"payload": bytes(model_bytes)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, ThreadPoolExecutor(nodes) as clients:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        try:
            return median(_once(clients, url, nodes) for _ in range(REPEATS))
        finally:
            server.shutdown()


def _once(clients: ThreadPoolExecutor, url: str, nodes: int) -> float:
    began = time.perf_counter()
    list(clients.map(_fetch_and_put, [url] * nodes))
    return time.perf_counter() - began


def _fetch_and_put(url: str) -> None:
    model = requests.get(url, timeout=60).content
    requests.put(url, data=model, timeout=60).raise_for_status()
