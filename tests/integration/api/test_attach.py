"""`ecodml node attach`, a real process, against a served API and a real chain: the wallet's key never leaves the test."""

from __future__ import annotations

import json
import os
import queue
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from backend.adapters.chain.market import Web3Market
from tests.integration.api.conftest import Served
from tests.support.api_world import World
from tests.support.artifacts import ROOT
from tests.support.chains import DEPOSIT_WEI, TRAINER, ChainWorld, chain_world

NODE_PYTHON = ROOT / ".venvs" / "node" / "bin" / "python"
SECONDS = 60.0


class Machine:
    """A GPU machine on which somebody pasted the command; `says` gives its lines of JSON one after the other."""

    def __init__(self, url: str, home: Path, invited: dict[str, Any], **changes: str) -> None:
        told = {name: invited[name] for name in ("provider", "name", "role", "invitation")} | changes
        options = [f"--{name}={value}" for name, value in told.items()]
        self.home = home
        self._lines: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [
                str(NODE_PYTHON),
                "-m",
                "fl_nodes.cli",
                "attach",
                "--json",
                f"--api={url}",
                f"--home={home}",
                *options,
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def says(self, word: str) -> dict[str, Any]:
        """The next line that has this word in it."""
        while True:
            line = self._lines.get(timeout=SECONDS)
            if word in line:
                said: dict[str, Any] = json.loads(line)
                return said

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._lines.put(line)

    def kill(self) -> None:
        """Gone, whatever it was doing."""
        self.process.kill()
        self.process.wait()
        self._reader.join(SECONDS)

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture(scope="module")
def chain() -> Iterator[ChainWorld]:
    with chain_world() as made:
        yield made


@pytest.fixture
def market(chain: ChainWorld) -> Web3Market:
    return Web3Market(chain.deployments, chain.rpc_url, chain.key("operator"))


@pytest.fixture
def served(chain: ChainWorld, market: Web3Market, tmp_path: Path) -> Iterator[Served]:
    parts = {"market": market, "deployments": {"market": chain.document["market"]}}
    served = Served(World(tmp_path / "objects", clock=time.time, changes=parts))
    yield served
    served.stop()


@pytest.fixture
def started() -> Iterator[list[Machine]]:
    machines: list[Machine] = []
    yield machines
    for machine in machines:
        machine.kill()


def test_attach__wallet_registers_the_key_it_was_shown__machine_comes_online_and_can_be_started_again(
    chain: ChainWorld, market: Web3Market, served: Served, started: list[Machine], tmp_path: Path
) -> None:
    wallet = Account.create()
    chain.fund(wallet.address)
    signed_in = served.world.sign_in(wallet)
    asked = {"name": "alice", "role": "trainer"}
    client = served.world.client
    invited = client.post("/api/provider/invitations", json=asked, headers=signed_in).json

    machine = Machine(served.url, tmp_path / "home", invited)
    started.append(machine)
    waiting = machine.says("waiting")
    (shown,) = client.get("/api/provider/machines", headers=signed_in).json["machines"]
    assert (shown["key"], shown["code"]) == (waiting["key"], waiting["code"])
    assert shown["hardware"]["cpus"] >= 1
    for file in machine.home.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600

    register = chain.contract("NodeStaking").functions.register("alice", shown["key"], TRAINER)
    chain.act(wallet, register, DEPOSIT_WEI)
    served.world.nodes.mirror(market.node(wallet.address))
    assert machine.says("provider")["provider"] == wallet.address
    machine.says("connection.ready")
    assert served.world.nodes.get(wallet.address).online
    assert machine.stop() == 0

    again = Machine(served.url, tmp_path / "home", invited, invitation="0.expired")
    started.append(again)
    again.says("connection.ready")
    assert again.stop() == 0


def test_attach__while_it_waits__is_stopped_by_ctrl_c_and_keeps_its_key(
    served: Served, started: list[Machine], tmp_path: Path
) -> None:
    invited = served.world.client.post(
        "/api/provider/invitations", json={"name": "bob", "role": "validator"}, headers=served.world.sign_in()
    ).json
    keys = []
    for _ in range(2):
        machine = Machine(served.url, tmp_path / "home", invited)
        started.append(machine)
        keys.append(machine.says("waiting")["key"])
        assert machine.stop() == 130
    assert keys[0] == keys[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"name": "carol"}, "invitation.unknown"), ({"provider": "0x12"}, "address.invalid")],
)
def test_attach__with_what_the_page_did_not_say__ends_with_a_sentence(
    served: Served, started: list[Machine], tmp_path: Path, changes, code
) -> None:
    invited = served.world.client.post(
        "/api/provider/invitations", json={"name": "bob", "role": "trainer"}, headers=served.world.sign_in()
    ).json
    machine = Machine(served.url, tmp_path / "home", invited, **changes)
    started.append(machine)
    assert machine.says("error")["error"]["code"] == code
    assert machine.process.wait(SECONDS) == 2


def test_attach__key_of_somebody_else_s_node__is_refused(
    chain: ChainWorld, served: Served, started: list[Machine], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    key = bytes(chain.trainers[0].key.key).hex()
    (home / "node-key.json").write_text(json.dumps({"private_key": "0x" + key}))
    invited = {"provider": Account.create().address, "name": "dan", "role": "trainer", "invitation": "1.x"}
    machine = Machine(served.url, home, invited)
    started.append(machine)
    assert machine.says("error")["error"]["code"] == "node.key_taken"
