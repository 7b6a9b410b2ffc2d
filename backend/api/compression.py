"""Answers leave compressed; pages' files are compressed once and kept until they change."""

from __future__ import annotations

from flask import Flask, Request, Response, g, request
from flask_compress import Compress

FILES = ("/static/", "/vendor/")
NEVER = ("/objects/", "/api/auth/", "/api/account")
"""Objects are served by range; and the length of what holds a session's secrets should tell nothing."""
KINDS = ["text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml", "application/json"]
BROTLI_LEVEL = 7


class Kept:
    """Compressed files by algorithm, path and ETag; only the newest form of each path is kept."""

    def __init__(self) -> None:
        self._bodies: dict[str, tuple[str, bytes]] = {}

    def get(self, key: str) -> bytes | None:
        """The compressed body, if it was kept."""
        place, _, etag = key.rpartition(";")
        kept = self._bodies.get(place)
        return kept[1] if kept and kept[0] == etag else None

    def set(self, key: str, value: bytes) -> None:
        """Keep it; answers that are no files have no ETag, and are not kept."""
        place, _, etag = key.rpartition(";")
        if etag:
            self._bodies[place] = (etag, value)


def register(app: Flask) -> None:
    """Compress by brotli or gzip where a client takes it, with an ETag for each form."""
    app.config |= {
        "COMPRESS_REGISTER": False,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": BROTLI_LEVEL,
        "COMPRESS_MIMETYPES": KINDS,
        "COMPRESS_STREAMS": False,
        "COMPRESS_CACHE_BACKEND": Kept,
        "COMPRESS_CACHE_KEY": _key,
    }
    compress = Compress(app)

    @app.after_request
    def compressed(response: Response) -> Response:
        if request.path.startswith(NEVER):
            return response
        if response.status_code == 200 and request.path.startswith(FILES):
            response.direct_passthrough = False
            response.set_data(response.get_data())  # whole, so that it can be kept and has a length
            g.file_etag = response.get_etag()[0] or ""
        return compress.after_request(response)


def _key(asked: Request) -> str:
    return f"{asked.path};{g.get('file_etag', '')}"
