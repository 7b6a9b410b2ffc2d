"""The pages and their files. No build step: native modules, and libraries served as npm installed them."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from backend.api.parts import ApiParts
from backend.errors import NotFound

VENDORED = {"socket.io.esm.min.js": Path("socket.io-client/dist/socket.io.esm.min.js")}
SERVED = frozenset({".js", ".css", ".svg", ".png"})


def blueprint(parts: ApiParts) -> Blueprint:
    """GET / and /tickets/ID, and the files they load."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    @routes.get("/tickets/<ticket_id>")
    def page(ticket_id: str = "") -> Response:  # noqa: ARG001 - the page reads it from its address
        response = send_from_directory(parts.frontend, "index.html", max_age=0)
        response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/static/<path:name>")
    def static(name: str) -> Response:
        if Path(name).suffix not in SERVED:
            raise NotFound("request.unknown", "There is nothing at this address.")
        return send_from_directory(parts.frontend, name, max_age=0)

    @routes.get("/vendor/<name>")
    def vendor(name: str) -> Response:
        if name not in VENDORED:
            raise NotFound("request.unknown", "There is nothing at this address.")
        return send_from_directory(parts.vendor, str(VENDORED[name]), max_age=3600)

    return routes
