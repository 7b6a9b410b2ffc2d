"""The HTTP API as the command line sees it: JSON in, JSON out, and its
errors raised as this product's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from backend.errors import Conflict, EcoError, Forbidden, Invalid, NotFound, Recoverable, Unrecoverable
from fl_nodes.trust import certificate_problem

_TIMEOUT_S = (5.0, 60.0)
_UNAUTHORIZED = 401
_BY_STATUS: dict[int, type[EcoError]] = {
    400: Invalid,
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    # A proxy says so while the process behind it is gone.
    502: Recoverable,
    503: Recoverable,
    504: Recoverable,
}


class SignedOut(Forbidden):
    """The session is unknown or has expired: sign in again."""


class Api:
    """An API at `url`; `token` is the bearer token of a session."""

    def __init__(self, url: str, token: str | None = None, session: requests.Session | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.session = session or requests.Session()

    def get(self, path: str) -> dict[str, Any]:
        """GET a JSON document; raises the EcoError that the answer names."""
        return self._json("GET", path, None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST JSON and return JSON; raises the EcoError that the answer names."""
        return self._json("POST", path, body or {})

    @contextmanager
    def reach(self, method: str, url: str, **options: Any) -> Iterator[requests.Response]:
        """One request to any URL, such as a signed object's;
        Recoverable `api.unreachable` when nobody answers, `api.certificate` when it cannot prove who it is."""
        options.setdefault("timeout", _TIMEOUT_S)
        try:
            with self.session.request(method, url, allow_redirects=False, **options) as response:
                yield response
        except requests.RequestException as error:
            if problem := certificate_problem(error):
                raise Recoverable(
                    "api.certificate", f"{self.url} is not believed to be who it says: {problem}."
                ) from error
            raise Recoverable(
                "api.unreachable",
                f"Nothing answers at {self.url}: start the stack with `make up`, or name another with --api.",
            ) from error

    def _json(self, method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self.reach(method, self.url + path, json=body, headers=headers) as response:
            document = _document(response)
            if not response.ok:
                raise refusal(response)
            if document is None:
                raise Recoverable(
                    "api.not_json", f"{self.url}{path} did not answer with JSON; is it an EcoDML API?"
                )
            return document


def refusal(response: requests.Response) -> EcoError:
    """The EcoError that an answer stands for."""
    told = (_document(response) or {}).get("error") or {}
    code = str(told.get("code") or f"api.status_{response.status_code}")
    message = str(told.get("message") or f"The API answered with status {response.status_code}.")
    if response.status_code == _UNAUTHORIZED:
        return SignedOut(code, message)
    if response.status_code in _BY_STATUS:
        return _BY_STATUS[response.status_code](code, message)
    if response.status_code >= requests.codes.internal_server_error:
        return Unrecoverable(code, message)
    return Invalid(code, message)


def _document(response: requests.Response) -> dict[str, Any] | None:
    try:
        document = response.json()
    except requests.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None
