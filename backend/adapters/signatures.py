"""Ethereum signatures of texts (EIP-191) and typed data (EIP-712), checked with eth-account."""

from __future__ import annotations

import re
from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage, encode_defunct, encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

HALF_CURVE_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_HEX = re.compile(r"(0x)?[0-9a-fA-F]{130}")
_MALFORMED = (BadSignature, ValidationError, ValueError, TypeError, KeyError, AttributeError)


class EthSignatures:
    """`ports.Signatures`."""

    def signer(self, text: str, signature: str) -> str | None:
        """Checksum address that signed `text` (EIP-191), with the lower s of the two that would do. v = 0 or 1 is understood."""
        raw = _parse(signature)
        if raw is None or int.from_bytes(raw[32:64]) > HALF_CURVE_ORDER:
            return None
        if raw[64] < 27:
            raw = raw[:64] + bytes([raw[64] + 27])
        return _recover(lambda: encode_defunct(text=text), raw)

    def typed_signer(self, document: dict[str, Any], signature: str) -> str | None:
        """Checksum address that signed an EIP-712 document.

        Only what the contracts accept too: 65 bytes, v = 27 or 28, lower s.
        """
        raw = _parse(signature)
        if raw is None or raw[64] not in (27, 28) or int.from_bytes(raw[32:64]) > HALF_CURVE_ORDER:
            return None
        return _recover(lambda: encode_typed_data(full_message=document), raw)


def _parse(signature: str) -> bytes | None:
    if not _HEX.fullmatch(signature):
        return None
    return bytes.fromhex(signature.removeprefix("0x"))


def _recover(message: Any, signature: bytes) -> str | None:
    try:
        signable: SignableMessage = message()
        return str(Account.recover_message(signable, signature=signature))
    except _MALFORMED:
        return None
