"""A signature in other forms that recover to the same key, for tests that only the one form is taken."""

from __future__ import annotations

ORDER_OF_THE_CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def mirrored(signature: str) -> str:
    """With the upper s and the other parity."""
    raw = bytes.fromhex(signature.removeprefix("0x"))
    upper = ORDER_OF_THE_CURVE - int.from_bytes(raw[32:64])
    return "0x" + (raw[:32] + upper.to_bytes(32) + bytes([55 - raw[64]])).hex()


def short(signature: str) -> str:
    """The 64 bytes of EIP-2098: the parity stands in the highest bit of s."""
    raw = bytes.fromhex(signature.removeprefix("0x"))
    return "0x" + (raw[:32] + bytes([raw[32] | (raw[64] - 27) << 7]) + raw[33:64]).hex()
