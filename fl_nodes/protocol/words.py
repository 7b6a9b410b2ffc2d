"""Values as the 32-byte words of the contract ABI's static types."""

from __future__ import annotations

WORD = 32
ADDRESS = 20


def uint_word(value: int) -> bytes:
    """`uint256`; ValueError below 0 or above 2^256 - 1."""
    try:
        return value.to_bytes(WORD, "big")
    except OverflowError as error:
        raise ValueError(f"{value} does not fit a word") from error


def bytes32_word(hex_text: str) -> bytes:
    """`bytes32` from 64 hex digits, with or without 0x; ValueError for anything else."""
    return _sized(hex_text, WORD)


def address_word(address: str) -> bytes:
    """`address` from 40 hex digits, with or without 0x; ValueError for anything else."""
    return _sized(address, ADDRESS).rjust(WORD, b"\x00")


def text_word(text: str) -> bytes:
    """Up to 32 ASCII characters as `bytes32`, padded with zeros on the right; ValueError for anything else."""
    try:
        raw = text.encode("ascii")
    except UnicodeEncodeError as error:
        raise ValueError(f"{text!r} is not ASCII") from error
    if len(raw) > WORD or b"\x00" in raw:
        raise ValueError(f"{text!r} does not fit a word")
    return raw.ljust(WORD, b"\x00")


def _sized(hex_text: str, size: int) -> bytes:
    raw = bytes.fromhex(hex_text.removeprefix("0x"))
    if len(raw) != size:
        raise ValueError(f"expected {size} bytes, got {len(raw)}")
    return raw
