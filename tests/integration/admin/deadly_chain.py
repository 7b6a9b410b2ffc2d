"""A door in front of a real chain that kills whoever sends through it, at the worst moment."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests


@dataclass
class Door:
    """Passes JSON-RPC on. `strike` is called at the next transaction, before or after it reached the chain."""

    chain_url: str
    url: str = ""
    passed: list[str] = field(default_factory=list)
    strike: Callable[[], None] | None = None
    before_it_is_sent: bool = False

    def handle(self, body: bytes) -> bytes | None:
        """The chain's answer; None when nobody is left to hear it."""
        method = json.loads(body)["method"]
        strike = self.strike if method == "eth_sendRawTransaction" else None
        if strike and self.before_it_is_sent:
            strike()
            return None
        answer = requests.post(
            self.chain_url, data=body, headers={"Content-Type": "application/json"}, timeout=30
        )
        self.passed.append(method)
        if strike:
            strike()
            return None
        return answer.content


@contextmanager
def deadly_door(chain_url: str) -> Iterator[Door]:
    """An open door on a free port; shut afterwards."""
    door = Door(chain_url)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = door.handle(self.rfile.read(int(self.headers["Content-Length"])))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    door.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield door
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
