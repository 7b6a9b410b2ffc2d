"""What the command line keeps between runs, readable by its owner only: receipts and session tokens.

A receipt is all that `ecodml reclaim` needs once the operator has vanished: on disk before the payment leaves.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from backend.config import environment
from backend.errors import Invalid, NotFound

_TICKET_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True)
class Receipt:
    """A payment: where its job stands on which chain. `deadline` in Unix seconds;
    from then on the fee can be reclaimed."""

    ticket: str
    api: str
    rpc_url: str
    chain_id: int
    escrow: str
    token: str
    job_id: str
    ref: str
    customer: str
    fee_wei: int
    deadline: int
    dataset_sha256: str
    file: str
    transaction: str = ""


def home() -> Path:
    """`$ECODML_HOME`, by default `~/.ecodml`."""
    named = environment("ECODML_HOME")
    return Path(named) if named else Path.home() / ".ecodml"


def receipt_path(ticket_id: str) -> Path:
    """Where a ticket's receipt is kept; Invalid `ticket.id` for what cannot be one."""
    if not _TICKET_ID.fullmatch(ticket_id):
        raise Invalid("ticket.id", f"{ticket_id!r} is not a ticket id.")
    return home() / "receipts" / f"{ticket_id}.json"


def save_receipt(receipt: Receipt) -> Path:
    """Write a receipt, or write it anew."""
    path = receipt_path(receipt.ticket)
    write_private(path, asdict(receipt))
    return path


def load_receipt(id_or_file: str) -> Receipt:
    """The receipt of a ticket, or the one in a file;
    NotFound `receipt.unknown`, Invalid `receipt.malformed`."""
    path = Path(id_or_file)
    if not path.is_file():
        if os.sep in id_or_file or path.suffix == ".json":
            raise NotFound("receipt.unknown", f"There is no receipt file {id_or_file}.")
        path = receipt_path(id_or_file)
    if not path.is_file():
        raise NotFound("receipt.unknown", f"There is no receipt of ticket {id_or_file} in {path.parent}.")
    try:
        document = json.loads(path.read_text())
        return Receipt(**{f.name: document[f.name] for f in fields(Receipt)})
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid("receipt.malformed", f"{path} is not a receipt.") from error


def session_token(api_url: str, address: str) -> str | None:
    """The saved bearer token for an account at an API."""
    token = _sessions().get(_session_key(api_url, address))
    return token if isinstance(token, str) else None


def known_sessions(api_url: str) -> list[str]:
    """Saved bearer tokens at an API, whosoever they are, newest last."""
    return [token for key, token in _sessions().items() if key.startswith(f"{api_url} ")]


def save_session(api_url: str, address: str, token: str) -> None:
    """Keep a bearer token for the next command."""
    sessions = _sessions()
    sessions.pop(_session_key(api_url, address), None)
    write_private(_sessions_path(), {**sessions, _session_key(api_url, address): token})


def write_private(path: Path, document: dict[str, Any]) -> None:
    """Write JSON whole or not at all, mode 0600 in a folder of mode 0700."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(document, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _sessions_path() -> Path:
    return home() / "sessions.json"


def _session_key(api_url: str, address: str) -> str:
    return f"{api_url} {address}"


def _sessions() -> dict[str, Any]:
    try:
        saved = json.loads(_sessions_path().read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return saved if isinstance(saved, dict) else {}
