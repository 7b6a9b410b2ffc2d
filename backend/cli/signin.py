"""Signing in with a wallet (EIP-4361): the text names site, chain and a
single-use nonce, so it is good for nothing else."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from backend.cli.client import Api, SignedOut
from backend.cli.home import save_session, session_token

STATEMENT = "Sign in to EcoDML."


def sign_in(api: Api, account: LocalAccount, chain_id: int) -> None:
    """Give `api` a session of `account`: the saved one while it lives, else a new one."""
    api.token = session_token(api.url, account.address)
    if api.token is not None and _alive(api):
        return
    api.token = None
    nonce = str(api.post("/api/auth/nonce")["nonce"])
    message = sign_in_text(api.url, account.address, chain_id, nonce, datetime.now(UTC))
    signature = account.sign_message(encode_defunct(text=message)).signature.to_0x_hex()
    api.token = str(api.post("/api/auth/login", {"message": message, "signature": signature})["token"])
    save_session(api.url, account.address, api.token)


def sign_in_text(api_url: str, address: str, chain_id: int, nonce: str, at: datetime) -> str:
    """The EIP-4361 text for the site at `api_url`."""
    return (
        f"{urlsplit(api_url).netloc} wants you to sign in with your Ethereum account:\n{address}\n\n"
        f"{STATEMENT}\n\nURI: {api_url}\nVersion: 1\nChain ID: {chain_id}\nNonce: {nonce}\n"
        f"Issued At: {at:%Y-%m-%dT%H:%M:%SZ}"
    )


def _alive(api: Api) -> bool:
    try:
        api.get("/api/tickets")
    except SignedOut:
        return False
    return True
