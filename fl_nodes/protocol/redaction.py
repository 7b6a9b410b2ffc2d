"""What no log may hold, whoever writes it: tokens, keys, passwords, signed links, e-mail addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[secret]"
HIDDEN_EMAIL = "[e-mail]"
_NAMES = re.compile(
    r"(?i)(pass(word|phrase)?|secret|(access_|session_|link_|csrf_)?token|private_?key|authorization|cookie|api_?key|signature|sig)"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_TEXTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), HIDDEN),
    # mongodb://user:password@host, smtps://user:password@host
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]*@"), f"{HIDDEN}@"),
    (re.compile(r"(?i)\b(Bearer|Basic)\s+[^\s\"',]+"), rf"\1 {HIDDEN}"),
    # Signed object URLs, ours and Google's, and the tokens of links.
    (
        re.compile(r"(?i)([?&#](?:sig|token|signature|x-goog-signature|x-goog-credential|access_token|upload_id|key)=)[^&\s\"'#]+"),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(r"(?i)(\b(?:private_?key|password|secret|token|authorization|cookie|signature)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;}&]+"),
        rf"\1{HIDDEN}",
    ),
    # What stands in letters' links: three parts, signed.
    (re.compile(r"\b[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{20,}"), HIDDEN),
    (_EMAIL, HIDDEN_EMAIL),
)  # fmt: skip


def redacted(value: Any, name: str = "") -> Any:
    """The value as it may be written under this name."""
    if name and _NAMES.fullmatch(name) and value not in (None, ""):
        return HIDDEN
    if isinstance(value, str):
        for pattern, instead in _TEXTS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {key: redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redacted(str(value))


def redact_event(_: Any, __: str, event: Any) -> Any:
    """A structlog processor, the last before the event is written."""
    return {name: redacted(value, name) for name, value in event.items()}
