"""The administrators' scripts, run as an administrator runs them: a process, its words, its exit status."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from web3 import HTTPProvider, Web3

from tests.support.artifacts import ROOT
from tests.support.chains import account

HOME = ROOT / "run" / "brownie-home-admin-tests"
RUN_SH = ROOT / "scripts" / "brownie" / "run.sh"
LIMIT_S = 120
RATER = account("rater").address


def key(name: str) -> str:
    """Somebody's private key, 0x hex."""
    return "0x" + bytes(account(name).key).hex()


LOCAL_SETTINGS = {
    "DEPLOYER_PRIVATE_KEY": key("deployer"),
    **{f"{role.upper()}_ADDRESS": account(role).address for role in ("operator", "treasury", "arbiter")},
}
PUBLIC_SETTINGS = {
    **LOCAL_SETTINGS,
    "MINTER_ADDRESS": account("minter").address,
    "MIN_DEPOSIT_WEI": str(10**18),
    "CONTEST_SECONDS": "86400",
    "UNBONDING_SECONDS": "604800",
    "COMMISSION_BPS": "150",
}


@dataclass(frozen=True)
class Ran:
    """How a script ended."""

    status: int
    said: str
    complained: str

    @property
    def code(self) -> str:
        """The code of the refusal, which must be one line."""
        (line,) = self.complained.strip().splitlines()
        assert line.endswith("]"), line
        return line.rpartition("[")[2].rstrip("]")


@dataclass(frozen=True)
class Office:
    """A place to run scripts from: a chain, a deployments file, settings."""

    rpc_url: str
    folder: Path
    network: str = "market"
    settings: Mapping[str, str] = field(default_factory=lambda: LOCAL_SETTINGS)

    @property
    def file(self) -> Path:
        """The record of what is deployed."""
        return self.folder / "deployments.json"

    @property
    def record(self) -> dict[str, Any]:
        """What the record says."""
        document: dict[str, Any] = json.loads(self.file.read_text())
        return document

    @property
    def web3(self) -> Web3:
        """The chain."""
        return Web3(HTTPProvider(self.rpc_url, request_kwargs={"timeout": 30}))

    def contract(self, name: str, part: str = "market") -> Any:
        """A recorded contract."""
        at = self.record[part]["contracts"][name]
        return self.web3.eth.contract(address=at["address"], abi=at["abi"], decode_tuples=True)

    def sent_by(self, name: str) -> int:
        """How many transactions of somebody are mined."""
        return self.web3.eth.get_transaction_count(account(name).address)

    def start(self, script: str, *arguments: str, **changed: str) -> subprocess.Popen[str]:
        """The script as a process group of its own; `changed` are settings, "" takes one away."""
        kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "TMPDIR")}
        environment = {
            **kept,
            "ECODML_BROWNIE_HOME": str(HOME),
            "DEPLOYMENTS_FILE": str(self.file),
            f"{self.network.upper()}_RPC_URL": self.rpc_url,
            **self.settings,
            **changed,
        }
        return subprocess.Popen(
            [str(RUN_SH), "run", f"scripts/{script}.py", *arguments, "--network", self.network],
            env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )

    def run(self, script: str, *arguments: str, **changed: str) -> Ran:
        """The script, to its end."""
        process = self.start(script, *arguments, **changed)
        try:
            said, complained = process.communicate(timeout=LIMIT_S)
        finally:
            kill(process)
        return Ran(process.returncode, said, complained)

    def done(self, script: str, *arguments: str, **changed: str) -> str:
        """The script, which must end well; what it said."""
        ran = self.run(script, *arguments, **changed)
        assert ran.status == 0, ran
        return ran.said

    def refused(self, script: str, *arguments: str, **changed: str) -> Ran:
        """The script, which must refuse and leave the chain as it was."""
        before = self._state()
        ran = self.run(script, *arguments, **changed)
        assert ran.status == 1, ran
        assert self._state() == before
        return ran

    def _state(self) -> tuple[str, str]:
        pool = self.web3.eth.get_block("pending", full_transactions=False)
        return self.web3.eth.get_block("latest")["hash"].hex(), str(pool["transactions"])


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9 for the script and everything it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
