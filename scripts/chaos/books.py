"""Reads what the audit compares: both chains' events, the database as it lies, the mails as they arrived."""

from __future__ import annotations

import email
import json
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from web3.types import FilterParams

from backend.adapters import records
from backend.adapters.chain.audit import read_books
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Network, load_deployments
from backend.adapters.chain.events import EventReader
from backend.adapters.mail.message import message_id
from backend.config import Settings
from backend.ports import ChainEvent
from backend.verification.rating_history import steps_of
from scripts.chaos.audit import NEVER_PAID, Books, KeptEffect
from scripts.stack import StackConfig

SPAN_BLOCKS = 2_000
DATABASE = Settings.mongodb_database
MAILS = ("SendMail", "SendAccountMail")


@dataclass(frozen=True)
class Places:
    """Where chains, database and mails are."""

    deployments_file: Path
    market_rpc_url: str
    carbon_rpc_url: str
    database_uri: str
    mail: Path

    @classmethod
    def of(cls, config: StackConfig) -> Places:
        """A stack's."""
        urls = (config.market_rpc_url, config.carbon_rpc_url, config.database_uri)
        return cls(config.deployments_file, *urls, config.state / "mail")


def read(places: Places) -> Books:
    """The books once all jobs have ended."""
    deployments = load_deployments(places.deployments_file)
    market = _events(deployments.market, places.market_rpc_url)
    carbon = _events(deployments.carbon, places.carbon_rpc_url) if deployments.carbon else []
    effects, tickets, steps = _database(places.database_uri)
    paid = [t.job_id for t in tickets if t.status not in NEVER_PAID or t.on_chain]
    return Books(
        events=(*market, *carbon),
        effects=effects,
        tickets=tickets,
        money=read_books(places.market_rpc_url, deployments, paid),
        escrow=deployments.market["JobEscrow"].address,
        letters=tuple(_letters(places.mail)),
        letter_ids={e.key: _letter_id(e) for e in effects if e.kind in MAILS},
        rating_steps=steps,
        rating_events=frozenset(
            f"{step.provider}/{step.block}/{step.log_index}" for e in market for step in steps_of(e, 0)
        ),
        engaged=_engaged(deployments.market, places.market_rpc_url, market),
    )


def _database(uri: str) -> tuple[tuple[KeptEffect, ...], tuple[Any, ...], frozenset[str]]:
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=20_000) as client:
        database = client[DATABASE]
        effects = tuple(_effect(document) for document in database["effects"].find())
        tickets = tuple(records.ticket(document["body"]) for document in database["tickets"].find())
        steps = frozenset(str(document["_id"]) for document in database["rating_steps"].find({}, {"_id": 1}))
    return effects, tickets, steps


def _letter_id(effect: KeptEffect) -> str:
    """The Message-ID of an effect's letter: a ticket's are named by ticket and kind."""
    key = effect.key.replace("/mail/", "/") if effect.kind == "SendMail" else effect.key
    return message_id(key, Settings.mail_from)


def _effect(document: dict[str, Any]) -> KeptEffect:
    result = json.loads(document.get("result") or "{}")
    return KeptEffect(
        key=document["_id"],
        kind=document["kind"],
        state=document["state"],
        tx=str(result.get("tx") or ""),
        sent=bool(result.get("sent")),
    )


def _events(network: Network, rpc_url: str) -> list[ChainEvent]:
    connection = Connection(network, rpc_url)
    reader = EventReader([(name, connection.contract(name)) for name in network.contracts])
    found: list[ChainEvent] = []
    with connection.use() as web3:
        newest = int(web3.eth.block_number)
        for first in range(network.first_block, newest + 1, SPAN_BLOCKS):
            wanted: FilterParams = {
                "address": [connection.contract(name).address for name in network.contracts],
                "fromBlock": first,
                "toBlock": min(first + SPAN_BLOCKS - 1, newest),
            }
            found += reader.read(web3.eth.get_logs(wanted))
    return found


def _engaged(network: Network, rpc_url: str, events: list[ChainEvent]) -> dict[str, int]:
    connection = Connection(network, rpc_url)
    staking = connection.contract("NodeStaking")
    providers = {str(e.args["provider"]) for e in events if e.name == "NodeRegistered"}
    with connection.use():
        return {p: int(staking.functions.node(p).call().assignedJobs) for p in sorted(providers)}


def _letters(folder: Path) -> list[str]:
    files = [path for place in ("new", "cur") for path in folder.rglob(f"{place}/*") if path.is_file()]
    return [
        str(email.message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"]).strip()
        for path in sorted(files)
    ]
