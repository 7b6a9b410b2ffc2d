"""The customer's key: from an encrypted keystore file or from a variable
of the environment, never from an argument."""

from __future__ import annotations

import json
from collections.abc import Callable
from getpass import getpass
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

from backend.cli.home import home, write_private
from backend.config import environment
from backend.errors import Conflict, Invalid, NotFound

PASSWORD_VARIABLE = "ECODML_KEYSTORE_PASSWORD"  # noqa: S105 -- the variable's name, not a password
Ask = Callable[[str], str]


def open_wallet(keystore: Path | None, key_variable: str | None, ask: Ask = getpass) -> LocalAccount:
    """The account to sign with. With neither named, `keystore.json` in `$ECODML_HOME`.

    NotFound `wallet.missing`, Invalid `wallet.key`, `wallet.keystore`, `wallet.password`.
    """
    if key_variable is not None:
        return _from_variable(key_variable)
    path = keystore or home() / "keystore.json"
    if not path.is_file():
        raise NotFound(
            "wallet.missing",
            f"There is no keystore {path}: make one with `ecodml wallet {path}`, or name a key with "
            "--private-key-env VAR.",
        )
    return _from_keystore(path, ask)


def create_keystore(path: Path, ask: Ask = getpass) -> LocalAccount:
    """A new account in an encrypted keystore file; Conflict `wallet.exists` rather than overwrite one."""
    if path.exists():
        raise Conflict("wallet.exists", f"{path} exists already and was left as it is.")
    password = environment(PASSWORD_VARIABLE) or _new_password(ask)
    account: LocalAccount = Account.create()
    write_private(path, dict(Account.encrypt(account.key, password)))
    return account


def keystore_address(path: Path) -> str:
    """The address a keystore file names, without its password."""
    address = _keystore(path).get("address")
    if not isinstance(address, str):
        raise Invalid("wallet.keystore", f"{path} does not name its address.")
    return str(to_checksum_address(address))


def _from_variable(name: str) -> LocalAccount:
    key = environment(name)
    if not key:
        raise NotFound("wallet.missing", f"The environment has no variable {name}.")
    try:
        account: LocalAccount = Account.from_key(key.strip())
    except ValueError as error:
        raise Invalid("wallet.key", f"{name} does not hold a private key (32 bytes, hex).") from error
    return account


def _from_keystore(path: Path, ask: Ask) -> LocalAccount:
    document = _keystore(path)
    password = environment(PASSWORD_VARIABLE) or ask(f"Password of {path}: ")
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(document, password))
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("wallet.password", f"The password does not open {path}.") from error
    return account


def _keystore(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Invalid("wallet.keystore", f"{path} is not a keystore file.") from error
    if not isinstance(document, dict) or not {"crypto", "Crypto"} & set(document):
        raise Invalid("wallet.keystore", f"{path} is not a keystore file.")
    return document


def _new_password(ask: Ask) -> str:
    password = ask("Password for the new keystore: ")
    if not password or password != ask("Again: "):
        raise Invalid("wallet.password", "The two passwords must be equal and not empty.")
    return password
