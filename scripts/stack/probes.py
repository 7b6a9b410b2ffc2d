"""Whether a part is ready, asked the way its users reach it. A probe is False while it is not there yet."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import requests
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from scripts.stack.rpc import RpcError, chain_id

Probe = Callable[[], bool]

_CONNECT_SECONDS = 1.0
_HTTP_SECONDS = 5.0
_NO_REPLICA_SET_CONFIG = 94
_ALREADY_INITIALIZED = 23


def listens(port: int) -> bool:
    """Whether something accepts connections on the loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_CONNECT_SECONDS):
            return True
    except OSError:
        return False


def is_chain(url: str, wanted: int) -> bool:
    """Whether the wanted chain answers at `url`."""
    try:
        return chain_id(url) == wanted
    except (requests.RequestException, RpcError, ValueError, KeyError):
        return False


def is_primary(port: int) -> bool:
    """Whether the mongod there is primary of rs0; makes it so, also after it moved to another port."""
    address = f"127.0.0.1:{port}"
    members = [{"_id": 0, "host": address}]
    try:
        with MongoClient[dict[str, Any]](
            address, directConnection=True, serverSelectionTimeoutMS=1_000
        ) as client:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            try:
                settings = client.admin.command("replSetGetConfig")["config"]
                if settings["members"][0]["host"] != address:
                    settings |= {"members": members, "version": settings["version"] + 1}
                    client.admin.command("replSetReconfig", settings, force=True)
            except OperationFailure as error:
                if error.code != _NO_REPLICA_SET_CONFIG:
                    raise
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
    except PyMongoError as error:
        return getattr(error, "code", None) == _ALREADY_INITIALIZED
    return False


def answers_http(url: str) -> bool:
    """Whether a GET is answered with success."""
    try:
        return requests.get(url, timeout=_HTTP_SECONDS).ok
    except requests.RequestException:
        return False


def is_healthy(api_url: str, part: str, since: float, count: int = 1) -> bool:
    """Whether the API saw `part` after `since` (Unix seconds), and that many of it live."""
    try:
        seen = requests.get(f"{api_url}/api/health", timeout=_HTTP_SECONDS).json()["parts"].get(part, {})
    except (requests.RequestException, ValueError, KeyError):
        return False
    return (
        bool(seen.get("ok")) and float(seen.get("seen") or 0) >= since and (seen.get("alive") or 0) >= count
    )


def is_settled(api_url: str, node: str) -> bool:
    """Whether the API has this node's socket, or will never have it because it was banned or is leaving."""
    try:
        nodes = requests.get(f"{api_url}/api/nodes", timeout=_HTTP_SECONDS).json()["nodes"]
    except (requests.RequestException, ValueError, KeyError):
        return False
    return any(each["name"] == node and (each["online"] or each["state"] != "Active") for each in nodes)
