"""`create_app(parts)`: the routes, the sockets, and the headers every answer carries."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask_socketio import SocketIO

from backend.api import (
    account,
    admin,
    auth,
    certificates,
    compression,
    configuration,
    downloads,
    eco_credits,
    errors,
    evidence,
    faucet,
    headers,
    health,
    intensity,
    invitations,
    job_audits,
    job_events,
    ledger,
    limits,
    measured,
    metrics,
    network,
    nodes,
    objects,
    pages,
    passwords,
    provider,
    public_jobs,
    published,
    quotes,
    request_ids,
    sessions,
    sign_up,
    tickets,
)
from backend.api.background import Background
from backend.api.node_socket import NodeSocket
from backend.api.openapi import document
from backend.api.parts import ApiParts
from backend.api.ticket_socket import TicketSocket
from backend.domain.ticket import Ticket

MAX_JSON_BYTES = 4_000_000
MAX_EVENT_BYTES = 8_000_000
PING_SECONDS = 10
PONG_SECONDS = 15


@dataclass(frozen=True)
class Api:
    """The application, its sockets, and its threads (not started)."""

    app: Flask
    socketio: SocketIO
    background: Background
    node_socket: NodeSocket
    ticket_socket: TicketSocket


def create_app(parts: ApiParts) -> tuple[Flask, SocketIO]:
    """The application with its threads running: what serves requests."""
    api = build(parts)
    api.background.start()
    return api.app, api.socketio


def build(parts: ApiParts) -> Api:
    """The application, nothing of it running yet."""
    app = Flask("ecodml", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_JSON_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    socketio = SocketIO(
        app,
        async_mode="threading",
        always_connect=True,
        max_http_buffer_size=MAX_EVENT_BYTES,
        ping_interval=PING_SECONDS,
        ping_timeout=PONG_SECONDS,
        manage_session=False,
        **({"client_manager": parts.queue} if parts.queue is not None else {}),
    )
    node_socket = NodeSocket(parts, socketio)
    ticket_socket = TicketSocket(parts, socketio, lambda ticket: _release(node_socket, ticket))
    node_socket.register()
    ticket_socket.register()
    for area in (
        account,
        admin,
        certificates,
        configuration,
        document,
        downloads,
        eco_credits,
        evidence,
        faucet,
        health,
        intensity,
        invitations,
        job_events,
        job_audits,
        ledger,
        metrics,
        network,
        nodes,
        objects,
        pages,
        passwords,
        provider,
        public_jobs,
        published,
        quotes,
        sessions,
        sign_up,
        tickets,
    ):
        app.register_blueprint(area.blueprint(parts))
    request_ids.register(app, parts.settings)
    measured.register(app, socketio)
    errors.register(app)
    limits.register(app, parts)
    app.before_request(lambda: auth.guard(parts))
    headers.register(app, parts.settings)
    compression.register(app)
    return Api(app, socketio, Background(parts, node_socket, ticket_socket), node_socket, ticket_socket)


def _release(node_socket: NodeSocket, ticket: Ticket) -> None:
    node_socket.released(ticket.job_id, {*ticket.trainers, *ticket.validators})
