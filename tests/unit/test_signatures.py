"""Checking Ethereum signatures."""

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data

from backend.adapters.signatures import EthSignatures

WALLET = Account.from_key("0x" + "11" * 32)
TEXT = "api.example wants you to sign in ✓"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DOCUMENT = {
    "types": {
        "EIP712Domain": [{"name": "name", "type": "string"}, {"name": "chainId", "type": "uint256"}],
        "Verdict": [{"name": "jobId", "type": "bytes32"}, {"name": "amounts", "type": "uint256[]"}],
    },
    "primaryType": "Verdict",
    "domain": {"name": "EcoDML", "chainId": 31337},
    "message": {"jobId": "0x" + "ab" * 32, "amounts": [10**24, 0]},
}
MALFORMED = [
    "",
    "0x",
    "hello",
    "0x" + "00" * 65,
    "0x" + "ff" * 65,
    "0x" + "11" * 64,
    "0x" + "11" * 66,
    "é" * 130,
]


def signed_text():
    return WALLET.sign_message(encode_defunct(text=TEXT)).signature.hex()


def signed_document():
    return bytes(WALLET.sign_message(encode_typed_data(full_message=DOCUMENT)).signature)


def test_signer__signed_text__checksum_address():
    signature = signed_text().removeprefix("0x")
    assert EthSignatures().signer(TEXT, signature) == WALLET.address
    assert EthSignatures().signer(TEXT, "0x" + signature) == WALLET.address


def test_signer__v_of_0_or_1__understood():
    raw = bytes.fromhex(signed_text().removeprefix("0x"))
    assert EthSignatures().signer(TEXT, (raw[:64] + bytes([raw[64] - 27])).hex()) == WALLET.address


def test_signer__another_text__another_address():
    assert EthSignatures().signer(TEXT + ".", signed_text()) != WALLET.address


def test_typed_signer__signed_document__checksum_address():
    assert EthSignatures().typed_signer(DOCUMENT, signed_document().hex()) == WALLET.address


def test_typed_signer__what_the_contract_refuses__none():
    raw = signed_document()
    upper = ORDER - int.from_bytes(raw[32:64])
    mirrored = raw[:32] + upper.to_bytes(32) + bytes([55 - raw[64]])
    assert EthSignatures().typed_signer(DOCUMENT, mirrored.hex()) is None
    assert EthSignatures().typed_signer(DOCUMENT, (raw[:64] + bytes([raw[64] - 27])).hex()) is None


@pytest.mark.parametrize("signature", MALFORMED)
def test_both__malformed_signature__none(signature):
    assert EthSignatures().signer(TEXT, signature) is None
    assert EthSignatures().typed_signer(DOCUMENT, signature) is None


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"types": {}},
        DOCUMENT | {"message": {"jobId": 7}},
        DOCUMENT | {"primaryType": "Other"},
        DOCUMENT | {"types": None},
    ],
)
def test_typed_signer__malformed_document__none(document):
    assert EthSignatures().typed_signer(document, signed_document().hex()) is None
