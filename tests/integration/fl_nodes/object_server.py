"""An object store over real HTTP that keeps everything in memory and can be told to misbehave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.tasks import ObjectRef, Upload


@dataclass
class Store:
    """Objects by name. `cut_after` ends each download after so many bytes; `failing` answers 503 so many times."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    cut_after: int | None = None
    failing: int = 0
    ranges: bool = True

    def put(self, name: str, data: bytes) -> ObjectRef:
        """Store an object; how to fetch it."""
        self.objects[name] = data
        return ObjectRef(f"{self.url}/{name}", sha256_hex(data), len(data))

    def ref(self, name: str) -> ObjectRef:
        """How to fetch what a worker stored."""
        return self.put(name, self.objects[name])

    def upload(self, name: str) -> Upload:
        """Where a worker may store something."""
        return Upload(f"{self.url}/{name}", name)


@contextmanager
def serving() -> Iterator[Store]:
    """A store that listens until the block ends."""
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            store.requests.append(f"GET {self.path} {self.headers.get('Range', '')}".strip())
            data = store.objects.get(self.path[1:])
            if store.failing or data is None:
                store.failing = max(store.failing - 1, 0)
                self._answer(404 if data is None else 503, b"")
                return
            wanted = self.headers.get("Range")
            first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and store.ranges else 0
            part = data[first:]
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(part)))
            self.end_headers()
            self.wfile.write(part[: store.cut_after])
            self.close_connection = store.cut_after is not None

        def do_PUT(self) -> None:
            store.requests.append(f"PUT {self.path}")
            data = self.rfile.read(int(self.headers["Content-Length"]))
            if store.failing:
                store.failing -= 1
                self._answer(503, b"")
                return
            store.objects[self.path[1:]] = data
            self._answer(200, b"{}")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    store.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
