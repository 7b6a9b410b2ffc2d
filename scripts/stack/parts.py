"""The parts of a stack: command, environment and readiness of each."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.stack import probes
from scripts.stack.config import CARBON_CHAIN_ID, MARKET_CHAIN_ID, ROOT, StackConfig, copies
from scripts.stack.front import nginx, write_configuration

BACKEND_PYTHON = ROOT / ".venv" / "bin" / "python"
NODE_PYTHON = ROOT / ".venvs" / "node" / "bin" / "python"
AGGREGATOR_PYTHON = ROOT / ".venvs" / "aggregator" / "bin" / "python"
CONTRACTS_PYTHON = ROOT / ".venvs" / "contracts" / "bin" / "python"

# Nine TensorFlow processes share the machine: one thread each, or they trample on one another.
TENSORFLOW = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
_SOON_S = 30.0
_IMPORTS_TENSORFLOW_S = 240.0


class NotInstalled(Exception):
    """Something that `make install` brings is missing."""


@dataclass(frozen=True)
class Part:
    """One process. `ready` does not block for long; `patience_s` is how long it may take to stop."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    ready: probes.Probe
    ready_within_s: float
    patience_s: float = 5.0


def check_installed() -> None:
    """NotInstalled names the first thing missing."""
    for python in (BACKEND_PYTHON, CONTRACTS_PYTHON, NODE_PYTHON, AGGREGATOR_PYTHON):
        if not python.exists():
            raise NotInstalled(f"{python.parents[1].relative_to(ROOT)} is missing: run make install.")
    _anvil()


def make_parts(config: StackConfig) -> dict[str, Part]:
    """Every part of the stack by name, in the order of starting."""
    market = ("market", config.ports.market, MARKET_CHAIN_ID, config.market_rpc_url)
    carbon = ("carbon", config.ports.carbon, CARBON_CHAIN_ID, config.carbon_rpc_url)
    parts = [_chain(config, *market), _chain(config, *carbon)]
    if not config.mongodb_uri:
        parts.append(_mongod(config))
    if config.is_spread:
        parts.append(_queue(config))
    parts += [_mailsink(config), *(_api(config, name) for name in config.apis)]
    if config.is_spread:
        parts.append(_front(config))
    counts = {"dispatcher": config.dispatchers, "settler": config.settlers}
    parts += [
        _server(config, kind, name, number)
        for kind, count in counts.items()
        for number, name in enumerate(copies(kind, count), 1)
    ]
    parts += [
        _worker(config, "aggregator", name, number, AGGREGATOR_PYTHON)
        for number, name in enumerate(copies("aggregator", config.aggregators), 1)
    ]
    parts.append(_worker(config, "evaluator", "evaluator", 1, NODE_PYTHON))
    parts += [_node(config, name) for name, _ in config.nodes]
    return {part.name: part for part in parts}


def _chain(config: StackConfig, name: str, port: int, chain_id: int, url: str) -> Part:
    state = config.state / name / "state.json"
    command = (
        *(str(BACKEND_PYTHON), "-m", "scripts.stack.lasting_chain", str(state)),
        *(_anvil(), "--host", "127.0.0.1", "--port", str(port), "--chain-id", str(chain_id)),
        # Blocks come every second and with every transaction; finality lags as on a proof-of-stake chain.
        *("--block-time", "1", "--mixed-mining", "--slots-in-an-epoch", "4", "--order", "fifo"),
        *("--state", str(state), "--state-interval", "1", "--quiet"),
    )
    return Part(name, command, dict(os.environ), lambda: probes.is_chain(url, chain_id), _SOON_S)


def _mongod(config: StackConfig) -> Part:
    port = config.ports.mongo
    command = (
        *(
            _mongod_binary(),
            "--dbpath",
            str(config.state / "mongo"),
            "--port",
            str(port),
            "--bind_ip",
            "127.0.0.1",
        ),
        *(
            "--replSet",
            "rs0",
            "--wiredTigerCacheSizeGB",
            "0.25",
            "--oplogSize",
            "128",
            "--nounixsocket",
            "--quiet",
        ),
        # The only member of its set has nobody to hand over to.
        *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
    )
    return Part("mongod", command, dict(os.environ), lambda: probes.is_primary(port), 60.0, patience_s=15.0)


def _mailsink(config: StackConfig) -> Part:
    command = (str(BACKEND_PYTHON), *config.module("mailsink", "backend"), "mailsink")
    ports = (config.ports.smtp, config.ports.mail_page)
    return Part(
        "mailsink",
        command,
        _environment(config, "mailsink"),
        lambda: all(map(probes.listens, ports)),
        _SOON_S,
    )


def _queue(config: StackConfig) -> Part:
    program = os.environ.get("ECODML_REDIS") or shutil.which("redis-server")
    if program is None:
        raise NotInstalled(
            "redis-server is missing, which several backends need: run make install, or name one with ECODML_REDIS."
        )
    # It keeps nothing that would have to outlive it.
    command = (
        *(program, "--port", str(config.ports.queue), "--bind", "127.0.0.1"),
        *("--save", "", "--appendonly", "no", "--dir", str(config.state)),
    )
    return Part("queue", command, dict(os.environ), lambda: probes.listens(config.ports.queue), _SOON_S)


def _front(config: StackConfig) -> Part:
    program = nginx()
    if program is None:
        raise NotInstalled("nginx is missing, which several backends need before them: run make install.")
    backends = [f"127.0.0.1:{port}" for port in config.api_ports.values()]
    file = write_configuration(config.state / "front", f"127.0.0.1:{config.ports.api}", backends)
    return Part(
        "front",
        (program, "-c", str(file), "-e", "stderr"),
        dict(os.environ),
        lambda: probes.answers_http(f"{config.api_url}/api/health"),
        _SOON_S,
    )


def _api(config: StackConfig, name: str) -> Part:
    port = str(config.api_ports[name])
    url = f"http://127.0.0.1:{port}/api/health"
    command = (str(BACKEND_PYTHON), *config.module(name, "backend"), "api")
    environment = _environment(config, name, own={"ECODML_API_PORT": port})
    return Part(name, command, environment, lambda: probes.answers_http(url), 60.0)


def _server(config: StackConfig, kind: str, name: str, number: int) -> Part:
    since = time.time()
    return Part(
        name,
        (str(BACKEND_PYTHON), *config.module(name, "backend"), kind),
        _environment(config, name),
        lambda: probes.is_healthy(config.api_url, kind, since, number),
        60.0,
    )


def _worker(config: StackConfig, kind: str, name: str, number: int, python: Path) -> Part:
    command = (
        *(str(python), *config.module(name, f"fl_nodes.{kind}")),
        *("--api", config.api_url, "--name", name),
        *("--key-file", str(config.keys / f"{kind}.json"), "--cache", str(config.state / "cache" / name)),
    )
    return Part(
        name,
        command,
        _environment(config, name, TENSORFLOW),
        lambda: probes.is_healthy(config.api_url, kind, 0.0, number),
        _IMPORTS_TENSORFLOW_S,
    )


def _node(config: StackConfig, name: str) -> Part:
    command = (
        *(str(NODE_PYTHON), *config.module(name, config.node_module), "run"),
        *("--home", str(node_home(config, name))),
        # They share this machine. The address is named again: a stack may come back on other ports than its nodes joined on.
        *("--machine-share", f"{1 / len(config.nodes):.6f}"),
        *("--api", config.api_url),
        *("--zone", config.zones[name]),
        *config.node_arguments.get(name, ()),
    )
    return Part(
        name,
        command,
        _environment(config, name, TENSORFLOW),
        lambda: probes.is_settled(config.api_url, name),
        _IMPORTS_TENSORFLOW_S,
    )


def node_home(config: StackConfig, name: str) -> Path:
    """Where a node provider keeps its keys and its work."""
    return config.state / "nodes" / name


def _environment(
    config: StackConfig,
    name: str,
    more: Mapping[str, str] | None = None,
    own: Mapping[str, str] | None = None,
) -> dict[str, str]:
    python = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    told = {**config.settings(), **(own or {}), **config.part_environment.get(name, {})}
    return {**os.environ, **python, **(more or {}), **told}


def _anvil() -> str:
    # The binary itself: npm's launcher would stand between it and the signals.
    found = sorted((ROOT / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    if not found:
        raise NotInstalled("Anvil is missing from node_modules: run make install.")
    return str(found[0])


def _mongod_binary() -> str:
    if on_path := shutil.which("mongod"):
        return on_path
    found = sorted((ROOT / ".venv" / "lib").glob("python3.*/site-packages/fiftyone/db/bin/mongod"))
    if not found:
        raise NotInstalled("mongod is missing: run make install, or name a database with MONGODB_URI.")
    return str(found[0])
