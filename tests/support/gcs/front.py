"""What the emulator behind it leaves out of Google Cloud Storage: who may ask, signatures, CORS, preconditions, generations, and
the exact steps of resumable uploads. It answers by Google's documentation and hands on what passes.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlencode, urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tests.support.gcs import uploads
from tests.support.gcs.signed_urls import Rejected, check
from tests.support.gcs.uploads import Answer, Session

CONDITIONS = {"ifGenerationMatch": "generation", "ifMetagenerationMatch": "metageneration"}


@dataclass
class State:
    """What the front knows, and what tests may change. `clock` is the store's; `failing` answers 503 so many times, `cut` ends a
    connection once so many more bytes of uploads have come, then another by the next number; `grants(assertion)` checks a request
    for a token.
    """

    emulator: tuple[str, int]
    accounts: Mapping[str, RSAPublicKey]
    grants: Callable[[str], bool]
    cors: list[dict[str, Any]] = field(default_factory=list)
    clock: Callable[[], float] = time.time
    failing: int = 0
    cut: list[int] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    sessions: dict[str, Session] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    state: State

    def handle_any(self) -> None:
        """Answer it."""
        self._address = urlsplit(self.path)
        self._query = dict(parse_qsl(self._address.query, keep_blank_values=True))
        self._names = {name.lower(): value for name, value in self.headers.items()}
        self._session_origin: str | None = None
        if self.command == "OPTIONS":
            self._answer(200, {}, b"")
            return
        body = self._body()
        with self.state.lock:
            path = self._address.path + (" session" if "upload_id" in self._query else "")
            self.state.requests.append(f"{self.command} {path} {self.headers.get('Range', '')}".strip())
            if self.state.failing:
                self.state.failing -= 1
                self._answer(503, {}, b"")
                return
            try:
                self._route(body)
            except Rejected as error:
                text = f"<?xml version='1.0'?><Error><Code>{error.code}</Code></Error>"
                self._answer(error.status, {"Content-Type": "application/xml"}, text.encode())

    def _route(self, body: bytes) -> None:
        path = self._address.path
        if path == "/token":
            self._token(body)
        elif "upload_id" in self._query:
            self._session(body)
        elif path.startswith(("/storage/v1/", "/upload/storage/v1/", "/download/storage/v1/", "/batch/")):
            self._json_api(body)
        else:
            self._signed(body)

    # --- the JSON API ----------------------------------------------------------------------------------------

    def _token(self, body: bytes) -> None:
        if not self.state.grants(parse_qs(body.decode())["assertion"][0]):
            self._answer(400, {"Content-Type": "application/json"}, b'{"error": "invalid_grant"}')
            return
        token = f"token-{len(self.state.tokens)}"
        self.state.tokens.add(token)
        told = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(told).encode())

    def _json_api(self, body: bytes) -> None:
        if self.headers.get("Authorization", "").removeprefix("Bearer ") not in self.state.tokens:
            self._answer(401, {}, b"")
            return
        name = self._object_name(body)
        bucket = self._address.path.partition("/b/")[2].partition("/")[0]
        resource = f"/storage/v1/b/{bucket}/o/{quote(name, safe='')}"
        there = self._there(resource) if name else {}
        resumable = self._query.get("uploadType") == "resumable"
        if not resumable and not all(
            str(there.get(part, 0)) == self._query[condition]
            for condition, part in CONDITIONS.items()
            if condition in self._query
        ):
            self._answer(412, {}, b"")
            return
        if self._query.get("generation", there.get("generation")) != there.get("generation"):
            self._answer(404, {}, b"")
            return
        status, headers, answered = self._forward(self.command, self.path, self._names, body)
        if resumable and status == 200:
            self._start(headers["location"], resource, body)
        self._answer(status, headers, answered)

    def _object_name(self, body: bytes) -> str:
        if self._address.path.startswith("/upload/"):
            if "name" in self._query:
                return self._query["name"]
            start = body.index(b"{")
            return str(json.JSONDecoder().raw_decode(body[start:].decode(errors="replace"))[0]["name"])
        return unquote(self._address.path.partition("/o/")[2])

    def _there(self, resource: str) -> dict[str, Any]:
        status, _, told = self._forward("GET", resource, {}, b"")
        return dict(json.loads(told)) if status == 200 else {}

    # --- resumable sessions ----------------------------------------------------------------------------------

    def _start(self, location: str, resource: str, body: bytes) -> None:
        match = self._query.get("ifGenerationMatch")
        self.state.sessions[parse_qs(urlsplit(location).query)["upload_id"][0]] = Session(
            path=resource,
            size=int(self._names["x-upload-content-length"]),
            origin=self.headers.get("Origin"),
            only_over=None if match is None else int(match),
        )

    def _session(self, body: bytes) -> None:
        session = self.state.sessions.get(self._query["upload_id"])
        if session is None:
            self._answer(404, {}, b"")
            return
        self._session_origin = session.origin or ""
        if self.command == "DELETE":
            session.cancelled = True
            self._answer(499, {}, b"")
            return
        announced = int(self.headers.get("Content-Length", 0))
        told = uploads.put(
            session,
            self._names.get("content-range"),
            body,
            announced,
            lambda *piece: self._send(session, *piece),
        )
        if len(body) < announced:
            self.close_connection = True
            return
        held = {"Range": f"bytes=0-{told.received - 1}"} if told.status == 308 and told.received else {}
        self._answer(told.status, {"Content-Type": "application/json", **held}, told.body)

    def _send(self, session: Session, piece: bytes, start: int) -> Answer:
        end = start + len(piece)
        if end == session.size and session.only_over is not None:
            there = int(self._there(session.path).get("generation", 0))
            if there != session.only_over:
                return Answer(412)
        headers = {
            "content-range": f"bytes {start}-{end - 1}/{session.size}" if session.size else "bytes */0"
        }
        status, _, told = self._forward("PUT", self.path, headers, piece)
        return Answer(status, told)

    # --- signed URLs -----------------------------------------------------------------------------------------

    def _signed(self, body: bytes) -> None:
        method = self.command
        check(method, self.path, self._names, self.state.accounts, self.state.clock())
        if method == "PUT":
            smallest, _, largest = self._names.get("x-goog-content-length-range", "0,").partition(",")
            if not int(smallest) <= len(body) <= int(largest or len(body)):
                raise Rejected(400, "EntityTooLarge" if len(body) > int(smallest) else "EntityTooSmall", "")
        bucket, _, name = self._address.path[1:].partition("/")
        if method != "PUT" and not self._there(f"/storage/v1/b/{bucket}/o/{quote(unquote(name), safe='')}"):
            raise Rejected(404, "NoSuchKey", name)
        kept = {n: v for n, v in self._query.items() if not n.startswith("X-Goog-")}
        self._answer(*self._forward(method, f"{self._address.path}?{urlencode(kept)}", self._names, body))

    # --- HTTP ------------------------------------------------------------------------------------------------

    def _body(self) -> bytes:
        length = int(self.headers.get("Content-Length", 0))
        if not self.state.cut or "upload_id" not in self._query or not length:
            return self.rfile.read(length)
        if length <= self.state.cut[0]:
            self.state.cut[0] -= length
            return self.rfile.read(length)
        return self.rfile.read(self.state.cut.pop(0))

    def _forward(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        passed = {
            n: v for n, v in headers.items() if n not in ("host", "connection", "content-length", "origin")
        }
        connection = HTTPConnection(*self.state.emulator)
        try:
            connection.request(method, target, body, {**passed, "Host": self.headers["Host"]})
            answer = connection.getresponse()
            return answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, **self._cors()}.items():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _cors(self) -> dict[str, str]:
        """What a browser is told: by the bucket's rules, and on a session only for the origin it was made for."""
        origin = self.headers.get("Origin")
        if origin is None or self._session_origin not in (None, origin):
            return {}
        method = self.headers.get("Access-Control-Request-Method", self.command)
        rule = next((r for r in self.state.cors if origin in r["origin"] and method in r["method"]), None)
        if rule is None:
            return {}
        told = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": ", ".join(rule["responseHeader"]),
        }
        if self.command == "OPTIONS":
            told["Access-Control-Allow-Methods"] = ", ".join(rule["method"])
            told["Access-Control-Allow-Headers"] = ", ".join(rule["responseHeader"])
            told["Access-Control-Max-Age"] = str(rule["maxAgeSeconds"])
        return told

    def __getattr__(self, name: str) -> Any:
        """Every verb is answered in one place."""
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests look at `State.requests`."""
