"""The stack's own keys, made at first start and kept in its state folder, readable by their owner only."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from eth_account import Account

# Treasury, arbiter and deployer never sign in a running stack; the workers' keys sign their sockets' challenges.
ROLES = ("deployer", "operator", "treasury", "arbiter", "rater", "faucet", "aggregator", "evaluator")
WORKERS = ("aggregator", "evaluator")


def make_keys(folder: Path) -> dict[str, str]:
    """Make the keys that are missing; addresses by role."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    addresses = {role: make_key(folder / f"{role}.json") for role in ROLES}
    secret = folder / "server-secret"
    if not secret.exists():
        write_private(secret, secrets.token_hex(32) + "\n")
    write_private(
        folder / "workers.json", json.dumps({role: addresses[role] for role in WORKERS}, indent=1) + "\n"
    )
    return addresses


def make_key(path: Path) -> str:
    """The address of the key in `path`, made where there is none."""
    if not path.exists():
        account = Account.create()
        document = {"address": account.address, "private_key": "0x" + bytes(account.key).hex()}
        write_private(path, json.dumps(document, indent=1) + "\n")
    return str(read_key(path)["address"])


def read_key(path: Path) -> dict[str, str]:
    """`{"address", "private_key"}` of a key file."""
    document: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return document


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with os.fdopen(
        os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    unfinished.replace(path)
