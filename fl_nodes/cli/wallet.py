"""The provider's own wallet, which pays and receives; the machine never keeps it."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path

from eth_account.signers.local import LocalAccount

from fl_nodes.errors import Refused
from fl_nodes.keys import key_from_environment, read_key_file

PASSWORD_VARIABLE = "ECODML_KEYSTORE_PASSWORD"  # noqa: S105 -- the variable's name, not a password


def open_wallet(keystore: Path | None, key_variable: str | None) -> LocalAccount:
    """The wallet of a keystore file or of an environment variable; raises Refused."""
    if key_variable is not None:
        return key_from_environment(key_variable)
    if keystore is None:
        raise Refused("wallet.missing", "Name the provider's wallet with --keystore FILE or --private-key-env VAR.")
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None and sys.stdin.isatty():
        password = getpass(f"Password of {keystore}: ")
    return read_key_file(keystore, password)
