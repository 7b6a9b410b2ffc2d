"""People at browsers, for tests of accounts: they sign in, and their requests carry what the pages' would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from flask.testing import FlaskClient

from backend.adapters.memory import MemoryMail
from backend.api.mail_tokens import letter_link
from backend.notification.notifier import Notifier
from backend.ports import Letter, Mail
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


@dataclass
class Post:
    """Letters of a world, really written, and the tokens of the links in them."""

    world: World
    mail: Mail = field(default_factory=MemoryMail)

    def __post_init__(self) -> None:
        parts = self.world.parts
        self._notifier = Notifier(
            parts.tickets,
            parts.effects,
            parts.objects,
            self.mail,
            lambda ticket_id: f"{parts.settings.api_url}/tickets/{ticket_id}",
            1.0,
            lambda asked: letter_link(parts.users, parts.secret, parts.clock, parts.settings.api_url, asked),
        )

    def send(self) -> None:
        """Send what is waiting."""
        self._notifier.run_once()

    def to(self, email: str) -> list[Letter]:
        """All letters that this address got so far in memory, oldest first."""
        self.send()
        assert isinstance(self.mail, MemoryMail)
        return [letter for letter in self.mail.letters if letter.to == email]

    def token(self, email: str) -> str:
        """The token in the newest letter to this address."""
        return re.findall(r"#token=(\S+)", self.to(email)[-1].text)[-1]


@dataclass
class Person:
    """Somebody at a browser, whose requests carry the session's token as the pages' do."""

    world: World
    agent: str = USER_AGENT

    def __post_init__(self) -> None:
        self.client = self.world.client

    def post(self, path: str, **body: Any) -> Any:
        """POST JSON as a page does."""
        csrf = self.client.get("/api/auth/session").json["csrf"]
        headers = {"User-Agent": self.agent} | ({"X-CSRF-Token": csrf} if csrf else {})
        return self.client.post(path, json=body, headers=headers)

    @property
    def user(self) -> dict[str, Any] | None:
        """Who is signed in, as the pages see it."""
        found: dict[str, Any] | None = self.client.get("/api/auth/session").json["user"]
        return found

    def sign_in_with(self, account: LocalAccount) -> None:
        """With a wallet."""
        message = sign_in_text(self.world, self.post("/api/auth/nonce").json["nonce"], account)
        answer = self.post(
            "/api/auth/login", message=message, signature=signed(account, message), cookie=True
        )
        assert answer.status_code == 200, answer.text

    def link(self, account: LocalAccount, to: str | None = None) -> Any:
        """Link a wallet to this account, or with a text that names another, or none at all."""
        user = self.user
        assert user is not None
        nonce = self.post("/api/auth/nonce").json["nonce"]
        more = f"\nRequest ID: {user['id'] if to is None else to}" if to != "" else ""
        message = sign_in_text(self.world, nonce, account, more=more)
        return self.post("/api/account/wallets", message=message, signature=signed(account, message))
