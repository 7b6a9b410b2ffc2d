"""Code on a chain is ours when it differs only where a constructor writes, or in the metadata."""

from __future__ import annotations

from scripts.brownie.bytecode import same_code

HEAD, MIDDLE, TAIL = bytes.fromhex("6080604052"), bytes.fromhex("565b5f5260205ff3"), bytes.fromhex("5b00fe")
IMMUTABLE = b"\x7f" + bytes(32)
METADATA = b"\xa2\x64ipfs" + bytes(range(12))


def _code(immutable: bytes = IMMUTABLE, tail: bytes = TAIL, metadata: bytes = METADATA) -> bytes:
    return HEAD + immutable + MIDDLE + immutable + tail + metadata + len(metadata).to_bytes(2, "big")


def test_same_code__immutables_and_metadata_differ__is_ours():
    assert same_code(_code(b"\x7f" + bytes(range(32)), metadata=bytes(18)), _code())


def test_same_code__an_instruction_differs__is_not_ours():
    assert not same_code(_code(tail=b"\x5b\x01\xfe"), _code())
    assert not same_code(_code(b"\x7e" + bytes(32)), _code())


def test_same_code__another_length_or_nothing__is_not_ours():
    assert not same_code(_code(tail=TAIL + b"\x00"), _code())
    assert not same_code(b"", _code())
    assert not same_code(b"\x00", _code())
