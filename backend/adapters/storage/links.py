"""Signed object URLs: `BASE/objects/KEY?expires=..[&max=..][&filename=..]&sig=..`.

`sig` is an HMAC-SHA256 over the verb and all the rest. `max` (bytes) stands in upload URLs only.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from backend.adapters.storage.keys import check_filename, check_key
from backend.errors import Forbidden, Invalid

_VERBS = {"GET": "GET", "HEAD": "GET", "PUT": "PUT"}
_PURPOSE = "ecodml object url 1"


@dataclass(frozen=True)
class Grant:
    """What a URL allows: until when (Unix seconds), at most how many bytes (uploads), and a file name."""

    key: str
    expires: int
    max_bytes: int | None = None
    filename: str | None = None


class Links:
    """Makes and checks signed URLs."""

    def __init__(self, base_url: str, secret: bytes) -> None:
        if len(secret) < 16:
            raise Invalid("settings.secret", "The server's secret must have at least 16 bytes.")
        self._base = base_url.rstrip("/")
        self._secret = secret

    def download(self, key: str, expires_unix_s: float, filename: str | None = None) -> str:
        """A URL to GET; Invalid `object.filename` for a name that is no file's."""
        if filename is not None:
            check_filename(filename)
        return self._url("GET", Grant(check_key(key), math.ceil(expires_unix_s), filename=filename))

    def upload(self, key: str, expires_unix_s: float, max_bytes: int) -> str:
        """A URL to PUT at most `max_bytes` to."""
        return self._url("PUT", Grant(check_key(key), math.ceil(expires_unix_s), max_bytes=max_bytes))

    def verify(self, method: str, key: str, query: Mapping[str, str], now: float) -> Grant:
        """What the URL allows, HEAD where GET; Forbidden `object.signature` or `object.expired`."""
        verb = _VERBS.get(method.upper())
        numbers = {name: query[name] for name in ("expires", "max") if name in query}
        well_formed = all(text.isascii() and text.isdigit() and len(text) < 20 for text in numbers.values())
        if verb is None or "expires" not in numbers or not well_formed:
            raise Forbidden("object.signature", "This link is not valid.")
        largest = int(numbers["max"]) if "max" in numbers else None
        grant = Grant(check_key(key), int(numbers["expires"]), largest, query.get("filename"))
        given = query.get("sig", "").encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, self._signature(verb, grant).encode()):
            raise Forbidden("object.signature", "This link is not valid.")
        if now > grant.expires:
            raise Forbidden("object.expired", "This link has expired.")
        return grant

    def _url(self, verb: str, grant: Grant) -> str:
        query = {
            "expires": str(grant.expires),
            "max": None if grant.max_bytes is None else str(grant.max_bytes),
            "filename": grant.filename,
            "sig": self._signature(verb, grant),
        }
        parameters = urlencode(
            {name: value for name, value in query.items() if value is not None}, quote_via=quote
        )
        return f"{self._base}/objects/{grant.key}?{parameters}"

    def _signature(self, verb: str, grant: Grant) -> str:
        largest = "" if grant.max_bytes is None else str(grant.max_bytes)
        lines = (_PURPOSE, verb, grant.key, str(grant.expires), largest, grant.filename or "")
        return hmac.new(
            self._secret, "\n".join(lines).encode("utf-8", "surrogatepass"), hashlib.sha256
        ).hexdigest()
