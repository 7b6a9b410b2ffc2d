"""An HTTP proxy before a chain's node that a test makes slow, broken, rude, or behind the other nodes."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

BLOCK_ARGUMENT = {
    "eth_call": 1,
    "eth_getCode": 1,
    "eth_getBalance": 1,
    "eth_getTransactionCount": 1,
    "eth_estimateGas": 1,
    "eth_getBlockByNumber": 0,
}
MOVING = ("latest", "pending", "safe", "finalized")
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"

Fault = str
"""`cut` closes the connection before answering, `lost` after the node was asked, `slow` answers too late, `429`, `500`, `html`
and `garbage` answer something else, `list` answers JSON that is no JSON-RPC."""


class FickleRpc:
    """`url` is the proxy's. `fault` decides for each request, by its method, what goes wrong with it, if anything; `node` is
    the URL of the node behind it; with `behind_at` set, answers are those of a node that has come no further than this block."""

    def __init__(self, node_url: str) -> None:
        self.fault: Callable[[str], Fault | None] = lambda method: None
        self.behind_at: int | None = None
        self.asked: list[str] = []
        self._session = requests.Session()
        self.node = node_url
        self._released = threading.Event()
        handler = type("Handler", (_Handler,), {"rpc": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Let everybody go."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self._session.close()

    def hold(self) -> None:
        """Until the test is over: whoever asks has given up by then."""
        self._released.wait(60)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the node says, or one that is behind."""
        if self.behind_at is None:
            return self._ask(request)
        method, params = request["method"], list(request.get("params") or [])
        if method == "eth_blockNumber":
            return _said(request, hex(self.behind_at))
        if method == "eth_getLogs" and int(params[0]["toBlock"], 16) > self.behind_at:
            return _unknown(request)
        if method in BLOCK_ARGUMENT:
            at = BLOCK_ARGUMENT[method]
            block = params[at] if len(params) > at else "latest"
            if block not in MOVING and block != "earliest" and int(block, 16) > self.behind_at:
                return _said(request, None) if method == "eth_getBlockByNumber" else _unknown(request)
            if block in MOVING:
                params[at:] = [hex(self.behind_at), *params[at + 1 :]]
        told = self._ask({**request, "params": params})
        if method == "eth_getTransactionReceipt" and told.get("result"):
            late = int(told["result"]["blockNumber"], 16) > self.behind_at
            return _said(request, None) if late else told
        return told

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        answered: dict[str, Any] = self._session.post(self.node, json=request, timeout=30).json()
        return answered


class _Handler(BaseHTTPRequestHandler):
    rpc: FickleRpc
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not body:
            # Whoever asked was killed meanwhile.
            return self._cut()
        request = json.loads(body)
        self.rpc.asked.append(request["method"])
        fault = self.rpc.fault(request["method"])
        if fault == "cut":
            return self._cut()
        if fault == "lost":
            self.rpc.answer(request)
            return self._cut()
        if fault == "slow":
            self.rpc.hold()
            return self._cut()
        bodies = {"html": HTML, "garbage": b"\xff\xfe{", "list": b"[1, 2]"}
        if fault in bodies:
            return self._reply(200, bodies[fault])
        if fault is not None:
            return self._reply(int(fault), HTML)
        return self._reply(200, json.dumps(self.rpc.answer(request)).encode())

    def _reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _cut(self) -> None:
        """A reset, as from a node that dies."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def finish(self) -> None:
        """Nothing to flush where the connection was cut."""
        if not self.close_connection or self.connection.fileno() >= 0:
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Quietly."""


@contextmanager
def fickle_rpc(node_url: str) -> Iterator[FickleRpc]:
    """Before this node, for a while."""
    rpc = FickleRpc(node_url)
    try:
        yield rpc
    finally:
        rpc.close()


def _said(request: dict[str, Any], result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request["id"], "result": result}


def _unknown(request: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": "header not found"}}
