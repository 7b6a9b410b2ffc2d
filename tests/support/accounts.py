"""People at browsers, for tests of accounts: they sign in, and their requests carry what the pages' would."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from flask.testing import FlaskClient

from tests.support.api_world import CUSTOMER, World

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) Test/1.0"


def sign_in_text(
    world: World, nonce: str, account: LocalAccount = CUSTOMER, site: str = "127.0.0.1:8600", more: str = ""
) -> str:
    """An EIP-4361 text for the test's site."""
    issued = datetime.fromtimestamp(world.clock(), UTC)
    return (
        f"{site} wants you to sign in with your Ethereum account:\n{account.address}\n\nSign in.\n\n"
        f"URI: http://{site}\nVersion: 1\nChain ID: 31337\nNonce: {nonce}\n"
        f"Issued At: {issued:%Y-%m-%dT%H:%M:%SZ}{more}"
    )


def signed(account: LocalAccount, message: str) -> str:
    """A wallet's signature of a text."""
    return str(account.sign_message(encode_defunct(text=message)).signature.to_0x_hex())


def nonce_of(client: FlaskClient, csrf: str = "") -> str:
    """A fresh nonce."""
    return str(client.post("/api/auth/nonce", headers={"X-CSRF-Token": csrf}).json["nonce"])


def login(world: World, client: FlaskClient, account: LocalAccount, csrf: str = "", **where: Any) -> Any:
    """Sign in with a wallet, for a cookie."""
    message = sign_in_text(world, nonce_of(client, csrf), account, **where)
    body = {"message": message, "signature": signed(account, message), "cookie": True}
    headers = {"X-CSRF-Token": csrf, "User-Agent": USER_AGENT}
    return client.post("/api/auth/login", json=body, headers=headers)


def browser(world: World, account: LocalAccount) -> FlaskClient:
    """A browser that somebody signed in at with a wallet."""
    client = world.client
    assert login(world, client, account).status_code == 200
    return client


def said(answer: Any) -> str:
    """The code of a refusal."""
    return str(answer.json["error"]["code"])
