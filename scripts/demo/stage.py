"""Where the story plays: a stack of its own in a fresh folder, and what the demo does to it."""

from __future__ import annotations

import json
import shutil
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from backend.cli.client import Api
from backend.errors import EcoError
from scripts.demo.chain import Market
from scripts.demo.customer import Customer
from scripts.demo.story import Broken, Story, wait_for
from scripts.stack import Stack, StackConfig, StackFailed
from scripts.stack.keys import read_key
from scripts.stack.parts import node_home
from scripts.stack.record import read_record

OPERATOR = ("api", "dispatcher", "settler", "aggregator", "evaluator", "mailsink", "mongod")
ONLINE_SECONDS = 150.0
BENCHMARKED_SECONDS = 150.0
LOG_LINES = 25


class Stage:
    """A started stack; leaving the context stops everything that was started."""

    def __init__(self, config: StackConfig, story: Story) -> None:
        self.config = config
        self.state = config.state
        self.api_url = config.api_url
        self.story = story
        self.stack = Stack(config, say=story.line)
        self._stopped_at: dict[str, float] = {}
        self._left: set[str] = set(config.latecomers)

    def __enter__(self) -> Stage:
        """Start from nothing; Broken when a port is taken or a part does not come up."""
        self._refuse_company()
        shutil.rmtree(self.state, ignore_errors=True)
        try:
            with self.story.stage("start the stack"):
                self.stack.start()
                self.wait_online()
        except StackFailed as failed:
            self.stack.stop()
            raise Broken(str(failed)) from failed
        except BaseException:
            self.stack.stop()
            raise
        contracts = json.loads(self.config.deployments_file.read_text())["market"]["contracts"]
        self.market = Market(self.config.market_rpc_url, contracts)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.story.line("Stopping everything that was started.")
        self.stack.stop()

    @property
    def trainers(self) -> list[str]:
        """Names of the trainers' processes."""
        return [name for name, role in self.config.nodes if role == "trainer"]

    @property
    def mail_folder(self) -> Path:
        """Where the mail sink keeps mails."""
        return self.state / "mail"

    def customer(self, name: str) -> Customer:
        """A new customer with a wallet of its own and coins from the faucet."""
        customer = Customer(name, self.state / "customers" / name, self.api_url, self.story)
        customer.faucet()
        return customer

    def provider(self, address: str) -> Customer:
        """A node's provider, with the wallet that it staked from."""
        name = next(str(node["name"]) for node in self.nodes() if node["provider"] == address)
        key = read_key(node_home(self.config, name) / "wallet.json")["private_key"]
        return Customer(name, self.state / "providers" / name, self.api_url, self.story, key)

    def providers(self) -> list[str]:
        """Wallets of all node providers."""
        return [str(node["provider"]) for node in self.nodes()]

    def nodes(self) -> list[dict[str, Any]]:
        """The nodes as the API shows them."""
        nodes: list[dict[str, Any]] = Api(self.api_url).get("/api/nodes")["nodes"]
        return nodes

    def wait_online(self) -> None:
        """Until every node of the stack is online."""
        wanted = len(self.config.nodes) - len(self._left)

        def look() -> bool | None:
            try:
                online = sum(self._is_back(node) for node in self.nodes())
            except EcoError:
                return None
            self.story.progress(f"{online} of {wanted} nodes online")
            return True if online >= wanted else None

        wait_for(look, ONLINE_SECONDS, f"Not all {wanted} nodes came online", self.story, part="api")

    def wait_benchmarked(self) -> None:
        """Until every trainer's energy and speed are known by its benchmark: what is decided about a job rests on them."""

        def look() -> bool | None:
            trainers = [node for node in self.nodes() if node["name"] in self.trainers]
            done = sum(bool((node["baseline"] or {}).get("benchmark")) for node in trainers)
            self.story.progress(f"{done} of {len(trainers)} trainers benchmarked")
            return True if done == len(trainers) else None

        wait_for(
            look, BENCHMARKED_SECONDS, "Not all trainers were benchmarked", self.story, part="dispatcher"
        )

    def leave(self, *nodes: str) -> None:
        """Stop nodes for good, and wait until the market has noticed."""
        self.stack.stop_parts(*nodes)
        self._left |= set(nodes)

        def look() -> bool | None:
            online = {str(node["name"]) for node in self.nodes() if node["online"]}
            return None if online & self._left else True

        wait_for(look, ONLINE_SECONDS, f"{', '.join(nodes)} did not go offline", self.story, part="api")

    def admit(self, name: str, *arguments: str) -> None:
        """Let one of the configuration's latecomers join and wait until it is online."""
        self.stack.admit(name, *arguments)
        self._left.discard(name)
        self.wait_online()

    def turn(self, trainer: str, adversary: str) -> None:
        """Stop a trainer and start it again as an attacker."""
        self.stack.restart_node(trainer, "--adversary", adversary)
        self._stopped_at[trainer] = time.time()
        self.story.line(
            f"{trainer} runs again, now as {adversary.rpartition(':')[2]}; nobody told the server."
        )

    def _refuse_company(self) -> None:
        for state, how in ((self.state, "let it end"), (StackConfig().state, "stop it with `make down`")):
            record = read_record(state)
            taken = record is not None and record.running and record.urls.get("api") == self.api_url
            if taken or (state == self.state and record is not None and record.running):
                raise Broken(f"A stack already runs in {state}: {how}, then try again")

    def _is_back(self, node: dict[str, Any]) -> bool:
        # The API may not have noticed yet that a stopped node's connection is gone.
        stopped_at = self._stopped_at.get(str(node["name"]), 0.0)
        return bool(node["online"]) and float(node["last_seen"]) > stopped_at

    def kill_operator(self, number: signal.Signals) -> None:
        """Signal every process that the operator runs; chains and nodes are other people's and stay."""
        for part in OPERATOR:
            if part in self.config.part_names:
                self.stack.kill(part, number)

    def object_file(self, key: str) -> Path:
        """The file in which object storage keeps an object; `KEY~facts` names it."""
        facts = self.state / "objects" / f"{key}~facts"
        if not facts.exists():
            raise Broken(f"Object {key} is not in storage", "api")
        return facts.with_name(f"{facts.name.removesuffix('facts')}{json.loads(facts.read_text())['sha256']}")

    def show_log(self, part: str | None) -> None:
        """Print the end of a part's log."""
        if part is None:
            return
        log = self.config.logs / f"{part}.log"
        if log.exists():
            self.story.line(f"The end of {log}:")
            for line in log.read_text(errors="replace").splitlines()[-LOG_LINES:]:
                self.story.line(line, part)
