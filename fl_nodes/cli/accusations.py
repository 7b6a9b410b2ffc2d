"""`ecodml node contest JOB`, and what `ecodml node status` says of accusations: the chain's word, with where the evidence is."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_account.signers.local import LocalAccount

from fl_nodes.cli.home import Identity
from fl_nodes.cli.market import Market
from fl_nodes.errors import Refused
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.signing import bytes32

NO_REASON = "0" * 64
_JOB_ID = re.compile(r"0x[0-9a-fA-F]{64}")


def accusations(market: Market, provider: str) -> list[dict[str, Any]]:
    """Every accusation of a provider by a verdict, newest first, with what can be done about it."""
    found = []
    for failed in market.escrow_events("JobFailed"):
        if provider not in failed["culprits"]:
            continue
        state, closes = market.accusation(failed["jobId"], provider)
        job_id = "0x" + bytes(failed["jobId"]).hex()
        told = {
            "job_id": job_id,
            "state": state,
            "evidence_hash": "0x" + bytes(failed["evidenceHash"]).hex(),
            "contest_until": _moment(closes),
            "evidence": f"ecodml evidence {job_id} DIR",
        }
        if state == "named" and market.now() < closes:
            told["next"] = f"ecodml node contest {job_id}, before {told['contest_until']}"
        found.append(told)
    return found[::-1]


def contest(
    options: argparse.Namespace, identity: Identity, wallet: LocalAccount, market: Market
) -> dict[str, Any]:
    """Contest one accusation; Refused `contest.*`, or with the contract's reason."""
    job_id, reason = job_named(options.job), reason_hash(options.reason)
    state, _ = market.accusation(bytes32(job_id), identity.provider)
    if state == "contested":
        return _told(job_id, state, None, reason)
    if state != "named":
        decided = "was not accused there" if state == "none" else f"is {state} there already"
        raise Refused("contest.not_accused", f"{identity.provider} {decided}: there is nothing to contest.")
    tx = market.send(wallet, market.escrow.functions.contest(bytes32(job_id), bytes32(reason)))
    return _told(job_id, market.accusation(bytes32(job_id), identity.provider)[0], tx, reason)


def job_named(text: str) -> str:
    """A job's id; Refused `contest.job`."""
    if not _JOB_ID.fullmatch(text):
        raise Refused("contest.job", f"{text[:70]!r} is no job id: 0x and 64 hex digits.")
    return text.lower()


def reason_hash(reason: str | None) -> str:
    """What goes on chain of a reason: the SHA-256 (hex) of a file's content or of the words themselves; zeros for none."""
    if reason is None:
        return NO_REASON
    path = Path(reason)
    try:
        return sha256_hex(path.read_bytes() if path.is_file() else reason.encode())
    except OSError as error:
        raise Refused("contest.reason", f"{reason[:70]} cannot be read.") from error


def _told(job_id: str, state: str, tx: str | None, reason: str) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "state": state,
        "tx": tx,
        "reason_sha256": reason,
        "next": f"the arbiter decides; give it your reasons, and the bundle: ecodml evidence {job_id} DIR",
    }


def _moment(unix_s: int) -> str:
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M:%S} UTC" if unix_s else ""
