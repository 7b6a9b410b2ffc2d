"""A chain that was reset: every process refuses to start, or to go on, with one sentence, and leaves the database as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from backend import config
from backend.adapters import mongo
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.customer import pay
from backend.adapters.chain.market import Web3Market
from backend.cli.client import Api
from backend.cli.running import running as doctors
from backend.domain.effects import Cancel
from backend.errors import EX_CONFIG, Recoverable, Unrecoverable
from backend.settlement.identity import Identities
from tests.faults.chain.fickle_rpc import FickleRpc, fickle_rpc
from tests.integration.chain.conftest import Stage
from tests.support.artifacts import ROOT
from tests.support.chains import ChainWorld, account, anvil, chain_world
from tests.support.jobs import quoted_ticket
from tests.support.mongod import free_port, running

PROCESSES = ("api", "dispatcher", "settler")
DATABASE = "ecodml"
SIGNS_OF_LIFE = ("processes", "seats")
"""What processes write of themselves while they live."""
FOLLOWERS = ("market/events", "market/ratings", "carbon/ledger", "carbon/credits")
PATIENCE_S = 90.0


@dataclass
class Site:
    """A database, and a chain behind a proxy, which may be exchanged for another one with the same contracts."""

    folder: Path
    mongodb_uri: str
    rpc: FickleRpc
    chain: ChainWorld

    def environment(self) -> dict[str, str]:
        files = {
            "operator.json": {"private_key": self.chain.key("operator")},
            "workers.json": {role: account(role).address for role in ("aggregator", "evaluator")},
            "deployments.json": self.chain.document,
        }
        for name, document in files.items():
            (self.folder / name).write_text(json.dumps(document))
        (self.folder / "secret").write_text("ab" * 32)
        return {
            **os.environ,
            "MONGODB_URI": self.mongodb_uri,
            "ECODML_DATABASE": DATABASE,
            "ECODML_STATE_DIR": str(self.folder),
            "ECODML_DEPLOYMENTS_FILE": str(self.folder / "deployments.json"),
            "ECODML_OPERATOR_KEY_FILE": str(self.folder / "operator.json"),
            "ECODML_SERVER_SECRET_FILE": str(self.folder / "secret"),
            "ECODML_WORKERS_FILE": str(self.folder / "workers.json"),
            "ECODML_MARKET_RPC_URL": self.rpc.url,
            "ECODML_CARBON_RPC_URL": self.rpc.url,
            "ECODML_API_PORT": str(free_port()),
        }

    def start(self, name: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "backend", name],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kept(self) -> dict[str, list[dict[str, Any]]]:
        """All that is in the database but signs of life."""
        with MongoClient(self.mongodb_uri) as client:
            names = sorted(set(client[DATABASE].list_collection_names()) - set(SIGNS_OF_LIFE))
            return {name: list(client[DATABASE][name].find().sort("_id")) for name in names}


@pytest.fixture(scope="module")
def chains() -> Iterator[tuple[ChainWorld, ChainWorld]]:
    """Two chains with the same chain id and, by the same deployer, the same contracts at the same addresses."""
    with chain_world() as one, chain_world("--timestamp", "1900000000") as other:
        assert one.document["market"]["contracts"].keys() == other.document["market"]["contracts"].keys()
        assert one.deployments.market["JobEscrow"].address == other.deployments.market["JobEscrow"].address
        yield one, other


@pytest.fixture(scope="module")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("mongod")) as server:
        yield server.uri


@pytest.fixture
def site(chains: tuple[ChainWorld, ChainWorld], mongodb_uri: str, tmp_path: Path) -> Iterator[Site]:
    """On the first of the chains."""
    with MongoClient(mongodb_uri) as client:
        client.drop_database(DATABASE)
    with fickle_rpc(chains[0].rpc_url) as rpc:
        yield Site(tmp_path, mongodb_uri, rpc, chains[0])


def ends(started: dict[str, subprocess.Popen[str]]) -> dict[str, tuple[int, str]]:
    """How each ended, and its last words: whatever else it does meanwhile goes to the log, in JSON."""
    told = {}
    for name, process in started.items():
        _, said = process.communicate(timeout=PATIENCE_S)
        words = [line for line in said.splitlines() if line.strip() and not line.startswith("{")]
        told[name] = (process.returncode, words[-1] if words else "")
    return told


def refused(told: dict[str, tuple[int, str]]) -> bool:
    return all(code == EX_CONFIG and said.startswith("chain.reset: The ") for code, said in told.values())


def test_processes__reset_before_they_start__refuse_and_touch_nothing(
    site: Site, chains: tuple[ChainWorld, ChainWorld]
) -> None:
    with mongo.connect(site.mongodb_uri, DATABASE) as database:
        identities = Identities(mongo.MongoCursors(database))
        for network in (chains[0].deployments.market, chains[0].deployments.carbon):
            assert network is not None
            identities.recognise(network.name, Connection(network, site.rpc.url).identity())
    before = site.kept()
    site.rpc.node = chains[1].rpc_url
    with ExitStack() as stack:
        started = {name: stack.enter_context(site.start(name)) for name in PROCESSES}
        told = ends(started)
    assert refused(told), told
    assert site.kept() == before


def test_processes__reset_while_they_run__end_and_mix_nothing(
    site: Site, chains: tuple[ChainWorld, ChainWorld]
) -> None:
    other = chains[1]
    customer = other.person("customer")
    ticket = quoted_ticket("t_1", str(customer.address), other.now() + 3_600)
    with ExitStack() as stack:
        started = {name: stack.enter_context(site.start(name)) for name in PROCESSES}
        try:
            with mongo.connect(site.mongodb_uri, DATABASE) as database:
                mongo.MongoTickets(database, time.time).add(ticket)
                cursors, until = mongo.MongoCursors(database), time.monotonic() + PATIENCE_S
                while not all(cursors.load(name) for name in FOLLOWERS):
                    assert time.monotonic() < until, "the settler never followed"
                    time.sleep(0.1)
            # On the other chain somebody pays for the same job at the same address.
            stage = Stage(other, Web3Market(other.deployments, other.rpc_url, other.key("operator")), None)  # type: ignore[arg-type]
            pay(other.rpc_url, stage.contracts, customer, stage.payment(ticket))
            before = site.kept()
            site.rpc.node = other.rpc_url
            told = ends(started)
        finally:
            for process in started.values():
                process.kill()
    assert refused(told), told
    after = site.kept()
    assert (after["tickets"], after["effects"]) == (before["tickets"], before["effects"])
    assert after["cursors"] == before["cursors"]


def test_connection__reset_between_two_calls__nothing_is_sent(chains: tuple[ChainWorld, ChainWorld]) -> None:
    one, other = chains
    with fickle_rpc(one.rpc_url) as rpc:
        market = Web3Market(one.deployments, rpc.url, one.key("operator"))
        market.commission_bps()
        rpc.node = other.rpc_url
        ticket = quoted_ticket("t_2", str(other.person("customer").address), other.now() + 600)
        with pytest.raises(Unrecoverable) as reset:
            market.carry_out(Cancel(ticket.id, ticket.job_id), ticket)
        assert reset.value.code == "chain.reset"
        with pytest.raises(Unrecoverable):
            market.events(0)
        assert "eth_sendRawTransaction" not in rpc.asked


def test_connection__contracts_missing_or_another_chain__is_said(
    chains: tuple[ChainWorld, ChainWorld],
) -> None:
    network = chains[0].deployments.market
    with anvil() as empty, pytest.raises(Unrecoverable, match="has no ") as reset:
        Connection(network, empty).identity()
    assert reset.value.code == "chain.reset"
    with pytest.raises(Unrecoverable, match="not 80002") as wrong:
        Connection(replace(network, chain_id=80_002), chains[0].rpc_url).identity()
    assert wrong.value.code == "chain.wrong"


def test_doctor__chain_was_reset__says_so_and_what_to_read(site: Site) -> None:
    with anvil() as empty:
        settings = config.load({**site.environment(), "ECODML_MARKET_RPC_URL": empty})
        checks = {check.name: check for check in doctors(settings, Api(f"http://127.0.0.1:{free_port()}"))}
    market, carbon = checks["market chain"], checks["carbon chain"]
    assert (market.ok, market.detail[:13]) == (False, "chain.reset: ")
    assert "When a chain misbehaves" in market.next_step
    assert "## When a chain misbehaves" in (ROOT / "docs" / "admin.md").read_text()
    assert carbon.ok


def test_connection__node_has_not_come_to_our_contracts_yet__is_waited_for(
    chains: tuple[ChainWorld, ChainWorld],
) -> None:
    with fickle_rpc(chains[0].rpc_url) as rpc:
        connection = Connection(chains[0].deployments.market, rpc.url)
        known = connection.identity()
        rpc.behind_at = 1
        rpc.fault = lambda method: None
        with pytest.raises(Recoverable) as behind:
            connection.identity()
        assert behind.value.code == "chain.behind"
        rpc.behind_at = None
        assert connection.identity() == known
