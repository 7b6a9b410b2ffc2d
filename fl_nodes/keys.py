"""Where a worker's private key comes from: an encrypted keystore, the operator's key file, or the environment."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount

from fl_nodes.errors import Refused
from fl_nodes.signatures import account_from

PASSWORD_VARIABLE = "ECODML_NODE_PASSWORD"  # noqa: S105 -- the name of a variable


def read_key_file(path: Path, password: str | None = None) -> LocalAccount:
    """The account of a key file: an Ethereum keystore, `{"private_key": ...}`, or the bare hex key. Raises Refused."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Refused("key.file", f"The key file {path} cannot be read: {error.strerror}.") from error
    try:
        content = json.loads(text)
    except ValueError:
        content = text
    try:
        if isinstance(content, dict) and ("crypto" in content or "Crypto" in content):
            return account_from(bytes(Account.decrypt(content, _password(path, password))))
        if isinstance(content, dict):
            content = content.get("private_key")
        if isinstance(content, str):
            return account_from(content)
    except ValueError as error:
        raise Refused("key.file", f"The key file {path} cannot be opened: {error}.") from error
    raise Refused("key.file", f"The key file {path} holds no private key.")


def key_from_environment(variable: str) -> LocalAccount:
    """The account whose private key is in an environment variable; raises Refused."""
    value = os.environ.get(variable)
    if not value:
        raise Refused("key.environment", f"The environment variable {variable} holds no private key.")
    try:
        return account_from(value)
    except ValueError as error:
        raise Refused(
            "key.environment", f"The environment variable {variable} holds no private key: {error}."
        ) from error


def make_keystore(path: Path) -> LocalAccount:
    """A new key, encrypted with the password of the environment or one made here beside it (mode 0600)."""
    account: LocalAccount = Account.create()
    password = os.environ.get(PASSWORD_VARIABLE)
    if not password:
        password = secrets.token_urlsafe(24)
        write_private(path.with_name("password"), password)
    write_private(path, json.dumps(account.encrypt(password)))
    return account


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def _password(path: Path, password: str | None) -> str:
    beside = path.with_name("password")
    found = (
        password
        or os.environ.get(PASSWORD_VARIABLE)
        or (beside.read_text().strip() if beside.is_file() else None)
    )
    if not found:
        raise Refused(
            "key.password", f"{path} is encrypted: give its password in {PASSWORD_VARIABLE} or in {beside}."
        )
    return found
