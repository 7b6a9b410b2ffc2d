"""GET /t/ID/FILE?token: a lasting link to one result file, which leads to a short-lived object URL."""

from __future__ import annotations

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from backend.api.links import opens
from backend.api.parts import ApiParts
from backend.api.tickets import DOWNLOAD_SECONDS, found
from backend.errors import Forbidden, NotFound


def blueprint(parts: ApiParts) -> Blueprint:
    """The download route."""
    routes = Blueprint("downloads", __name__)

    @routes.get("/t/<ticket_id>/<name>")
    def download(ticket_id: str, name: str) -> Response:
        if not opens(parts.secret, request.args.get("token", ""), ticket_id, parts.clock()):
            raise Forbidden("link.closed", "This link is not valid or has expired; sign in to get a new one.")
        files = found(parts, ticket_id).files or {}
        if name not in files:
            raise NotFound("file.unknown", "The ticket has no file of that name.")
        response = redirect(parts.objects.download_url(files[name]["key"], DOWNLOAD_SECONDS, name), 302)
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
