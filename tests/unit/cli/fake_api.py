"""An API that answers from a table, under `requests`: no socket is opened."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
Handler = Callable[[requests.PreparedRequest], Answer]


class FakeApi(BaseAdapter):
    """`routes` maps `"METHOD /path"` to an answer (status, document or bytes,
    headers) or to a function that makes one."""

    def __init__(self, routes: dict[str, Answer | Handler]) -> None:
        super().__init__()
        self.routes = routes
        self.asked: list[tuple[str, Any]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        place = f"{request.method} {urlsplit(str(request.url)).path}"
        self.asked.append((place, request.body))
        found = self.routes.get(
            place, (404, {"error": {"code": "test.no_route", "message": f"No {place} here."}})
        )
        status, body, *rest = found(request) if callable(found) else found
        response = requests.Response()
        response.status_code = status
        response.raw = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
        response.headers.update(rest[0] if rest else {})
        response.url = str(request.url)
        return response

    def close(self) -> None:
        """Nothing to close."""

    def session(self) -> requests.Session:
        """A session in which every address leads here."""
        session = requests.Session()
        session.mount("http://", self)
        return session


class Gone(FakeApi):
    """Nobody answers."""

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        raise requests.ConnectionError("refused", request=request)
