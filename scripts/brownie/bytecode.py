"""Whether the code at an address is what our sources compile to."""

from __future__ import annotations

_PLACEHOLDER = b"\x7f" + bytes(32)
"""PUSH32 0: where the constructor writes an immutable. For a plain zero the compiler takes PUSH0."""
_LENGTH_BYTES = 2


def same_code(found: bytes, built: bytes) -> bool:
    """Compares runtime code, apart from immutables and from the metadata, which changes with every comment."""
    mine, theirs = _executable(built), _executable(found)
    if len(mine) != len(theirs):
        return False
    at, compared = mine.find(_PLACEHOLDER), 0
    while at >= 0:
        if mine[compared : at + 1] != theirs[compared : at + 1]:
            return False
        compared = at + len(_PLACEHOLDER)
        at = mine.find(_PLACEHOLDER, compared)
    return mine[compared:] == theirs[compared:]


def _executable(code: bytes) -> bytes:
    if len(code) < _LENGTH_BYTES:
        return code
    metadata = int.from_bytes(code[-_LENGTH_BYTES:]) + _LENGTH_BYTES
    return code[:-metadata] if metadata < len(code) else code
