"""One node's socket as one of many in a process: the product's own words and pace (`fl_nodes.connection`) on asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Any

import socketio
from socketio.exceptions import SocketIOError

from fl_nodes.connection import (
    ANSWER_SECONDS,
    BEAT_SECONDS,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    NAMESPACE,
    Introduction,
    Market,
    greeting_of,
    hello_of,
)

DIAL_SECONDS = 60


class Member:
    """A connected node. `given` gets each task that arrives, `cancelled` the id of each that is no longer wanted."""

    def __init__(
        self,
        api_url: str,
        who: Introduction,
        given: Callable[[Member, dict[str, Any]], None] = lambda *_: None,
        cancelled: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.who = who
        self.joins = 0
        self.refusals: list[str] = []
        self.join_seconds: list[float] = []
        self.beat_seconds: list[float] = []
        self._api_url = api_url
        self._given = given
        self._cancelled = cancelled
        self._client: socketio.AsyncClient | None = None

    @property
    def is_here(self) -> bool:
        """Whether it has a seat and its socket is open."""
        return self._client is not None

    async def run(self, stop: asyncio.Event, dials: asyncio.Semaphore) -> None:
        """Stay connected until `stop`, as the product's nodes do; no more than `dials` lets dial at once."""
        pause = FIRST_PAUSE_SECONDS
        while not stop.is_set():
            joins = self.joins
            with contextlib.suppress(SocketIOError, asyncio.TimeoutError, OSError):
                await self._serve_once(stop, dials)
            pause = FIRST_PAUSE_SECONDS if self.joins > joins else min(pause * 2, LONGEST_PAUSE_SECONDS)
            await _waited(stop, pause * random.uniform(0.5, 1.5))

    async def joined(self, seconds: float) -> None:
        """Wait until it has a seat, `seconds` at least: it may have one that is about to be lost."""
        await asyncio.sleep(seconds)

    async def say(self, event: str, message: dict[str, Any]) -> dict[str, Any] | None:
        """An event's acknowledgement; None when it could not be delivered."""
        client = self._client
        if client is None:
            return None
        try:
            answer = await client.call(event, message, namespace=NAMESPACE, timeout=ANSWER_SECONDS)
        except (TimeoutError, SocketIOError):
            return None
        return answer if isinstance(answer, dict) else {"ok": True}

    async def _serve_once(self, stop: asyncio.Event, dials: asyncio.Semaphore) -> None:
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False)
        over, challenges = asyncio.Event(), asyncio.Queue[dict[str, Any]]()
        client.on("challenge", challenges.put_nowait, namespace=NAMESPACE)
        client.on("task", lambda task: self._given(self, task), namespace=NAMESPACE)
        client.on("cancel", lambda message: self._cancelled(str(message.get("id"))), namespace=NAMESPACE)
        client.on("disconnect", lambda *_: over.set(), namespace=NAMESPACE)
        try:
            async with dials:
                await self._join(client, challenges)
            if self._client is None:
                return
            # Nodes that started together do not beat together for long.
            await _waited(over, random.uniform(0, BEAT_SECONDS))
            while not over.is_set() and not stop.is_set():
                await self._beat()
                await _waited(over, BEAT_SECONDS)
        finally:
            self._client = None
            await client.disconnect()

    async def _join(self, client: socketio.AsyncClient, challenges: asyncio.Queue[dict[str, Any]]) -> None:
        began = time.monotonic()
        await client.connect(
            self._api_url,
            auth=greeting_of(self.who),
            namespaces=[NAMESPACE],
            transports=["websocket"],
            wait_timeout=DIAL_SECONDS,
        )
        challenge = await asyncio.wait_for(challenges.get(), DIAL_SECONDS)
        market = Market(int(challenge["chain_id"]), str(challenge["escrow"]))
        hello = hello_of(self.who, market, str(challenge["nonce"]))
        answer = await client.call("hello", hello, namespace=NAMESPACE, timeout=DIAL_SECONDS)
        if not answer.get("ok"):
            self.refusals.append(str(answer.get("code")))
            return
        self._client = client
        self.joins += 1
        self.join_seconds.append(time.monotonic() - began)

    async def _beat(self) -> None:
        began = time.monotonic()
        if await self.say("beat", {}) is not None:
            self.beat_seconds.append(time.monotonic() - began)


async def _waited(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
