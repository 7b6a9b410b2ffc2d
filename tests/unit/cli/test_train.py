"""The customer's journey against an API that answers from a table."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from eth_account import Account
from eth_account.messages import encode_defunct

from backend.cli.client import Api
from backend.cli.follow import Pace
from backend.cli.home import load_receipt
from backend.cli.purchase import Purse
from backend.cli.terminal import Terminal
from backend.cli.train import Order, World, resume, train
from backend.domain.spec import DatasetFacts, JobSpec
from backend.errors import EcoError, Invalid, Recoverable, Unrecoverable
from fl_nodes.protocol.wire import to_wire

from .fake_api import Answer, FakeApi

pytestmark = pytest.mark.unit

URL = "http://api.test:8600"
DATA = b"x,y\n1,a\n2,b\n"
FACTS = DatasetFacts("d.csv", len(DATA), hashlib.sha256(DATA).hexdigest(), "csv", 2, 2, ("a", "b"), (1,), "y")
SPEC = JobSpec(rounds=2)
ESCROW = "0x" + "11" * 20
FEE_WEI = 10**16


class Market:
    """A chain on which the account holds `purse`, and which remembers what was paid."""

    def __init__(self, purse: Purse) -> None:
        self.held = purse
        self.paid: list[dict[str, Any]] = []

    def purse(self, address: str) -> Purse:
        return self.held

    def pay(self, account: Any, payment: dict[str, Any]) -> str:
        assert load_receipt("t-1").transaction == "", "the receipt is on disk before the money leaves"
        self.paid.append(payment)
        return "0xfeed"


class Operator(FakeApi):
    """An API with one ticket, which moves one status per look; `ends` are the statuses after its upload."""

    def __init__(self, ends: list[dict[str, Any]], uploaded: Answer | None = None) -> None:
        self.account = Account.create()
        self.ticket = self._ticket()
        self.after_payment: Iterator[dict[str, Any]] = iter([{"status": "FUNDED"}, *ends])
        self.stored = b""
        super().__init__(
            {
                "POST /api/auth/nonce": (200, {"nonce": "n0nce"}),
                "POST /api/auth/login": self._login,
                "POST /api/quotes": lambda _: (201, self.offer()),
                "GET /api/tickets/t-1": self._look,
                "POST /api/tickets/t-1/upload": (
                    200,
                    {"url": f"{URL}/objects/d", "method": "PUT", "max_bytes": 10**6},
                ),
                "PUT /objects/d": self._put,
                "POST /api/tickets/t-1/uploaded": uploaded or (lambda _: (200, {"ticket": self.ticket})),
                "POST /api/tickets/t-1/cancel": lambda _: (200, {"ticket": self.ticket}),
            }
        )

    def offer(self) -> dict[str, Any]:
        payment = {
            "job_id": "0x" + "33" * 32,
            "ref": "0x" + "44" * 32,
            "spec_hash": "0x" + SPEC.hash(),
            "dataset_hash": "0x" + FACTS.sha256,
            "fee_wei": str(FEE_WEI),
            "deadline": 2_000_000_000,
            "escrow": ESCROW,
            "token": "0x" + "22" * 20,
            "chain_id": 31337,
        }
        formula = {"data": "10 bytes", "compute": "3 rows", "fee": "data + compute"}
        quote = {"data_wei": "1", "compute_wei": "2", "fee_wei": str(FEE_WEI), "formula": formula}
        return {"ticket": self.ticket, "payment": payment, "quote": quote}

    def _ticket(self) -> dict[str, Any]:
        return {
            "id": "t-1",
            "status": "QUOTED",
            "spec": to_wire(SPEC),
            "rounds": [],
            "refusal": None,
            "refund_wei": None,
            "metrics": None,
            "transactions": [],
            "deadline": 2_000_000_000,
        }

    def _look(self, _: requests.PreparedRequest) -> Answer:
        change = next(self.after_payment, None)
        if change == {"status": "DOWN"}:
            return 503, {"error": {"code": "api.busy", "message": "Later."}}
        self.ticket |= {"transactions": ["0xfeed"], **(change or {})}
        return 200, {"ticket": self.ticket}

    def _login(self, request: requests.PreparedRequest) -> Answer:
        assert request.body is not None
        told = json.loads(request.body)
        signer = Account.recover_message(encode_defunct(text=told["message"]), signature=told["signature"])
        assert signer == self.account.address
        assert told["message"].startswith("api.test:8600 wants you to sign in")
        return 200, {"token": "tok", "address": signer}

    def _put(self, request: requests.PreparedRequest) -> Answer:
        if request.headers["Content-Range"].startswith("bytes */"):
            return 308, b""
        assert isinstance(request.body, bytes)
        self.stored = request.body
        return 201, {}


RICH = Purse(dml_wei=FEE_WEI, native_wei=10**18, gas_wei=10**15)
ROUND = {"number": 1, "metrics": {"accuracy": 0.5}, "seconds": 1.0}
SETTLED = {"status": "SETTLED", "metrics": {"accuracy": 0.97}, "rounds": [ROUND]}
REFUNDED = {
    "status": "REFUNDED",
    "refund_wei": str(FEE_WEI),
    "refusal": {"code": "dataset.one_class", "message": "One class."},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The dataset on disk."""
    path = tmp_path / "d.csv"
    path.write_bytes(DATA)
    return path


def world(operator: Operator, market: Market, terminal: Terminal) -> World:
    """Everything the journey needs, on no network."""
    config = {
        "market": {
            "chain_id": 31337,
            "rpc_url": "http://chain.test",
            "contracts": {"JobEscrow": {"address": ESCROW}},
        }
    }
    now = iter(range(1_000_000))
    pace = Pace(clock=lambda: float(next(now)), sleep=lambda _: None)
    return World(Api(URL, session=operator.session()), config, market, operator.account, terminal, pace)


def order(file: Path, wait: bool = True, **spec: Any) -> Order:
    """An order for two rounds."""
    return Order(file, FACTS, {"rounds": 2, **spec}, None, None, wait)


def told(terminal: Terminal) -> dict[str, Any]:
    """The one document on stdout."""
    assert isinstance(terminal.out, io.StringIO)
    document: dict[str, Any] = json.loads(terminal.out.getvalue())
    return document


def test_train__all_goes_well__ends_settled(file: Path, terminal: Terminal) -> None:
    operator, market = Operator([SETTLED]), Market(RICH)
    assert train(order(file), world(operator, market, terminal)) == 0
    assert told(terminal)["ticket"]["status"] == "SETTLED"
    assert operator.stored == DATA
    assert load_receipt("t-1").transaction == "0xfeed"


def test_train__without_wait__prints_the_ticket(file: Path, terminal: Terminal) -> None:
    operator = Operator([])
    assert train(order(file, wait=False), world(operator, Market(RICH), terminal)) == 0
    assert told(terminal)["ticket"]["id"] == "t-1"


def test_train__refunded_after_payment__says_why_and_exits_1(file: Path, terminal: Terminal) -> None:
    assert train(order(file), world(Operator([REFUNDED]), Market(RICH), terminal)) == 1
    assert told(terminal)["error"] == REFUNDED["refusal"]


def test_train__uploaded_file_is_another__cancels_and_reports_the_refund(
    file: Path, terminal: Terminal
) -> None:
    operator = Operator(
        [REFUNDED], uploaded=(400, {"error": {"code": "upload.hash", "message": "Another file."}})
    )
    assert train(order(file, wait=False), world(operator, Market(RICH), terminal)) == 1
    assert "POST /api/tickets/t-1/cancel" in [place for place, _ in operator.asked]
    assert told(terminal)["ticket"]["status"] == "REFUNDED"


@pytest.mark.parametrize("purse", [replace(RICH, dml_wei=FEE_WEI - 1), replace(RICH, native_wei=0)])
def test_train__wallet_short__pays_nothing_and_names_the_faucet(
    file: Path, terminal: Terminal, purse: Purse
) -> None:
    market, operator = Market(purse), Operator([])
    with pytest.raises(Invalid) as refused:
        train(order(file), world(operator, market, terminal))
    assert refused.value.code == "wallet.short"
    assert f"ecodml faucet {operator.account.address}" in refused.value.message
    assert market.paid == []


@pytest.mark.parametrize(
    "change",
    [
        {"spec_hash": "0x" + "00" * 32},
        {"dataset_hash": "0x" + "00" * 32},
        {"escrow": "0x" + "99" * 20},
        {"chain_id": 1},
        {"fee_wei": str(FEE_WEI * 10)},
    ],
)
def test_train__offer_differs_from_what_was_asked__pays_nothing(
    file: Path, terminal: Terminal, change: dict[str, Any]
) -> None:
    operator, market = Operator([]), Market(RICH)
    offer = operator.offer()
    operator.routes["POST /api/quotes"] = (201, {**offer, "payment": offer["payment"] | change})
    with pytest.raises(Unrecoverable):
        train(order(file), world(operator, market, terminal))
    assert market.paid == []


def test_train__offer_for_another_model__pays_nothing(file: Path, terminal: Terminal) -> None:
    market = Market(RICH)
    with pytest.raises(Unrecoverable):
        train(order(file, model="cnn"), world(Operator([]), market, terminal))
    assert market.paid == []


def test_train__backend_restarts_on_the_way__goes_on(file: Path, terminal: Terminal) -> None:
    down = {"status": "DOWN"}
    assert train(order(file), world(Operator([down, down, SETTLED]), Market(RICH), terminal)) == 0


def test_train__payment_never_seen__says_how_to_get_it_back(file: Path, terminal: Terminal) -> None:
    operator = Operator([])
    operator.after_payment = iter([])
    with pytest.raises(Recoverable) as silent:
        train(order(file), world(operator, Market(RICH), terminal))
    assert "ecodml reclaim t-1" in silent.value.message


def test_train__refused_before_payment__raises_the_apis_sentence(file: Path, terminal: Terminal) -> None:
    operator = Operator([])
    operator.routes["POST /api/quotes"] = (
        400,
        {"error": {"code": "dataset.one_class", "message": "One class."}},
    )
    with pytest.raises(EcoError) as refused:
        train(order(file), world(operator, Market(RICH), terminal))
    assert (refused.value.code, refused.value.message) == ("dataset.one_class", "One class.")


def test_resume__paid_and_not_uploaded__uploads(file: Path, terminal: Terminal) -> None:
    operator, market = Operator([]), Market(RICH)
    train(order(file, wait=False), world(operator, market, terminal))
    again = Operator([SETTLED])
    terminal.out = io.StringIO()
    assert resume(load_receipt("t-1"), file, True, world(again, market, terminal)) == 0
    assert again.stored == DATA
    assert len(market.paid) == 1
