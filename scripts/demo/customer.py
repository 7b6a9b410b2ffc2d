"""A customer with a wallet of its own, acting through the `ecodml` command like anyone else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from eth_account import Account
from eth_account.signers.local import LocalAccount

from scripts.demo.story import Broken, Story

ROOT = Path(__file__).resolve().parents[2]
KEY_VARIABLE = "ECODML_DEMO_CUSTOMER_KEY"


@dataclass(frozen=True)
class Answer:
    """A command's exit status and the document it printed."""

    status: int
    document: dict[str, Any]


class Customer:
    """`name` says who speaks in the story; `home` keeps receipts and session. A new wallet, unless it brings a key."""

    def __init__(self, name: str, home: Path, api_url: str, story: Story, key: str | None = None) -> None:
        self.name = name
        self.home = home
        self.api_url = api_url
        self.story = story
        self.wallet: LocalAccount = Account.from_key(key) if key else Account.create()

    @property
    def address(self) -> str:
        """The wallet's address."""
        return str(self.wallet.address)

    @property
    def email(self) -> str:
        """Where the customer reads mail."""
        return f"{self.name}@customers.example"

    def faucet(self) -> None:
        """Ask the local faucet for coins."""
        given = self.run("faucet", self.address)
        if given.status != 0:
            raise Broken(f"The faucet gave {self.name} nothing: {given.document}", "api")

    def train(self, file: Path, *options: str) -> Answer:
        """Pay for a training of `file`."""
        mine = ("--email", self.email, "--private-key-env", KEY_VARIABLE)
        return self.run("train", str(file), *mine, *options)

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        """How a ticket stands."""
        found: dict[str, Any] = self.run("ticket", ticket_id).document.get("ticket", {})
        return found

    def reclaim(self, ticket_id: str) -> Answer:
        """Take the fee back from the escrow, without the operator."""
        return self.run("reclaim", ticket_id, "--private-key-env", KEY_VARIABLE)

    def retire(self, zone: str, vintage: str, reason: str) -> Answer:
        """Use all credits of a zone and month up."""
        about = ("--beneficiary", self.name, "--reason", reason, "--private-key-env", KEY_VARIABLE)
        return self.run("credits", "retire", zone, vintage, "all", *about)

    def token(self) -> str:
        """The bearer token of the session that the command line keeps."""
        sessions = json.loads((self.home / "sessions.json").read_text())
        return str(sessions[f"{self.api_url} {self.address}"])

    def run(self, *arguments: str) -> Answer:
        """Run `ecodml` with `--json`, telling what it says on the way."""
        environment = os.environ | {
            "ECODML_HOME": str(self.home.resolve()),
            "ECODML_API_URL": self.api_url,
            KEY_VARIABLE: "0x" + bytes(self.wallet.key).hex(),
        }
        command = [sys.executable, "-m", "backend.cli", *arguments, "--json"]
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            teller = threading.Thread(target=self._tell, args=(process.stderr,), daemon=True)
            teller.start()
            try:
                printed = process.stdout.read() if process.stdout else ""
                status = process.wait()
            except BaseException:
                process.kill()
                raise
            teller.join()
        try:
            return Answer(status, json.loads(printed))
        except ValueError as error:
            raise Broken(
                f"`ecodml {arguments[0]}` ended with {status} and printed no JSON: {printed[:300]!r}", "api"
            ) from error

    def _tell(self, lines: TextIO) -> None:
        for line in lines:
            self.story.line(line.rstrip(), self.name)
