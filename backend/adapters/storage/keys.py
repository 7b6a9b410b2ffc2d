"""Which object keys are allowed. `~` is not in them: it marks the store's own files."""

from __future__ import annotations

import re

from backend.errors import Invalid

KEY_CHARACTERS = 512
FILENAME_CHARACTERS = 200
_NAME = re.compile(r"[A-Za-z0-9._-]{1,150}")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]+")


def check_key(key: str) -> str:
    """The key itself; Invalid `object.key` unless it is `/`-separated names of letters, digits, `._-`."""
    names = key.split("/")
    fits = len(key) <= KEY_CHARACTERS and all(_NAME.fullmatch(name) for name in names)
    if not fits or _climbs(names):
        raise Invalid("object.key", f"{key!r} cannot be the key of an object.")
    return key


def check_prefix(prefix: str) -> str:
    """The prefix itself; Invalid `object.key` where no key could start with it, or every key does."""
    if not _PREFIX.fullmatch(prefix) or prefix.startswith("/") or _climbs(prefix.split("/")):
        raise Invalid("object.key", f"{prefix!r} cannot be the start of an object's key.")
    return prefix


def check_filename(name: str) -> str:
    """The name itself; Invalid `object.filename` for one that is no file's."""
    if not (0 < len(name) <= FILENAME_CHARACTERS and name.isprintable() and not set(name) & set('/\\"')):
        raise Invalid("object.filename", f"{name!r} cannot be a file's name.")
    return name


def _climbs(names: list[str]) -> bool:
    return any(name in (".", "..") for name in names)
