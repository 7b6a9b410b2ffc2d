"""What of a stack is up: ports, chains, and the parts that the API reports on."""

from __future__ import annotations

import smtplib
import socket
from typing import Any
from urllib.parse import urlsplit

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Network, load_deployments
from backend.cli.client import Api
from backend.cli.installed import Check
from backend.config import Settings
from backend.errors import EcoError

_CONNECT_SECONDS = 2.0
_UP = "run `make up`"
_MISBEHAVES = "read docs/admin.md, When a chain misbehaves"
_OF_CHAINS = ("market chain's node", "market events", "carbon events")


def running(settings: Settings, api: Api) -> list[Check]:
    """What the API says of itself and its parts; while it is down, the parts that the settings name."""
    try:
        health, config = api.get("/api/health"), api.get("/api/config")
    except EcoError as error:
        return [
            Check("API", "running", False, error.message, _port_step(api.url)),
            *_chains(settings, api),
            _port("database", settings.mongodb_uri),
            _mail(settings.smtp_url),
        ]
    return [
        Check("API", "running", True, f"{api.url} is {health['status']}"),
        *(
            Check(f"API: {name}", "running", bool(part["ok"]), str(part["detail"]), _part_step(name))
            for name, part in sorted(health["parts"].items())
        ),
        _chain("market chain", config["market"]["rpc_url"], api),
    ]


def _chains(settings: Settings, api: Api) -> list[Check]:
    checks = [
        _chain("market chain", settings.market_rpc_url, api),
        _chain("carbon chain", settings.carbon_rpc_url, api),
    ]
    try:
        deployed = load_deployments(settings.deployments_file)
    except EcoError as error:
        return [*checks, Check("deployments", "running", False, error.message, _UP)]
    networks = ((deployed.market, settings.market_rpc_url), (deployed.carbon, settings.carbon_rpc_url))
    return [
        check if not check.ok or network is None else _contracts(check, network, url)
        for check, (network, url) in zip(checks, networks, strict=True)
    ]


def _contracts(check: Check, network: Network, url: str) -> Check:
    """The chain answers; whether it is the one that was deployed to."""
    try:
        Connection(network, url, _CONNECT_SECONDS).identity()
    except EcoError as error:
        return Check(check.name, check.group, False, f"{error.code}: {error.message}", _MISBEHAVES)
    return check


def _chain(name: str, url: str, api: Api) -> Check:
    question = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
    try:
        with api.reach("POST", url, json=question, timeout=_CONNECT_SECONDS) as response:
            answer: Any = response.json()
            chain_id = int(answer["result"], 16)
    except (EcoError, ValueError, KeyError, TypeError):
        return Check(name, "running", False, f"no chain answers at {url}", _port_step(url))
    return Check(name, "running", True, f"chain {chain_id} at {url}")


def _port(name: str, url: str) -> Check:
    host, port = _place(url, 27017)
    up = answers(host, port)
    return Check(name, "running", up, f"{host}:{port} {'answers' if up else 'does not answer'}", _UP)


def _mail(url: str) -> Check:
    host, port = _place(url, 25)
    try:
        with smtplib.SMTP(host, port, timeout=_CONNECT_SECONDS) as server:
            server.noop()
    except (OSError, smtplib.SMTPException):
        return Check("mail", "running", False, f"no mail server answers at {host}:{port}", _port_step(url))
    return Check("mail", "running", True, f"{host}:{port} answers")


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=_CONNECT_SECONDS):
            return True
    except OSError:
        return False


def _part_step(part: str) -> str:
    if part == "nodes":
        return "start nodes with `ecodml node run`; the local stack's write to logs/ in its state folder"
    if part in _OF_CHAINS:
        return _MISBEHAVES
    return f"read {part.replace(' chain', '')}.log in logs/ of the stack's state folder, then {_UP}"


def _port_step(url: str) -> str:
    host, port = _place(url, 80)
    if answers(host, port):
        return f"another program listens on {host}:{port}: stop it, then {_UP}"
    return _UP


def _place(url: str, default_port: int) -> tuple[str, int]:
    parts = urlsplit(url.split(",", maxsplit=1)[0])
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.hostname or "127.0.0.1", port or default_port
