"""Namespace `/tickets`: pages and command lines watch their tickets change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import request
from flask_socketio import SocketIO

from backend.api.auth import cookie_name
from backend.api.links import opens
from backend.api.parts import ApiParts
from backend.api.schemas import shaped
from backend.api.shown import ticket_json
from backend.api.socket_events import guard, on_event
from backend.api.tickets import found, unknown
from backend.domain.ticket import Status, Ticket
from backend.errors import Conflict

NAMESPACE = "/tickets"
MAX_WATCHED = 50
AT_WORK = (Status.RUNNING, Status.VERIFYING, Status.SETTLING)


@dataclass(frozen=True)
class Auth:
    """How a watcher may look: a session's bearer token, or the token of a link to one ticket; neither: by the session's cookie."""

    token: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Watch:
    """Which ticket."""

    ticket_id: str


class TicketSocket:
    """Who watches which ticket; `released(ticket)` is called when a job's nodes are free again."""

    def __init__(self, parts: ApiParts, socketio: SocketIO, released: Callable[[Ticket], None]) -> None:
        self._parts = parts
        self._socketio = socketio
        self._released = released
        self._lock = threading.Lock()
        self._auth: dict[str, tuple[dict[str, Any], str]] = {}
        self._watched: dict[str, set[str]] = {}
        self._shown: dict[str, int] = {}
        self._working: set[str] = set()

    def register(self) -> None:
        """Add the namespace's handlers."""
        self._socketio.on_event("connect", self._connect, namespace=NAMESPACE)
        self._socketio.on_event("disconnect", self._disconnect, namespace=NAMESPACE)
        on_event(self._socketio, NAMESPACE, "watch")(self._watch)
        guard(self._socketio, NAMESPACE)

    def _connect(self, auth: Any = None) -> None:
        with self._lock:
            cookie = request.cookies.get(cookie_name(self._parts.settings), "")
            self._auth[_sid()] = (auth if isinstance(auth, dict) else {}, cookie)
            self._watched[_sid()] = set()

    def _watch(self, payload: dict[str, Any]) -> dict[str, Any]:
        watch = shaped(Watch, payload, "ticket.watch")
        ticket = self._visible(_sid(), watch.ticket_id)
        with self._lock:
            mine = self._watched.setdefault(_sid(), set())
            if len(mine | {ticket.id}) > MAX_WATCHED:
                raise Conflict("ticket.too_many", f"One connection may watch {MAX_WATCHED} tickets.")
            mine.add(ticket.id)
            self._shown.setdefault(ticket.id, ticket.version)
        # Read again, now that changes are pushed: one that came in between is in this answer.
        return {"ticket": ticket_json(self._parts.tickets.get(ticket.id))}

    def _visible(self, sid: str, ticket_id: str) -> Ticket:
        """The ticket, if this watcher may see it at this moment; NotFound `ticket.unknown`."""
        ticket = found(self._parts, ticket_id)
        if not self._may_see(*self._who(sid), ticket):
            raise unknown(ticket_id)
        return ticket

    def _who(self, sid: str) -> tuple[Auth, str]:
        """How a watcher may look, and its cookie."""
        said, cookie = self._auth.get(sid, ({}, ""))
        return shaped(Auth, said, "ticket.auth"), cookie

    def _may_see(self, auth: Auth, cookie: str, ticket: Ticket) -> bool:
        at = self._parts.clock()
        if auth.link is not None and opens(self._parts.secret, auth.link, ticket.id, at):
            return True
        return ticket.customer in self._wallets(auth.token or cookie, at)

    def _wallets(self, token: str, at: float) -> tuple[str, ...]:
        """Whose tickets a session sees. By cookie only this site's own pages get so far: the server refuses other origins."""
        session = self._parts.sessions.find(token, at) if token else None
        user = self._parts.users.get(session.user) if session else None
        return user.wallets if user else ()

    def _disconnect(self, *_: Any) -> None:
        with self._lock:
            self._auth.pop(_sid(), None)
            self._watched.pop(_sid(), None)
            watched = set().union(*self._watched.values()) if self._watched else set()
            self._shown = {ticket: version for ticket, version in self._shown.items() if ticket in watched}

    def look(self) -> None:
        """A ticket may have changed: show its watchers, and free the nodes of jobs that ended."""
        with self._lock:
            shown = dict(self._shown)
        # Many are watched and few change: only versions are looked at, and only what changed is read.
        versions = self._parts.tickets.versions(ids=list(shown)) if shown else {}
        for ticket_id, version in versions.items():
            if version != shown[ticket_id]:
                self._show(self._parts.tickets.get(ticket_id))
        working = set(self._parts.tickets.versions(statuses=[s.value for s in AT_WORK]))
        for ended in self._working - working:
            self._released(self._parts.tickets.get(ended))
        self._working = working

    def at_work(self) -> set[str]:
        """Tickets whose nodes were at work at the last look."""
        return set(self._working)

    def _show(self, ticket: Ticket) -> None:
        with self._lock:
            if ticket.id in self._shown:
                self._shown[ticket.id] = ticket.version
            sids = [sid for sid, watched in self._watched.items() if ticket.id in watched]
        shown = ticket_json(ticket)
        # Somebody's many pages look by one session: it is asked after once.
        may_see = cache(lambda auth, cookie: self._may_see(auth, cookie, ticket))
        for sid in sids:
            if may_see(*self._who(sid)):
                # The queue is for what sits elsewhere: every process shows its own watchers.
                self._socketio.emit("ticket", shown, to=sid, namespace=NAMESPACE, ignore_queue=True)
                continue
            with self._lock:  # its session has ended meanwhile
                self._watched.get(sid, set()).discard(ticket.id)


def _sid() -> str:
    return str(getattr(request, "sid"))  # noqa: B009 - flask_socketio adds it to Flask's request
