"""Watching a ticket: every change, for its customer or the holder of a link, for nobody else."""

import queue
import time
from collections.abc import Iterator
from typing import Any

import pytest
import socketio

from backend.api.auth import cookie_name
from backend.api.links import link_token
from backend.domain.ticket import Funded
from tests.integration.api.conftest import SECONDS, Served
from tests.support.api_world import CUSTOMER, STRANGER


class Watcher:
    """A page's end of the socket."""

    def __init__(self, url: str, auth: Any, cookie: str = "", origin: str = "") -> None:
        self.tickets: queue.Queue[dict[str, Any]] = queue.Queue()
        # Unless told otherwise it sends the server's own origin, as a page of this site does.
        options = {"origin": origin} if origin else {}
        self.client = socketio.Client(
            reconnection=False, handle_sigint=False, websocket_extra_options=options
        )
        self.client.on("ticket", self.tickets.put, namespace="/tickets")
        self.client.connect(
            url, headers={"Cookie": cookie}, auth=auth, namespaces=["/tickets"], transports=["websocket"]
        )

    def watch(self, ticket_id: Any) -> dict[str, Any]:
        """Ask to watch a ticket."""
        answer: dict[str, Any] = self.client.call("watch", {"ticket_id": ticket_id}, namespace="/tickets")
        return answer


@pytest.fixture
def watch(served: Served) -> Iterator[Any]:
    """Connects watchers and hangs them up afterwards."""
    watchers: list[Watcher] = []

    def connect(auth: Any, **more: str) -> Watcher:
        watchers.append(Watcher(served.url, auth, **more))
        return watchers[-1]

    yield connect
    for watcher in watchers:
        watcher.client.disconnect()


def token_of(served: Served, account) -> dict[str, str]:
    return {"token": served.world.sign_in(account)["Authorization"].removeprefix("Bearer ")}


def test_watch__own_ticket__shows_every_change(served: Served, watch) -> None:
    ticket = served.world.quote()
    watcher = watch(token_of(served, CUSTOMER))
    assert watcher.watch(ticket.id)["ticket"]["status"] == "QUOTED"
    served.world.tickets.advance(ticket.id, Funded(ticket.quote.fee_wei, ticket.deadline, "0xf"))
    assert watcher.tickets.get(timeout=SECONDS)["status"] == "FUNDED"


def test_watch__by_a_browsers_cookie__shows_own_tickets_to_this_sites_pages(served: Served, watch) -> None:
    ticket = served.world.quote()
    name = cookie_name(served.world.parts.settings)
    own, other = (f"{name}={token_of(served, who)['token']}" for who in (CUSTOMER, STRANGER))
    assert watch({}, cookie=own).watch(ticket.id)["ticket"]["id"] == ticket.id
    assert watch({}, cookie=other).watch(ticket.id)["code"] == "ticket.unknown"
    with pytest.raises(socketio.exceptions.ConnectionError):
        watch({}, cookie=own, origin="https://evil.example")


def test_watch__session_that_ends__hears_no_more(served: Served, watch) -> None:
    world = served.world
    ticket, auth = world.quote(), token_of(served, CUSTOMER)
    ended, living = watch(auth), watch(token_of(served, CUSTOMER))
    ended.watch(ticket.id)
    living.watch(ticket.id)
    world.parts.sessions.close(auth["token"])
    world.tickets.advance(ticket.id, Funded(ticket.quote.fee_wei, ticket.deadline, "0xf"))
    assert living.tickets.get(timeout=SECONDS)["status"] == "FUNDED"
    ended.client.call(
        "watch", {"ticket_id": "none"}, namespace="/tickets"
    )  # whatever was sent has come by then
    assert ended.tickets.empty()


def test_watch__by_link__shows_that_ticket_only(served: Served, watch) -> None:
    ticket, other = served.world.quote(), served.world.quote()
    watcher = watch({"link": link_token(served.world.parts.secret, ticket.id, int(time.time()) + 60)})
    assert watcher.watch(ticket.id)["ok"]
    assert watcher.watch(other.id)["code"] == "ticket.unknown"


@pytest.mark.parametrize("auth", [None, {"token": "x"}, {"link": "1.a"}, {"other": 1}])
def test_watch__no_right_to_it__is_refused(served: Served, watch, auth) -> None:
    ticket = served.world.quote()
    assert watch(auth).watch(ticket.id)["code"] in ("ticket.unknown", "ticket.auth")


def test_watch__anothers_ticket__looks_like_none(served: Served, watch) -> None:
    ticket = served.world.quote()
    watcher = watch(token_of(served, STRANGER))
    theirs, none = watcher.watch(ticket.id), watcher.watch("t_0")
    assert theirs["message"].replace(ticket.id, "ID") == none["message"].replace("t_0", "ID")
    assert watcher.watch({"$ne": None})["code"] == "ticket.watch"
