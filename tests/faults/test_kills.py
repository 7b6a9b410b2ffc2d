"""Settler and dispatcher are killed before and after single effects, on a real chain and a real database: each effect happens once.

The whole stack, every part and many jobs at once are `make chaos`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.adapters import mongo
from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.customer import pay
from backend.adapters.chain.market import Web3Market
from backend.adapters.mail.sink import Sink
from backend.domain.ticket import (
    Accepted,
    Funded,
    RoundClosed,
    RoundRecord,
    Selected,
    Status,
    TrainingFinished,
    Uploaded,
    VerdictSigned,
)
from scripts.chaos import books
from scripts.chaos.audit import Findings, audit
from scripts.chaos.books import Places
from scripts.stack.config import ROOT
from tests.integration.chain.conftest import Stage
from tests.support import mongod
from tests.support.chains import ChainWorld, chain_world
from tests.support.jobs import FACTS, FEE_WEI, settle_verdict

PATIENCE_S = 60.0
ASSIGNING = ("Web3Market.carry_out/Assign:before", "MongoTickets.advance/Assigned:before")
SETTLING = (
    "Web3Market.carry_out/RecordRound:after",
    "Eth.send_raw_transaction:after",
    "MongoTickets.advance/Settled:after",
    "Web3Market.carry_out/PayOut:after:2",
)
WRITING = ("SmtpMail.send/funded:before", "SmtpMail.send/started:after", "MongoEffects.done/mail:after:1")


@dataclass
class Office:
    """The operator's processes on a chain, a database and a mailbox of their own; `stage` moves the job for everybody else."""

    stage: Stage
    folder: Path
    uri: str
    smtp_port: int

    @property
    def places(self) -> Places:
        """Where the books are."""
        url = self.stage.world.rpc_url
        return Places(self.folder / "deployments.json", url, url, self.uri, self.folder / "mail")

    def run(self, part: str, until: Callable[[], bool], kill_at: str | None = None) -> int | None:
        """Run a part until it is dead or this holds; its exit status, None when it had to be ended."""
        told = ("--kill-at", kill_at) if kill_at else ()
        command = [sys.executable, "-m", "scripts.chaos.child", *told, part, "backend", part]
        url = self.stage.world.rpc_url
        environment = os.environ | {
            "ECODML_CHAOS_ORDERS": str(self.folder / "orders"),
            "ECODML_STATE_DIR": str(self.folder),
            "MONGODB_URI": self.uri,
            "ECODML_MARKET_RPC_URL": url,
            "ECODML_CARBON_RPC_URL": url,
            "ECODML_DEPLOYMENTS_FILE": str(self.folder / "deployments.json"),
            "ECODML_OPERATOR_KEY_FILE": str(self.folder / "operator.json"),
            "ECODML_SERVER_SECRET_FILE": str(self.folder / "secret"),
            "SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "ECODML_BENCHMARKS_AT_ONCE": "0",
            "ECODML_EPOCH_SECONDS": "86400",
            "ECODML_LEASE_SECONDS": "1",
        }
        with (self.folder / f"{part}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            end = time.monotonic() + PATIENCE_S
            while process.poll() is None and not until():
                assert time.monotonic() < end, (
                    self.audit(),
                    (self.folder / f"{part}.log").read_text()[-3_000:],
                )
                time.sleep(0.1)
            return process.poll()
        finally:
            process.kill()
            process.wait()

    def audit(self) -> Findings:
        """What the books say now."""
        return audit(books.read(self.places))

    def lacks_only_letters(self) -> bool:
        """Whether all that is left to do is the dispatcher's."""
        found = self.audit()
        whole = not (found.duplicated or found.broken or found.unaccounted_wei)
        return whole and all("/mail/" in sentence for sentence in found.lost)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    port, page = mongod.free_port(), mongod.free_port()
    with (
        chain_world("--block-time", "1", "--mixed-mining") as world,
        mongod.running(folder / "mongod") as database,
        Sink(folder / "mail", "127.0.0.1", port, page),
    ):
        (folder / "deployments.json").write_text(json.dumps(world.document))
        (folder / "operator.json").write_text(json.dumps({"private_key": world.key("operator")}))
        (folder / "secret").write_text("ab" * 32)
        stage = _stage(world)
        yield Office(stage, folder, database.uri, port)


def test_settler_and_dispatcher__killed_around_their_effects__each_effect_happens_once(
    office: Office,
) -> None:
    stage, world = office.stage, office.stage.world
    with mongo.connect(office.uri, "ecodml") as database:
        tickets = mongo.MongoTickets(database, time.time)

        def is_at(status: Status) -> Callable[[], bool]:
            return lambda: tickets.get("t_1").status is status

        quoted = stage.quoted("t_1")
        tickets.add(quoted)
        tx = pay(world.rpc_url, stage.contracts, world.person("customer"), stage.payment(quoted))
        for change in (Funded(FEE_WEI, quoted.deadline, tx), Uploaded("key"), Accepted(FACTS)):
            tickets.advance("t_1", change)
        tickets.advance("t_1", Selected(stage.trainers))
        for point in ASSIGNING:
            assert office.run("settler", never, point) == -signal.SIGKILL, point
        office.run("settler", is_at(Status.RUNNING))

        tickets.advance("t_1", RoundClosed(RoundRecord(1, "ab" * 32, "key", "cd" * 32, {}, (), 1.0)))
        tickets.advance("t_1", TrainingFinished({}, {}, {}))
        signed = stage.with_verdict(tickets.get("t_1"), settle_verdict(stage.trainers)).verdict
        assert signed is not None
        tickets.advance("t_1", VerdictSigned(signed))
        for point in SETTLING:
            assert office.run("settler", never, point) == -signal.SIGKILL, point
        office.run("settler", lambda: is_at(Status.SETTLED)() and office.lacks_only_letters())

        for point in WRITING:
            assert office.run("dispatcher", never, point) == -signal.SIGKILL, point
        office.run("dispatcher", lambda: office.audit().clean)
        settled = tickets.get("t_1")
    assert office.audit() == Findings((), (), (), 0)
    assert settled.verdict is not None
    token = world.contract("DMLToken").functions
    assert [str(token.balanceOf(node).call()) for node in stage.trainers] == list(settled.verdict.amounts_wei)


def never() -> bool:
    return False


def _stage(world: ChainWorld) -> Stage:
    deployments, key = world.deployments, world.key("operator")
    return Stage(
        world, Web3Market(deployments, world.rpc_url, key), Web3Carbon(deployments, world.rpc_url, key)
    )
