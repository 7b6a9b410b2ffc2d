"""Contracts on the stack's chains: deployed with Brownie once, then kept while they are of this version."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from scripts.circuits.keys import BuildFailed, cached, copied, ensure
from scripts.deployments import merge_deployment, read_deployments
from scripts.stack.config import CARBON_CHAIN_ID, MARKET_CHAIN_ID, ROOT, StackConfig
from scripts.stack.keys import read_key
from scripts.stack.process import read_tail
from scripts.stack.rpc import COIN, fund, has_code

NEEDED = {
    "market": ("DMLToken", "NodeStaking", "JobEscrow", "LocalFaucet"),
    "carbon": ("EnergyLedger", "CarbonCredit", "Publications", "GreenCertificate"),
}
_DEPLOY_SECONDS = 300


class DeployFailed(Exception):
    """Brownie did not deploy; the message ends with what it said."""


def fund_roles(config: StackConfig, addresses: dict[str, str]) -> None:
    """Native coins for the keys that send transactions."""
    senders = {addresses["deployer"]: 100 * COIN, addresses["operator"]: 100 * COIN}
    helpers = {addresses["arbiter"]: 10 * COIN, addresses["rater"]: 10 * COIN}
    faucet = {addresses["faucet"]: 1_000 * COIN}
    fund(config.market_rpc_url, {**senders, **helpers, **faucet})
    fund(config.carbon_rpc_url, {**senders, **faucet})


def deploy(config: StackConfig, addresses: dict[str, str], say: Callable[[str], None]) -> None:
    """Deploy what is missing on either chain; DeployFailed with Brownie's words when it cannot."""
    with ThreadPoolExecutor(1) as beside:
        circuits = beside.submit(_circuits, config, say)
        _deploy(config, "market", config.market_rpc_url, addresses, say)
        circuits.result()
    _deploy(config, "carbon", config.carbon_rpc_url, addresses, say)


def _deploy(
    config: StackConfig, part: str, url: str, addresses: dict[str, str], say: Callable[[str], None]
) -> None:
    kept = is_deployed(config, part, url)
    if kept:
        _keep_url(config, part, url)
    say(f"contracts on the {part} chain: {'kept, if they are these' if kept else 'deploying with Brownie'}")
    # Also where all are there: the script refuses a chain that holds another version's code.
    _run_brownie(config, part, addresses)
    if not is_deployed(config, part, url):
        raise DeployFailed(
            f"Brownie ended well, yet {config.deployments_file} lacks contracts of the {part} chain."
        )


def _circuits(config: StackConfig, say: Callable[[str], None]) -> None:
    """The keys that this stack's chain is deployed with: from the cache at first, its own from then on."""
    try:
        copied(ensure(cached(), say), config.circuits)
    except BuildFailed as error:
        raise DeployFailed(f"The certificates' circuits could not be made: {error}") from error


def is_deployed(config: StackConfig, part: str, url: str) -> bool:
    """Whether the record names every contract of this chain and each has code there."""
    entry = read_deployments(config.deployments_file).get(part, {})
    contracts = entry.get("contracts", {})
    chain_id = {"market": MARKET_CHAIN_ID, "carbon": CARBON_CHAIN_ID}[part]
    named = entry.get("chain_id") == chain_id and all(name in contracts for name in NEEDED[part])
    return named and all(has_code(url, contracts[name]["address"]) for name in NEEDED[part])


def _keep_url(config: StackConfig, part: str, url: str) -> None:
    # A stack may come back on other ports than it was deployed on.
    entry = read_deployments(config.deployments_file)[part]
    if entry["rpc_url"] != url:
        merge_deployment(config.deployments_file, part, {**entry, "rpc_url": url})


def _run_brownie(config: StackConfig, part: str, addresses: dict[str, str]) -> None:
    environment = {
        **os.environ,
        **config.settings(),
        "MARKET_RPC_URL": config.market_rpc_url,
        "CARBON_RPC_URL": config.carbon_rpc_url,
        "CIRCUITS_DIR": str(config.circuits),
        "DEPLOYMENTS_FILE": str(config.deployments_file),
        "DEPLOYER_PRIVATE_KEY": read_key(config.keys / "deployer.json")["private_key"],
        **{
            f"{role.upper()}_ADDRESS": addresses[role]
            for role in ("operator", "treasury", "arbiter", "rater")
        },
    }
    log = config.logs / f"deploy-{part}.log"
    command = ["scripts/brownie/run.sh", "run", "scripts/deploy.py", "--network", part]
    with log.open("wb") as output:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            timeout=_DEPLOY_SECONDS,
            check=False,
        )
    # Brownie ends with 0 even when the script raised: the record decides.
    if ended.returncode != 0 or "Traceback" in read_tail(log, 4_000) or "Error:" in read_tail(log, 4_000):
        raise DeployFailed(
            f"Brownie could not deploy on the {part} chain; {log} says:\n{read_tail(log, 1_500)}"
        )
