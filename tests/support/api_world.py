"""An API over the in-memory twins: a clock that stands still, a market with a fixed commission, real signatures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount
from flask.testing import FlaskClient

from backend.adapters.memory import (
    MemoryIntensities,
    MemoryMachines,
    MemoryNodes,
    MemoryPasswords,
    MemoryPurses,
    MemoryRatingSteps,
    MemorySeats,
    MemorySessions,
    MemoryTasks,
    MemoryTickets,
    MemoryUsers,
)
from backend.adapters.memory.credits import MemoryCredits
from backend.adapters.memory.job_events import MemoryJobEvents
from backend.adapters.memory.journal import Journal
from backend.adapters.memory.ledger import MemoryLedger
from backend.adapters.memory.publications import MemoryPublications
from backend.adapters.signatures import EthSignatures
from backend.adapters.storage.folder import FolderObjects
from backend.api.account_rules import user_of_wallet
from backend.api.app import Api, build
from backend.api.parts import ApiParts
from backend.config import Settings
from backend.domain.node import Node
from backend.domain.ticket import (
    Accepted,
    Assigned,
    Funded,
    RoundClosed,
    RoundRecord,
    Selected,
    Settled,
    Ticket,
    TrainingFinished,
    Uploaded,
    VerdictRecord,
    VerdictSigned,
)
from backend.energy.chain_energy import figures
from backend.errors import NotFound
from backend.ports import Roles, StoredObject
from fl_nodes.protocol.signing import hello_text
from fl_nodes.protocol.tasks import PROTOCOL_VERSION

ESCROW = "0x" + "11" * 20
TOKEN = "0x" + "22" * 20
CHAIN_ID = 31337
CUSTOMER = Account.from_key("0x" + "01" * 32)
STRANGER = Account.from_key("0x" + "02" * 32)
ARBITER = Account.from_key("0x" + "04" * 32)
AGGREGATOR = Account.from_key("0x" + "03" * 32)
CSV = b"a,b,label\n" + b"1,2,x\n3,4,y\n" * 30


class StandingClock:
    """Unix time that moves only when told."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


class NothingSealed:
    """An energy ledger without an epoch."""

    def is_sealed(self, job: str) -> bool:
        """None is."""
        return False

    def is_final(self, index: int) -> bool:
        """None is."""
        return False

    def epoch(self, index: int) -> Any:
        """There are none."""
        unknown_epoch(index)


def unknown_epoch(index: int) -> Any:
    """No epoch has content."""
    raise NotFound("ledger.unknown", f"There is no epoch {index}.")


class FixedMarket:
    """The little of the market chain that the API asks for."""

    chain_id = CHAIN_ID
    escrow_address = ESCROW

    def commission_bps(self) -> int:
        """2 %."""
        return 200

    def roles(self, account: str) -> Roles:
        """The arbiter is one account, and there is no admin."""
        return Roles(arbiter=account == ARBITER.address)


class ClosingClient(FlaskClient):
    """Reads answers whole and closes them, as a server does."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        return super().open(*args, **{"buffered": True, **kwargs})


@dataclass
class World:
    """Parts, the application built of them, and shortcuts of a test."""

    folder: Path
    clock: Any = field(default_factory=StandingClock)
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tickets = MemoryTickets(self.clock)
        self.publications = MemoryPublications()
        self.ledger = MemoryLedger(self.clock, EthSignatures())
        self.credits = MemoryCredits(NothingSealed(), unknown_epoch, Journal(), self.clock)
        self.job_events = MemoryJobEvents()
        self.tasks = MemoryTasks(self.clock)
        self.nodes = MemoryNodes()
        self.machines = MemoryMachines()
        self.rating_steps = MemoryRatingSteps()
        self.purses = MemoryPurses()
        self.seats = MemorySeats()
        settings = Settings(api_url="http://127.0.0.1:8600", rate_limit_factor=0)
        secret = b"s" * 32
        contracts = {
            name: {"address": address, "abi": [], "block": 1}
            for name, address in (("JobEscrow", ESCROW), ("DMLToken", TOKEN))
        }
        objects = FolderObjects(self.folder, settings.api_url, secret, self.clock)
        parts = ApiParts(
            settings=settings,
            clock=self.clock,
            tickets=self.tickets,
            effects=self.tickets.effects,
            tasks=self.tasks,
            nodes=self.nodes,
            machines=self.machines,
            rating_steps=self.rating_steps,
            seats=self.seats,
            purses=self.purses,
            objects=objects,
            served_objects=objects,
            sessions=MemorySessions(),
            users=MemoryUsers(),
            passwords=MemoryPasswords(),
            signatures=EthSignatures(),
            market=FixedMarket(),  # type: ignore[arg-type]
            publications=self.publications,
            ledger=self.ledger,
            chain_figures=figures("local", "local"),
            credits=self.credits,
            job_events=self.job_events,
            deployments={"market": {"chain_id": CHAIN_ID, "rpc_url": "http://rpc", "contracts": contracts}},
            workers={"aggregator": AGGREGATOR.address},
            secret=secret,
            intensities=MemoryIntensities({"DE": 380_950, "ES": 174_050}),
        )
        self.parts = replace(parts, **self.changes)
        self.api: Api = build(self.parts)

    @property
    def client(self) -> FlaskClient:
        """A client without a session."""
        self.api.app.test_client_class = ClosingClient
        return self.api.app.test_client()

    def sign_in(self, account: LocalAccount = CUSTOMER) -> dict[str, str]:
        """Headers of a session."""
        user = user_of_wallet(self.parts, account.address)
        token = self.parts.sessions.open(user.id, account.address, self.clock())
        return {"Authorization": f"Bearer {token}"}

    def quote(self, account: LocalAccount = CUSTOMER, **asked: Any) -> Ticket:
        """A quoted ticket of this account."""
        answer = self.client.post("/api/quotes", json=quote_body(**asked), headers=self.sign_in(account))
        assert answer.status_code == 201, answer.text
        return self.tickets.get(answer.json["ticket"]["id"])

    def funded(self, **asked: Any) -> Ticket:
        """A ticket whose fee is in escrow."""
        ticket = self.quote(**asked)
        return self.tickets.advance(ticket.id, Funded(ticket.quote.fee_wei, ticket.deadline, "0xf"))

    def running(
        self, trainers: tuple[str, ...] = ("0xA", "0xB"), validators: tuple[str, ...] = ("0xC",)
    ) -> Ticket:
        """A ticket that nodes are working on."""
        ticket = self.funded()
        for change in (
            Uploaded("datasets/x"),
            Accepted(ticket.dataset),
            Selected(trainers),
            Assigned(trainers, validators, "0xa"),
            RoundClosed(
                RoundRecord(1, "ab" * 32, "m", "cd" * 32, {"accuracy": 0.5}, ({"trainer": "0xA"},), 1.5)
            ),
        ):
            ticket = self.tickets.advance(ticket.id, change)
        return ticket

    def settled(self) -> tuple[Ticket, StoredObject]:
        """A settled ticket with one stored result file `model.json`."""
        ticket = self.running()
        model = self.parts.objects.put(f"jobs/{ticket.id}/exports/model.json", b'{"a":1}')
        files = {"model.json": {"key": model.key, "sha256": model.sha256, "size": model.size}}
        scores = ("0x" + "01" * 32, "0x" + "02" * 32)
        verdict = VerdictRecord(
            "settle", "aa", "cc", ticket.trainers, ("60", "38"), scores, (), ("0xs1", "0xs2")
        )
        for change in (
            TrainingFinished({"accuracy": 0.9}, files, {}),
            VerdictSigned(verdict),
            Settled("0xe"),
        ):
            ticket = self.tickets.advance(ticket.id, change)
        return ticket, model


def quote_body(**changes: Any) -> dict[str, Any]:
    """A valid request for a quote of `CSV`; `dataset` and `spec` in `changes` are merged into it."""
    dataset = {
        "name": "iris.csv",
        "size": len(CSV),
        "sha256": hashlib.sha256(CSV).hexdigest(),
        "format": "csv",
        "rows": 60,
        "columns": 3,
        "classes": ["x", "y"],
        "input_shape": [2],
        "target": "label",
    }
    body = {
        "dataset": dataset,
        "spec": {"rounds": 2, "model": "logistic"},
        "deadline_seconds": 600,
        "email": None,
    }
    return body | {
        name: body[name] | value if isinstance(value, dict) else value for name, value in changes.items()
    }


def node_of(account: LocalAccount, provider: LocalAccount, **changes: Any) -> Node:
    """An active trainer as the chain shows it."""
    node = Node(provider.address, account.address, "sun-1", ("trainer",), "100", 5000, "Active")
    return replace(node, **changes)


def hello(account: LocalAccount, role: str, nonce: str, **changes: Any) -> dict[str, Any]:
    """A rightly signed hello."""
    text = hello_text(CHAIN_ID, ESCROW, nonce, account.address, role)
    signature = account.sign_message(encode_defunct(text=text)).signature.to_0x_hex()
    return {"address": account.address, "role": role, "name": "sun-1", "signature": signature} | changes


def greeting(account: LocalAccount, role: str, **changes: Any) -> dict[str, Any]:
    """What a worker connects with."""
    return {"address": account.address, "role": role, "protocol": PROTOCOL_VERSION} | changes
