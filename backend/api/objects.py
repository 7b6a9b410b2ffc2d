"""Bulk data under signed URLs: ranged reads, whole or resumable writes, for browsers of any origin.

The URL is the permission; that is why no cookie or session is looked at here.
"""

from __future__ import annotations

import re
from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, request
from gunicorn.http.wsgi import FileWrapper as SentByTheSystem
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from backend.api.parts import ApiParts, Progress, ServedObjects
from backend.errors import Invalid, NotFound
from backend.ports import Clock, StoredObject

BLOCK_BYTES = 1 << 20
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,18})-(\d{1,18})|\*)/(\d{1,18})")
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag, Range",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, PUT",
    "Access-Control-Allow-Headers": "Content-Range, Content-Type, If-None-Match, If-Range, Range",
    "Access-Control-Max-Age": "86400",
}


def blueprint(parts: ApiParts) -> Blueprint:
    """GET, HEAD, PUT and OPTIONS of /objects/KEY; nothing where the URLs lead elsewhere."""
    routes = Blueprint("objects", __name__)
    served = parts.served_objects
    if served is not None:
        _serve(routes, served, parts.clock)
    return routes


def _serve(routes: Blueprint, objects: ServedObjects, clock: Clock) -> None:

    @routes.route("/objects/<path:key>", methods=["OPTIONS"], provide_automatic_options=False)
    def preflight(key: str) -> Response:  # noqa: ARG001 - the route names it
        return Response(status=204, headers=_PREFLIGHT)

    @routes.get("/objects/<path:key>", provide_automatic_options=False)
    def read(key: str) -> Response:
        grant = objects.verify("GET", key, request.args, clock())
        stored, file = _opened(objects, key)
        return _sent(stored, file, grant.filename)

    @routes.put("/objects/<path:key>", provide_automatic_options=False)
    def write(key: str) -> Response:
        grant = objects.verify("PUT", key, request.args, clock())
        return _progress(_written(objects, key, grant.max_bytes))

    @routes.after_request
    def allow_any_origin(response: Response) -> Response:
        response.headers.update(_CORS)
        return response


def _opened(objects: ServedObjects, key: str) -> tuple[StoredObject, BinaryIO]:
    """The object's facts with the bytes they are about, even while it is being replaced."""
    while True:
        stored = objects.stat(key)
        if stored is None:
            raise NotFound("object.unknown", "There is no object at this address.")
        file = objects.open(key)
        if objects.stat(key) == stored:
            return stored, file
        file.close()


def _sent(stored: StoredObject, file: BinaryIO, filename: str | None) -> Response:
    response = Response(
        FileWrapper(file, BLOCK_BYTES), mimetype="application/octet-stream", direct_passthrough=True
    )
    response.content_length = stored.size
    response.set_etag(stored.sha256)
    response.headers["Content-Disposition"] = "attachment"
    response.headers["Cache-Control"] = "private, no-cache"
    if filename is not None:
        plain = filename.encode("ascii", "replace").decode().replace("?", "_")
        names = {"filename": plain, "filename*": f"UTF-8''{quote(filename, safe='')}"}
        response.headers.set("Content-Disposition", "attachment", **names)
    try:
        response.make_conditional(request, accept_ranges=True, complete_length=stored.size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise
    if response.status_code == 200:
        # The server knows its own wrapper: what is sent whole goes from the file to the socket without passing through here.
        response.response = SentByTheSystem(file, BLOCK_BYTES)
    return response


def _written(objects: ServedObjects, key: str, max_bytes: int | None) -> Progress:
    length = request.content_length
    named, total = _content_range()
    if named is None and total is not None:
        return objects.received(key, total)
    if length is None:
        raise Invalid("upload.length", "An upload must say its Content-Length.")
    start, end = named or (0, length - 1)
    if end - start + 1 != length:
        raise Invalid("upload.range", f"Content-Range names {end - start + 1} bytes, but {length} are sent.")
    # The grant bounds what is written; the application's limit is meant for JSON.
    request.max_content_length = length
    body = cast("BinaryIO", request.stream)
    return objects.write_part(key, start, end, total if total is not None else length, body, max_bytes)


def _content_range() -> tuple[tuple[int, int] | None, int | None]:
    """First and last byte sent (None where the sender asks how far the upload got) and the size of the whole."""
    header = request.headers.get("Content-Range")
    if header is None:
        return None, None
    matched = _CONTENT_RANGE.fullmatch(header)
    if matched is None:
        raise Invalid("upload.range", "Content-Range must be `bytes START-END/TOTAL` or `bytes */TOTAL`.")
    sent = None if matched[1] is None else (int(matched[1]), int(matched[2]))
    return sent, int(matched[3])


def _progress(progress: Progress) -> Response:
    if progress.stored is None:
        held = {"Range": f"bytes=0-{progress.received - 1}"} if progress.received else {}
        return Response(status=308, headers=held)
    response = jsonify({"size": progress.stored.size, "sha256": progress.stored.sha256})
    response.status_code = 201
    response.set_etag(progress.stored.sha256)
    return response
