"""What stands in somebody's way and why, for a customer, a node provider or the admin, from what the API and this machine know."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from backend.cli.client import Api, SignedOut
from backend.cli.home import Receipt, home, load_receipt, session_token
from backend.cli.installed import Check
from backend.cli.market_diagnosis import market
from backend.errors import EcoError

PEOPLE = ("customer", "provider", "admin")
ENDED = ("SETTLED", "REFUNDED", "INVALID")
WAITS: dict[str, tuple[str, str]] = {
    "QUOTED": (
        "no payment has been seen on chain",
        "pay with `ecodml train FILE`, or let the quote lapse: it costs nothing",
    ),
    "FUNDED": (
        "the fee is in escrow and the dataset is not here yet",
        "upload it: `ecodml train FILE --resume {id}`",
    ),
    "UPLOADED": (
        "the dataset waits to be examined",
        "wait a minute; if nothing moves, tell the operator this ticket's id",
    ),
    "QUEUED": (
        "too few free nodes for this job, or a better hour was chosen",
        "wait: the fee goes back at the deadline at the latest",
    ),
    "RUNNING": ("nodes are training", "watch it: `ecodml ticket {id}`"),
    "VERIFYING": (
        "validators are signing the verdict",
        "wait a minute; the fee goes back at the deadline otherwise",
    ),
    "SETTLING": ("the payment to the nodes is on its way", "wait for the chain"),
    "FAILED": ("the job failed", "nothing: the refund is on its way"),
    "EXPIRED": ("the deadline passed", "nothing: the refund is on its way"),
    "REFUNDING": ("the refund is on its way", "wait for the chain"),
    "DISPUTED": ("an accused node contests the verdict", "nothing: your refund does not wait for it"),
}
STATES: dict[str, tuple[str, str]] = {
    "None": ("its deposit was not paid", "run `ecodml node join`"),
    "Unbonding": (
        "it is leaving",
        "withdraw after the delay: `ecodml node withdraw`; or register it anew later",
    ),
    "Banned": (
        "a proven cheat, by a verdict or the arbiter",
        "this wallet cannot come back; see `ecodml node status`",
    ),
}


def diagnosed(person: str, api: Api, node_home: Path, now: Callable[[], float] = time.time) -> list[Check]:
    """The findings for one kind of person, each problem with why it is one and what to do next."""
    if person == "customer":
        return list(_customer(api, now()))
    if person == "provider":
        return list(_provider(api, node_home))
    return list(market(api))


def _customer(api: Api, now: float) -> Iterator[Check]:
    keystore = home() / "keystore.json"
    yield Check(
        "wallet",
        "customer",
        keystore.is_file(),
        str(keystore) if keystore.is_file() else f"{keystore} missing",
        f"make one with `ecodml wallet {keystore}`, or name a key with --private-key-env",
        "payments and signing in need a key; a wallet in the browser does as well",
    )
    try:
        health = api.get("/api/health")["parts"]
    except EcoError as error:
        yield Check(
            "API",
            "customer",
            False,
            error.message,
            "try again later; after a deadline `ecodml reclaim TICKET` works without it",
            "nothing new can be bought; what was paid is in the escrow on chain, which needs no API",
        )
        health = None
    if health is not None:
        for name, part in sorted(health.items()):
            if not part["ok"]:
                yield Check(
                    name,
                    "customer",
                    False,
                    str(part["detail"]),
                    "wait, or tell the operator; fees of what does not end in time go back",
                    "jobs wait for it",
                )
    for file in sorted((home() / "receipts").glob("*.json")):
        try:
            receipt = load_receipt(str(file))
        except EcoError as error:
            yield Check(
                file.stem,
                "customer",
                False,
                error.message,
                "take the copy that you kept elsewhere",
                "without a receipt the fee cannot be reclaimed from here",
            )
            continue
        yield _ticket(api if health is not None else None, receipt, now)


def _ticket(api: Api | None, receipt: Receipt, now: float) -> Check:
    late = now >= receipt.deadline
    reclaim = f"take the fee back: `ecodml reclaim {receipt.ticket}`"
    name = f"ticket {receipt.ticket}"
    token = session_token(receipt.api, receipt.customer)
    if api is None or token is None:
        detail = (
            "its deadline has passed"
            if late
            else f"until {time.strftime('%F %T', time.gmtime(receipt.deadline))} UTC it may still run"
        )
        return Check(name, "customer", not late, detail, reclaim, "whether it ended is not known from here")
    try:
        ticket = Api(receipt.api, token, api.session).get(f"/api/tickets/{receipt.ticket}")["ticket"]
    except SignedOut:
        return Check(
            name,
            "customer",
            not late,
            "the session has ended",
            f"sign in again: `ecodml ticket {receipt.ticket}`",
            "its state cannot be asked for",
        )
    except EcoError as error:
        return Check(name, "customer", not late, error.message, reclaim, "the API does not tell of it")
    status = str(ticket["status"])
    why, step = WAITS.get(status, ("", ""))
    fine = status in ENDED or not late
    return Check(
        name,
        "customer",
        fine,
        f"{status}: {why}" if why else status,
        step.format(id=receipt.ticket) if fine else reclaim,
        "" if fine else "the deadline has passed and the fee is not back",
    )


def _provider(api: Api, folder: Path) -> Iterator[Check]:
    file = folder.expanduser() / "node.json"
    try:
        identity = json.loads(file.read_text(encoding="utf-8"))
        name, provider, role = identity["name"], identity["provider"], identity["role"]
    except (OSError, ValueError, KeyError, TypeError):
        yield Check(
            "node",
            "provider",
            False,
            f"{file} names no node",
            "run `ecodml node join`, or name its folder with --node-home",
            "no node has joined from this machine's folder",
        )
        return
    try:
        node = api.get(f"/api/nodes/{provider}")["node"]
    except EcoError as error:
        yield Check(
            name,
            "provider",
            False,
            error.message,
            "check --api; a node that has just joined shows after a few seconds"
            if error.code == "node.unknown"
            else "check --api, or wait: a node connects again by itself",
            "the market does not know this node"
            if error.code == "node.unknown"
            else "the market cannot be asked about this node now",
        )
        return
    why, step = STATES.get(node["state"], ("", ""))
    yield Check("standing", "provider", node["state"] == "Active", f"{name} is {node['state']}", step, why)
    yield Check(
        "connection",
        "provider",
        bool(node["online"]),
        "connected" if node["online"] else "not connected",
        "start it with `ecodml node run` and read what it says; it dials out, so no port needs to be open",
        "nobody is given work who is not there, and a node that leaves its jobs loses rating",
    )
    yield Check(
        "role",
        "provider",
        role in node["roles"],
        f"joined as {role}; registered as {' and '.join(node['roles']) or 'nothing'}",
        f"join again as {role} from a fresh folder",
        "the chain decides what a node may do",
    )
    yield Check(
        "key",
        "provider",
        node["key"] == identity["key"],
        "the registered key" if node["key"] == identity["key"] else "another key is registered",
        "run from the folder that the node joined from",
        "the market refuses a machine whose key is not the registered one",
    )
