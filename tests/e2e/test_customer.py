"""Customers' journeys through the command line, against a whole stack."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backend.cli.client import Api
from backend.cli.dataset import facts_of
from backend.cli.follow import Pace
from backend.cli.market import Market
from backend.cli.terminal import Terminal
from backend.cli.train import Order, World, train
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage

CHEAP = (
    *("--model", "logistic", "--rounds", "2", "--local-epochs", "5"),
    *("--batch", "4", "--lr", "0.5", "--trainers", "2"),
)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receipts of what the test itself does go to its own folder."""
    monkeypatch.setenv("ECODML_HOME", str(tmp_path / "home"))


@pytest.fixture
def customer(stage: Stage, request: pytest.FixtureRequest) -> Customer:
    """A customer of the test's own, with coins."""
    return stage.customer(f"customer-{abs(hash(request.node.nodeid)) % 10**6}")


def test_train__mixed_types_and_gaps__settles_and_the_files_are_what_the_ticket_names(
    stage: Stage, customer: Customer, flowers: Path, tmp_path: Path
) -> None:
    before = stage.market.dml_wei(customer.address)
    answer = customer.train(flowers, "--target", "kind", *CHEAP, "--wait")
    assert answer.status == 0, answer.document
    ticket = answer.document["ticket"]
    assert ticket["status"] == "SETTLED"
    assert ticket["metrics"]["accuracy"] > 0.9
    assert before - stage.market.dml_wei(customer.address) == int(ticket["fee_wei"])
    fetched = customer.run("fetch", ticket["id"], str(tmp_path / "out"))
    assert fetched.status == 0
    assert {"model.json", "model.weights.h5", "preprocessing.json"} <= set(fetched.document["files"])
    for name, file in fetched.document["files"].items():
        assert hashlib.sha256(Path(file["path"]).read_bytes()).hexdigest() == ticket["files"][name]["sha256"]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda text: text.replace("rose", "thistle"), id="one class"),
        pytest.param(lambda text: text + "1,2,3,4,5,6\n", id="ragged"),
        pytest.param(lambda text: text.replace("kind", "sort"), id="no target"),
    ],
)
def test_train__file_cannot_be_trained_on__is_refused_before_payment(
    stage: Stage, customer: Customer, flowers: Path, spoil: Callable[[str], str]
) -> None:
    flowers.write_text(spoil(flowers.read_text()))
    before = stage.market.dml_wei(customer.address)
    answer = customer.train(flowers, "--target", "kind", *CHEAP, "--wait")
    assert answer.status == 2
    assert answer.document["error"]["code"].startswith("dataset.")
    assert stage.market.dml_wei(customer.address) == before


def test_train__data_turns_out_bad_after_payment__is_refunded_in_full_with_the_reason(
    stage: Stage, customer: Customer, flowers: Path
) -> None:
    honest = facts_of(flowers, "kind")
    flowers.write_text(flowers.read_text().replace("rose", "thistle"))
    data = flowers.read_bytes()
    claimed = replace(honest, sha256=hashlib.sha256(data).hexdigest(), size=len(data))
    spec = {"model": "logistic", "rounds": 2, "trainers": 2, "target": "kind"}
    before = stage.market.dml_wei(customer.address)
    out = io.StringIO()
    api = Api(stage.api_url)
    config = api.get("/api/config")
    terminal = Terminal(as_json=True, out=out, err=sys.stderr)
    world = World(api, config, Market.from_config(config), customer.wallet, terminal, Pace())
    assert train(Order(flowers, claimed, spec, None, None, wait=True), world) == 1
    document = json.loads(out.getvalue())
    assert document["ticket"]["status"] == "REFUNDED"
    assert document["error"]["code"] == "dataset.one_class"
    assert stage.market.dml_wei(customer.address) == before


def test_ticket__of_somebody_else__looks_like_none(stage: Stage, customer: Customer, flowers: Path) -> None:
    paid = customer.train(flowers, "--target", "kind", *CHEAP)
    stranger = stage.customer("stranger")
    key = ("--private-key-env", "ECODML_DEMO_CUSTOMER_KEY")
    answer = stranger.run("ticket", paid.document["ticket"]["id"], *key)
    assert (answer.status, answer.document["error"]["code"]) == (2, "ticket.unknown")


def test_train__wallet_is_empty__names_the_faucet(stage: Stage, flowers: Path) -> None:
    poor = Customer("poor", stage.state / "customers" / "poor", stage.api_url, stage.story)
    answer = poor.train(flowers, "--target", "kind", *CHEAP)
    assert answer.status == 2
    assert f"ecodml faucet {poor.address}" in answer.document["error"]["message"]


def test_doctor__stack_is_up__finds_the_api_and_its_parts(stage: Stage, customer: Customer) -> None:
    answer = customer.run("doctor")
    checks = {check["name"]: check for check in answer.document["checks"]}
    assert checks["API"]["ok"], json.dumps(checks["API"])
    assert any(name.startswith("API: ") and check["ok"] for name, check in checks.items())
