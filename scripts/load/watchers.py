"""`python -m scripts.load.watchers`: many people's pages in one process, each a socket that watches a ticket with its cookie.

Beside them the database's own change stream says when each version of a ticket could be seen, which a push is timed from. Told by
lines on standard input as `crowd` is.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import socketio
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from socketio.exceptions import SocketIOError

from scripts.load.lines import each_line, tell

NAMESPACE = "/tickets"
DIALS_AT_ONCE = 10
WAIT_SECONDS = 60
AGAIN_SECONDS = 1.0
AWAIT_MS = 100
COMPRESSED_FROM_BITS = 15
"""Browsers ask for compressed sockets, which cost the server more memory than others."""


@dataclass
class Watcher:
    """A page that shows one ticket: it dials again when its socket is lost, as the web app does."""

    api_url: str
    ticket: str
    cookie: Mapping[str, str]
    versions: dict[int, float] = field(default_factory=dict)
    pushed: dict[int, float] = field(default_factory=dict)
    joins: int = 0
    refusals: list[str] = field(default_factory=list)
    is_here: bool = False

    async def run(self, stop: asyncio.Event, dials: asyncio.Semaphore) -> None:
        """Watch until `stop`."""
        while not stop.is_set():
            with contextlib.suppress(SocketIOError, asyncio.TimeoutError, OSError):
                await self._watch_once(stop, dials)
            self.is_here = False
            await asyncio.sleep(AGAIN_SECONDS * random.uniform(0.5, 1.5))

    @property
    def newest(self) -> int:
        """The newest version shown; -1 before the first."""
        return max(self.versions, default=-1)

    def _show(self, ticket: Mapping[str, Any]) -> None:
        self.versions.setdefault(int(ticket["version"]), time.monotonic())

    def _pushed(self, ticket: Mapping[str, Any]) -> None:
        self.pushed.setdefault(int(ticket["version"]), time.monotonic())
        self._show(ticket)

    async def _watch_once(self, stop: asyncio.Event, dials: asyncio.Semaphore) -> None:
        extra = {"compress": COMPRESSED_FROM_BITS}
        client = socketio.AsyncClient(reconnection=False, handle_sigint=False, websocket_extra_options=extra)
        over = asyncio.Event()
        client.on("ticket", self._pushed, namespace=NAMESPACE)
        client.on("disconnect", lambda *_: over.set(), namespace=NAMESPACE)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookie.items())
        headers = {"Cookie": cookie, "Origin": self.api_url}
        try:
            async with dials:
                await client.connect(
                    self.api_url,
                    headers=headers,
                    namespaces=[NAMESPACE],
                    transports=["websocket"],
                    wait_timeout=WAIT_SECONDS,
                )
                asked = {"ticket_id": self.ticket}
                answer = await client.call("watch", asked, namespace=NAMESPACE, timeout=WAIT_SECONDS)
            if not answer.get("ok"):
                self.refusals.append(str(answer.get("code")))
                return
            self._show(answer["ticket"])
            self.joins += 1
            self.is_here = True
            ending = [asyncio.ensure_future(event.wait()) for event in (over, stop)]
            await asyncio.wait(ending, return_when=asyncio.FIRST_COMPLETED)
            for each in ending:
                each.cancel()
        finally:
            await client.disconnect()


class Changes:
    """When each version of a ticket came to be seen by those who follow the database's change stream."""

    def __init__(self, uri: str) -> None:
        self.seen: dict[tuple[str, int], float] = {}
        self._tickets = MongoClient[dict[str, Any]](uri)["ecodml"]["tickets"]
        self._opened = threading.Event()
        threading.Thread(target=self._follow, daemon=True, name="changes").start()
        self._opened.wait(WAIT_SECONDS)

    def _follow(self) -> None:
        wanted = {"documentKey": 1, "updateDescription.updatedFields.version": 1, "fullDocument.version": 1}
        stream = self._tickets.watch([{"$project": wanted}], max_await_time_ms=AWAIT_MS)
        self._opened.set()
        with contextlib.suppress(PyMongoError), stream:
            for event in stream:
                now = time.monotonic()
                updated = event.get("updateDescription", {}).get("updatedFields", {})
                version = updated.get("version", event.get("fullDocument", {}).get("version"))
                if version is not None:
                    self.seen[event["documentKey"]["_id"], int(version)] = now


def report(watchers: list[Watcher], seen: Mapping[tuple[str, int], float]) -> dict[str, Any]:
    """How they stand. A version that came and went between two looks of the server is shown by the next one."""
    late = [
        at - seen[w.ticket, version]
        for w in watchers
        for version, at in w.pushed.items()
        if (w.ticket, version) in seen
    ]
    return {
        "here": sum(w.is_here for w in watchers),
        "joins": sum(w.joins for w in watchers),
        "refusals": [code for w in watchers for code in w.refusals],
        "events": sum(len(w.pushed) for w in watchers),
        "newest": [[w.ticket, w.newest] for w in watchers],
        "push_seconds": late,
    }


async def _serve(watchers: list[Watcher], changes: Changes) -> None:
    stop, dials = asyncio.Event(), asyncio.Semaphore(DIALS_AT_ONCE)
    running = asyncio.gather(*(w.run(stop, dials) for w in watchers))
    async for line in each_line():
        if line == "report":
            tell(report(watchers, dict(changes.seen)))
    stop.set()
    running.cancel()


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.load.watchers", description=__doc__)
    parser.add_argument("--api", required=True, metavar="URL")
    parser.add_argument("--mongodb", required=True, metavar="URI")
    parser.add_argument("--people", required=True, type=Path, metavar="FILE", help="tickets and cookies")
    options = parser.parse_args()
    people = json.loads(options.people.read_text(encoding="utf-8"))
    watchers = [Watcher(options.api, one["ticket"], one["cookie"]) for one in people]
    changes = Changes(options.mongodb)
    tell({"ready": len(watchers)})
    asyncio.run(_serve(watchers, changes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
