"""How slowly a request may come in. Each one that is being read holds a thread: whoever drips must not hold them all.

A request has `GRACE_SECONDS`, and a second more for each `BYTES_PER_SECOND` that came. Beyond that it is read no further: a request
whose headers are not whole ends unanswered, an upload keeps what came and can be gone on with.
"""

from __future__ import annotations

import socket
import time
from typing import Any

GRACE_SECONDS = 20.0
BYTES_PER_SECOND = 4_096


class Pace:
    """Reads from one connection's socket as gunicorn's `unreader.chunk` does, at least at this pace."""

    def __init__(self, unreader: Any, grace: float, rate: float) -> None:
        self._unreader = unreader
        self._read = unreader.chunk
        self._grace = grace
        self._rate = rate
        self.begin()

    def begin(self) -> None:
        """A request begins."""
        self._until = time.monotonic() + self._grace

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What came; nothing, as if the other side had hung up, once it was too slow."""
        sock: socket.socket = self._unreader.sock
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
            data: bytes = self._read(size_hint)
        except TimeoutError:
            sock.shutdown(socket.SHUT_RD)
            return b""
        finally:
            sock.settimeout(None)
        self._until += len(data) / self._rate
        return data


def keep(connection: Any, grace: float, rate: float) -> None:
    """Have a connection's requests come at this pace; called before each of them is read."""
    parser = connection.parser
    if parser is None or not hasattr(parser, "unreader"):
        return
    if not isinstance(getattr(parser.unreader.chunk, "__self__", None), Pace):
        parser.unreader.chunk = Pace(parser.unreader, grace, rate).chunk
    parser.unreader.chunk.__self__.begin()
