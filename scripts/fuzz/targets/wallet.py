"""EIP-4361 texts: an address, or a refusal; signed by a real key, so that what comes after the signature is reached too."""

from __future__ import annotations

from datetime import UTC, datetime

from eth_account.messages import encode_defunct

from backend.api.wallet_text import verify
from backend.errors import EcoError
from scripts.fuzz.target import Judge, Target, promised, sentence, text_of
from scripts.fuzz.targets.world import world
from tests.support.api_world import CUSTOMER

ISSUED = datetime.fromtimestamp(1_800_000_000, UTC).isoformat().replace("+00:00", "Z")
NONCE = "NONCENONCENONCE8"


def _wallet() -> Judge:
    opened = world()

    def judge(data: bytes) -> None:
        nonce = opened.parts.sessions.new_nonce(opened.clock())
        text = text_of(data[1:]).replace(NONCE, nonce)
        try:
            signature = CUSTOMER.sign_message(encode_defunct(text=text)).signature.to_0x_hex()
        except UnicodeEncodeError:
            signature = "0x"
        links_to = "u1" if data[:1] > b"\x7f" else None
        try:
            signed_by = verify(opened.parts, text, signature, links_to)
        except EcoError as refusal:
            promised(refusal.code.startswith("auth."), refusal.code)
            sentence(refusal.message)
            return
        promised(signed_by == CUSTOMER.address, "another address than the one that signed")
        try:
            verify(opened.parts, text, signature, links_to)
        except EcoError:
            return
        promised(False, "one text got in twice")

    return judge


def _seeds() -> list[bytes]:
    head = f"127.0.0.1:8600 wants you to sign in with your Ethereum account:\n{CUSTOMER.address}\n\n"
    said = f"Hello.\n\nURI: http://127.0.0.1:8600\nVersion: 1\nChain ID: 31337\nNonce: {NONCE}\nIssued At: {ISSUED}"
    more = f"\nExpiration Time: {ISSUED}\nNot Before: {ISSUED}\nRequest ID: u1\nResources:\n- https://example.org/a"
    made = [(b"\0", said), (b"\xff", f"{said}\nRequest ID: u1"), (b"\0", said + more)]
    return [way + (head + text).encode() for way, text in made]


WORDS = (
    b"\nURI: ", b"\nVersion: 1", b"\nChain ID: ", b"\nNonce: ", b"\nIssued At: ", b"\nExpiration Time: ", b"\nNot Before: ",
    b"\nRequest ID: ", b"\nResources:", b"9999-12-31T23:59:60Z", b"0000-00-00T00:00:00Z", b"+99:99", b"http://[", b"\xd9\xa1",
)  # fmt: skip
TARGETS = (Target("wallet", _wallet, _seeds, WORDS, 3_000),)
