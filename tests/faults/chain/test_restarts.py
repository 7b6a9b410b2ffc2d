"""A chain that ends and comes back from its saved state, also from one some blocks older: the work goes on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from web3 import HTTPProvider, Web3

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.market import Web3Market
from backend.domain import job as words
from backend.domain.ticket import Status
from backend.errors import Recoverable
from backend.settlement.following import REORGANISED
from backend.settlement.mirror import CURSOR
from tests.faults.chain.fickle_rpc import FickleRpc, fickle_rpc
from tests.integration.chain.conftest import Stage
from tests.integration.chain.market_office import Office
from tests.support.chains import ChainWorld, anvil_command, await_answer, furnish
from tests.support.jobs import settle_verdict


@dataclass
class KeptChain:
    """An Anvil that writes its state to a file when it ends."""

    state: Path
    rpc: FickleRpc
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """On a port of its own, behind the proxy; its URL."""
        command, url = anvil_command("--state", str(self.state))
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_answer(url, self.process)
        self.rpc.node = url
        return url

    def stop(self) -> None:
        """In good order, so that the state is written."""
        if self.process is not None:
            os.kill(self.process.pid, signal.SIGTERM)
            self.process.wait(60)
            self.process = None


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptChain]:
    """Started; gone afterwards."""
    with fickle_rpc("http://127.0.0.1:9") as rpc:
        made = KeptChain(tmp_path / "state.json", rpc)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture
def world(kept: KeptChain) -> ChainWorld:
    """Everything deployed there."""
    return furnish(kept.rpc.node)


@pytest.fixture
def office(world: ChainWorld, kept: KeptChain) -> Office:
    """The backend, which knows the chain by the proxy's URL."""
    deployments, key = world.deployments, world.key("operator")
    stage = Stage(
        replace(world, rpc_url=kept.rpc.url, web3=Web3(HTTPProvider(kept.rpc.url))),
        Web3Market(deployments, kept.rpc.url, key),
        Web3Carbon(deployments, kept.rpc.url, key),
    )
    return Office(stage)


def test_chain__restarted_from_its_state__the_job_goes_on(office: Office, kept: KeptChain) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    kept.stop()
    with pytest.raises(Recoverable):
        office.look()
    kept.start()
    office.run()
    assert office.tickets.get("t_1").status is Status.SETTLED
    assert office.cursors.load(CURSOR + REORGANISED) is None
    assert office.audit() == set()


def test_chain__restarted_from_an_older_state__what_it_forgot_is_done_again(
    office: Office, kept: KeptChain, tmp_path: Path
) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    kept.stop()
    older = shutil.copy(kept.state, tmp_path / "older.json")
    kept.start()
    office.run()
    assert office.tickets.get("t_1").status is Status.SETTLED
    kept.stop()
    shutil.copy(older, kept.state)
    kept.start()
    world, job = office.stage.world, office.tickets.get("t_1").job_id
    assert office.stage.market.job(job).status == words.ASSIGNED
    # As blocks come, it is longer than what was read of it before, and another.
    world.mine(10)
    office.run()
    assert office.stage.market.job(job).status == words.SETTLED
    assert office.cursors.load(CURSOR + REORGANISED) is not None
    assert office.audit() == set()
    token = world.contract("DMLToken").functions
    assert all(token.balanceOf(trainer).call() > 0 for trainer in office.stage.trainers)
