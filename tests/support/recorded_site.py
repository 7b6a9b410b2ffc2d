"""The web app over recorded answers: the real pages with their real policy, and documents in place of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, jsonify, request

from backend.api import headers, pages
from backend.api.parts import FRONTEND, VENDOR
from backend.config import Settings
from tests.support.site_server import serving


@dataclass
class RecordedSite:
    """`answers` maps a path (with its query, where it has one) to a document, or to (status, document); others are 404.
    `posted` has the paths that were posted to.
    """

    answers: dict[str, Any]
    frontend: Path = FRONTEND
    posted: list[str] = field(default_factory=list)
    url: str = ""

    @contextmanager
    def serving(self) -> Iterator[RecordedSite]:
        """Answer on a free port until the context is left."""
        with serving(self._app()) as port:
            self.url = f"http://127.0.0.1:{port}"
            yield self

    def _app(self) -> Flask:
        app = Flask("recorded", static_folder=None)
        parts = SimpleNamespace(frontend=self.frontend, vendor=VENDOR)
        app.register_blueprint(pages.blueprint(parts))  # type: ignore[arg-type]

        @app.route("/api/<path:rest>", methods=["GET", "POST"])
        def answer(rest: str) -> Response:
            if request.method == "POST":
                self.posted.append(f"/api/{rest}")
            found = self.answers.get(request.full_path.rstrip("?"), self.answers.get(f"/api/{rest}"))
            if found is None:
                found = (404, {"error": {"code": "request.unknown", "message": "There is nothing here."}})
            status, document = found if isinstance(found, tuple) else (200, found)
            response = jsonify(document)
            response.status_code = status
            return response

        headers.register(app, Settings())
        return app
