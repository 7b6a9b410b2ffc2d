"""The backend's side of the node socket: a real Socket.IO server that follows the contract of the connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import socketio
from aiohttp import web

NONCE = "ab" * 16


@dataclass
class Backend:
    """What arrived, and what to answer. Events are awaited, never slept for."""

    port: int = 0
    chain_id: int = 31337
    escrow: str = "0x" + "22" * 20
    hello_answer: dict[str, Any] = field(default_factory=lambda: {"ok": True})
    acknowledge: bool = True
    greetings: list[dict[str, Any]] = field(default_factory=list)
    hellos: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _server: Any = None
    _loop: Any = None
    _sids: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self, condition, seconds: float = 30.0) -> bool:
        """Whether a condition over what arrived comes true."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def emit(self, event: str, message: dict[str, Any]) -> None:
        """Send to every connected node."""
        self._do(self._server.emit(event, message, namespace="/nodes"))

    def hang_up(self) -> None:
        """Close every socket."""
        for sid in list(self._sids):
            self._do(self._server.disconnect(sid, namespace="/nodes"))

    def note(self, items: list[Any], item: Any) -> None:
        with self._changed:
            items.append(item)
            self._changed.notify_all()

    def _do(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)


def _server_for(backend: Backend) -> socketio.AsyncServer:
    server = socketio.AsyncServer(async_mode="aiohttp")

    @server.on("connect", namespace="/nodes")
    async def connected(sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        del environ
        backend._sids.append(sid)
        backend.note(backend.greetings, auth)
        challenge = {"nonce": NONCE, "chain_id": backend.chain_id, "escrow": backend.escrow}
        await server.emit("challenge", challenge, to=sid, namespace="/nodes")

    @server.on("hello", namespace="/nodes")
    async def said_hello(sid: str, message: dict[str, Any]) -> dict[str, Any]:
        del sid
        backend.note(backend.hellos, message)
        return backend.hello_answer

    def listen_for(event: str) -> None:
        async def answered(sid: str, message: dict[str, Any]) -> dict[str, Any]:
            backend.note(backend.answers, (event, message))
            if not backend.acknowledge:
                await server.disconnect(sid, namespace="/nodes")
            return {"ok": True}

        server.on(event, answered, namespace="/nodes")

    listen_for("done")
    listen_for("failed")
    return server


@contextmanager
def listening() -> Iterator[Backend]:
    """A backend that listens until the block ends."""
    backend = Backend()
    up = threading.Event()
    loop = asyncio.new_event_loop()
    backend._loop = loop

    async def start() -> web.AppRunner:
        backend._server = _server_for(backend)
        app = web.Application()
        backend._server.attach(app)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        backend.port = runner.addresses[0][1]
        return runner

    def serve() -> None:
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        up.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    up.wait(10)
    try:
        yield backend
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
