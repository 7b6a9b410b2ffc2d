"""The pages and their files. No build step: native modules, and libraries served as npm installed them."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from backend.api.parts import ApiParts
from backend.errors import NotFound

PAGES = (
    "/",
    "/account",
    "/admin",
    "/certificates",
    "/credits",
    "/credits/certificates/<number>",
    "/jobs",
    "/jobs/<job>",
    "/ledger",
    "/nodes/<provider>",
    "/provide",
    "/reset",
    "/sign-in",
    "/tickets",
    "/tickets/<ticket>",
    "/tickets/<ticket>/receipt",
    "/train",
    "/verify",
)
"""The addresses of `frontend/routes.js`: the same document, which reads its address."""
VENDORED = {
    "ethers.min.js": "ethers/dist/ethers.min.js",
    "fflate.js": "fflate/esm/browser.js",
    "noble/_md.js": "@noble/hashes/_md.js",
    "noble/_u64.js": "@noble/hashes/_u64.js",
    "noble/sha2.js": "@noble/hashes/sha2.js",
    "noble/sha3.js": "@noble/hashes/sha3.js",
    "noble/utils.js": "@noble/hashes/utils.js",
    "socket.io.esm.min.js": "socket.io-client/dist/socket.io.esm.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "uplot.js": "uplot/dist/uPlot.esm.js",
}
SERVED = frozenset({".js", ".css", ".svg", ".png"})
VENDORED_SECONDS = 3600


def blueprint(parts: ApiParts) -> Blueprint:
    """GET of every page's address, and of the files they load under /static and /vendor."""
    routes = Blueprint("pages", __name__)

    def page(**_: str) -> Response:
        response = send_from_directory(parts.frontend, "index.html", max_age=0)
        response.headers["Cache-Control"] = "no-cache"
        return response

    for address in PAGES:
        routes.add_url_rule(address, endpoint="page", view_func=page)

    @routes.get("/static/<path:name>")
    def static(name: str) -> Response:
        if Path(name).suffix not in SERVED:
            raise NotFound("request.unknown", "There is nothing at this address.")
        return send_from_directory(parts.frontend, name, max_age=0)

    @routes.get("/vendor/<path:name>")
    def vendor(name: str) -> Response:
        if name not in VENDORED:
            raise NotFound("request.unknown", "There is nothing at this address.")
        return send_from_directory(parts.vendor, VENDORED[name], max_age=VENDORED_SECONDS)

    return routes
