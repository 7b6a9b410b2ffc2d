"""Is a V4 signed URL good? Google's rules (GOOG4-RSA-SHA256), written down anew and not taken from the library that signs."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LONGEST_SECONDS = 7 * 86_400
EARLY_SECONDS = 15 * 60
_NEEDED = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")


class Rejected(Exception):
    """The status and the code that the store answers with."""

    def __init__(self, status: int, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.status = status
        self.code = code


def check(
    method: str, target: str, headers: Mapping[str, str], accounts: Mapping[str, RSAPublicKey], now: float
) -> None:
    """Rejected unless the request is what one of the accounts signed, and in its time. `headers` have lower-case names."""
    address = urlsplit(target)
    query = parse_qsl(address.query, keep_blank_values=True)
    signed = {name.removeprefix("X-Goog-"): value for name, value in query if name.startswith("X-Goog-")}
    missing = [name for name in _NEEDED if name not in signed]
    if missing:
        raise Rejected(400, "InvalidQueryParameterValue", f"missing {missing}")
    if signed["Algorithm"] != "GOOG4-RSA-SHA256":
        raise Rejected(400, "InvalidQueryParameterValue", signed["Algorithm"])
    account, _, scope = signed["Credential"].partition("/")
    if account not in accounts:
        raise Rejected(403, "InvalidSecurity", account)
    _check_time(signed, scope, now)
    names = signed["SignedHeaders"].split(";")
    _check_headers(names, headers)
    canonical = _canonical(method, address.path, query, names, headers)
    lines = ("GOOG4-RSA-SHA256", signed["Date"], scope, hashlib.sha256(canonical.encode()).hexdigest())
    try:
        accounts[account].verify(
            bytes.fromhex(signed["Signature"]),
            "\n".join(lines).encode(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except (InvalidSignature, ValueError):
        raise Rejected(403, "SignatureDoesNotMatch", canonical) from None


def _check_time(signed: Mapping[str, str], scope: str, now: float) -> None:
    if not signed["Expires"].isdigit() or not 0 < int(signed["Expires"]) <= LONGEST_SECONDS:
        raise Rejected(400, "InvalidQueryParameterValue", f"X-Goog-Expires={signed['Expires']}")
    if scope.split("/") != [signed["Date"][:8], "auto", "storage", "goog4_request"]:
        raise Rejected(400, "InvalidQueryParameterValue", scope)
    made = dt.datetime.strptime(signed["Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC).timestamp()
    if made > now + EARLY_SECONDS:
        raise Rejected(403, "RequestTimeTooSkewed", signed["Date"])
    if now > made + int(signed["Expires"]):
        raise Rejected(400, "ExpiredToken", signed["Date"])


def _check_headers(names: list[str], headers: Mapping[str, str]) -> None:
    if "host" not in names or names != sorted(names):
        raise Rejected(400, "InvalidQueryParameterValue", "X-Goog-SignedHeaders")
    strangers = [name for name in headers if name.startswith("x-goog-") and name not in names]
    if strangers:
        raise Rejected(403, "SignatureDoesNotMatch", f"not signed: {strangers}")


def _canonical(
    method: str, path: str, query: list[tuple[str, str]], names: list[str], headers: Mapping[str, str]
) -> str:
    pairs = sorted(
        (quote(n, safe="-_.~"), quote(v, safe="-_.~")) for n, v in query if n != "X-Goog-Signature"
    )
    lines = [f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in names]
    return "\n".join(
        (
            method,
            path,
            "&".join(f"{name}={value}" for name, value in pairs),
            "".join(lines),
            ";".join(names),
            headers.get("x-goog-content-sha256", "UNSIGNED-PAYLOAD"),
        )
    )
