"""Signing and checking with a node's key: texts (EIP-191) and typed data (EIP-712)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from eth_abi.exceptions import EncodingError
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

CHECKED_SIGNATURES = 4096
SIGNATURE_BYTES = 65
HALF_CURVE_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def account_from(private_key: str | bytes) -> LocalAccount:
    """The account of a private key; raises ValueError for what is none."""
    try:
        account: LocalAccount = Account.from_key(private_key)
    except (ValueError, ValidationError) as error:
        raise ValueError("that is not a private key (64 hex digits)") from error
    return account


def sign_text(account: LocalAccount, text: str) -> str:
    """EIP-191 signature, 0x-prefixed hex."""
    return "0x" + bytes(account.sign_message(encode_defunct(text=text)).signature).hex()


def sign_document(account: LocalAccount, document: dict[str, Any]) -> str:
    """EIP-712 signature, 0x-prefixed hex."""
    return "0x" + bytes(account.sign_message(encode_typed_data(full_message=document)).signature).hex()


def well_formed(signature: str) -> bool:
    """Whether the contracts would take it as a signature: 65 bytes, v = 27 or 28, the lower s of the two that would do."""
    try:
        raw = bytes.fromhex(signature.removeprefix("0x"))
    except ValueError:
        return False
    return (
        len(raw) == SIGNATURE_BYTES and raw[64] in (27, 28) and int.from_bytes(raw[32:64]) <= HALF_CURVE_ORDER
    )


@lru_cache(maxsize=CHECKED_SIGNATURES)
def signer(text: str, signature: str) -> str | None:
    """Checksum address that signed `text`; None where the signature is malformed."""
    if not well_formed(signature):
        return None
    try:
        return str(Account.recover_message(encode_defunct(text=text), signature=signature))
    except (ValueError, TypeError, BadSignature, ValidationError):
        return None


def signed_by(address: str, text: str, signature: str) -> bool:
    """Whether `address` signed `text`."""
    who = signer(text, signature)
    return who is not None and who.lower() == address.lower()


def document_signer(document: dict[str, Any], signature: str) -> str | None:
    """Checksum address that signed an EIP-712 document; None where the signature or the document is malformed."""
    if not well_formed(signature):
        return None
    try:
        return str(Account.recover_message(encode_typed_data(full_message=document), signature=signature))
    except (ValueError, TypeError, BadSignature, ValidationError, EncodingError):
        return None
