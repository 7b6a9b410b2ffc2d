"""The stack's node providers join the market once: a wallet each, coins for the deposit, a registration."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts.deployments import read_deployments
from scripts.stack.config import ROOT, StackConfig
from scripts.stack.keys import make_key, read_key
from scripts.stack.parts import NODE_PYTHON, Part, node_home
from scripts.stack.process import read_tail
from scripts.stack.rpc import COIN, fund

NODE_FUNDS_WEI = 2 * COIN
_JOIN_SECONDS = 180
_JOINING_AT_ONCE = 4
_KEY_VARIABLE = "ECODML_PROVIDER_KEY"


class JoinFailed(Exception):
    """A node could not register; the message ends with what it said."""


def has_joined(config: StackConfig, name: str) -> bool:
    """Whether the node registered with the very contracts that are deployed now."""
    try:
        joined = json.loads(_marker(config, name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return bool(joined == {"staking": _staking(config)})


def join(config: StackConfig, newcomers: list[Part]) -> None:
    """Register these nodes, several at once; JoinFailed for the first that cannot."""
    wallets = {part.name: make_key(_wallet(config, part.name)) for part in newcomers}
    fund(config.market_rpc_url, dict.fromkeys(wallets.values(), NODE_FUNDS_WEI))
    # For retiring credits, which only their holder can.
    fund(config.carbon_rpc_url, dict.fromkeys(wallets.values(), COIN))
    with ThreadPoolExecutor(_JOINING_AT_ONCE) as pool:
        for _ in pool.map(lambda part: _join(config, part), newcomers):
            pass


def _join(config: StackConfig, part: Part) -> None:
    role = dict(config.nodes)[part.name]
    command = (
        *(str(NODE_PYTHON), "-m", "fl_nodes.cli", "join", "--home", str(node_home(config, part.name))),
        *("--name", part.name, "--role", role, "--private-key-env", _KEY_VARIABLE),
    )
    key = read_key(_wallet(config, part.name))["private_key"]
    log = config.logs / f"{part.name}.log"
    with log.open("ab") as output:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env={**part.environment, _KEY_VARIABLE: key},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=_JOIN_SECONDS,
            check=False,
        )
    if ended.returncode != 0:
        raise JoinFailed(f"{part.name} could not join; {log} says:\n{read_tail(log, 1_500)}")
    _marker(config, part.name).write_text(json.dumps({"staking": _staking(config)}) + "\n", encoding="utf-8")


def _staking(config: StackConfig) -> str | None:
    contracts = read_deployments(config.deployments_file).get("market", {}).get("contracts", {})
    address: str | None = contracts.get("NodeStaking", {}).get("address")
    return address


def _wallet(config: StackConfig, name: str) -> Path:
    home = node_home(config, name)
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    return home / "wallet.json"


def _marker(config: StackConfig, name: str) -> Path:
    return node_home(config, name) / "joined.json"
