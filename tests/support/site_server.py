"""A server of pages for browsers that go away in the middle of an answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import make_server


@contextmanager
def serving(app: WSGIApplication, port: int = 0) -> Iterator[int]:
    """Serve an application until the context is left; its port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, _whole(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _whole(app: WSGIApplication) -> WSGIApplication:
    """Reads an answer before it is sent: werkzeug leaves the answer's file open when the browser hangs up meanwhile."""

    def answer(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        body: Iterable[bytes] = app(environ, start)
        try:
            return list(body)
        finally:
            close: Any = getattr(body, "close", None)
            if close is not None:
                close()

    return answer
