"""The load in small: nodes and pages by the dozen on a served API, nothing dropped. The whole of it is `make load`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_account import Account

from backend.api.auth import cookie_name
from backend.domain.task import Task, TaskState
from backend.domain.ticket import Funded, Uploaded
from fl_nodes.connection import Introduction
from fl_nodes.protocol.tasks import Role, TaskKind
from scripts.load.crowd import Crowd, introductions
from scripts.load.measures import spread, usage
from scripts.load.registration import Provider, providers
from scripts.load.watchers import Watcher
from scripts.load.watchers import report as pages_report
from tests.integration.api.conftest import Served
from tests.support.api_world import World, node_of

NODES, PAGES = 30, 12
SECONDS = 20.0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A served API whose clock goes."""
    served = Served(World(tmp_path, clock=time.time))
    yield served
    served.stop()


async def eventually(holds) -> None:
    """Until it does; fails when it never does."""
    until = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        await asyncio.sleep(0.02)


def registered(served: Served, people: list[Provider]) -> list[Introduction]:
    """The nodes as the chain shows them, and as their machines introduce themselves."""
    for one in people:
        served.world.nodes.mirror(node_of(one.machine, one.wallet, name=one.name, roles=(one.role,)))
    return introductions([one.written() for one in people], {})


def test_dozens__nodes_and_pages_at_once__all_keep_their_places_and_miss_nothing(served: Served) -> None:
    world = served.world
    people = registered(served, providers(NODES))
    ticket = world.quote()
    session = world.sign_in()["Authorization"].removeprefix("Bearer ")
    cookie = {cookie_name(world.parts.settings): session}

    async def play() -> tuple[dict, dict, list[bool]]:
        stop, dials = asyncio.Event(), asyncio.Semaphore(10)
        crowd = Crowd(served.url, people, None)
        pages = [Watcher(served.url, ticket.id, cookie) for _ in range(PAGES)]
        running = asyncio.gather(crowd.run(stop), *(page.run(stop, dials) for page in pages))
        await eventually(lambda: crowd.here == NODES and all(page.is_here for page in pages))
        tasks = [
            Task(f"t/{who.worker}", "t", who.worker, Role.TRAINER, TaskKind.TRAIN, {}, time.time() + 60)
            for who in people
        ]
        await asyncio.to_thread(world.tasks.put, tasks)
        await asyncio.to_thread(
            world.tickets.advance, ticket.id, Funded(ticket.quote.fee_wei, 2_000_000_000, "0x1")
        )
        last = await asyncio.to_thread(world.tickets.advance, ticket.id, Uploaded("datasets/x"))
        await eventually(lambda: len(crowd.accepted) == NODES)
        await eventually(lambda: all(page.newest == last.version for page in pages))
        await asyncio.to_thread(world.api.node_socket.sweep)
        online = [node.online for node in world.nodes.all()]
        reports = crowd.report(), pages_report(pages, {(ticket.id, last.version): 0.0}), online
        stop.set()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return reports

    nodes, pages, online = asyncio.run(play())

    assert (nodes["here"], nodes["joins"], nodes["refusals"]) == (NODES, NODES, {})
    assert (nodes["tasks_accepted"], nodes["tasks_accepted_twice"]) == (NODES, 0)
    assert (pages["here"], pages["joins"], len(pages["push_seconds"])) == (PAGES, PAGES, PAGES)
    assert all(world.tasks.get(f"t/{who.worker}").state is TaskState.FAILED for who in people)
    assert online == [True] * NODES


def test_page__not_its_ticket__is_refused_and_counted(served: Served) -> None:
    ticket = served.world.quote()

    async def play() -> Watcher:
        page = Watcher(served.url, ticket.id, {})
        running = asyncio.ensure_future(page.run(asyncio.Event(), asyncio.Semaphore(1)))
        await eventually(lambda: page.refusals)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return page

    page = asyncio.run(play())
    assert (page.joins, page.refusals[0]) == (0, "ticket.unknown")


def test_node__not_registered__is_refused_and_counted(served: Served) -> None:
    stranger = Introduction(Account.create(), Role.TRAINER, "nobody")

    async def play() -> dict:
        stop = asyncio.Event()
        crowd = Crowd(served.url, [stranger], None)
        running = asyncio.ensure_future(crowd.run(stop))
        await eventually(lambda: crowd.members[0].refusals)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return crowd.report()

    report = asyncio.run(play())
    assert (report["here"], report["joins"], list(report["refusals"])) == (0, 0, ["node.unknown"])


def test_spread__ranks__by_hand() -> None:
    assert spread([]) == {"count": 0}
    hundred = [n / 1000 for n in range(100, 0, -1)]
    assert spread(hundred) == {"count": 100, "p50_ms": 51.0, "p99_ms": 100.0, "max_ms": 100.0}


def test_usage__threads_and_children_that_come_and_go__is_of_those_that_stay() -> None:
    over = threading.Event()

    def come_and_go() -> None:
        while not over.is_set():
            threads = [threading.Thread(target=time.sleep, args=(0.001,)) for _ in range(8)]
            for each in threads:
                each.start()
            subprocess.run(["true"], check=True)
            for each in threads:
                each.join()

    busy = threading.Thread(target=come_and_go)
    busy.start()
    try:
        seen = [usage(os.getpid()) for _ in range(300)]
    finally:
        over.set()
        busy.join()
    assert min(each.rss_mb for each in seen) > 0
    assert min(each.threads for each in seen) > 0
