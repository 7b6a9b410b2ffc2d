"""No process works on another chain than its database's: looked at before it starts, and while it runs."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence

import structlog

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Deployments
from backend.config import Settings
from backend.errors import Recoverable, Unrecoverable, exit_status

log = structlog.get_logger()

SECONDS = 2.0
Look = Callable[[], object]


def watch_chains(
    settings: Settings,
    deployments: Deployments,
    leave: Callable[[Unrecoverable], None] | None = None,
    seconds: float = SECONDS,
) -> None:
    """Look at both chains now, Unrecoverable where one is another; then every few seconds, and leave the process at once when
    one has become another. A chain that does not answer is waited for."""
    connections = [Connection(deployments.market, settings.market_rpc_url)]
    if deployments.carbon is not None:
        connections.append(Connection(deployments.carbon, settings.carbon_rpc_url))
    looks: list[Look] = [connection.identity for connection in connections]
    _look(looks)
    threading.Thread(target=_keep_looking, args=(looks, leave or _leave, seconds), daemon=True).start()


def _look(looks: Sequence[Look]) -> None:
    for look in looks:
        try:
            look()
        except Recoverable as error:
            log.warning("chain.not_seen", code=error.code, message=error.message)


def _keep_looking(looks: Sequence[Look], leave: Callable[[Unrecoverable], None], seconds: float) -> None:
    pause = threading.Event()
    while not pause.wait(seconds):
        try:
            _look(looks)
        except Unrecoverable as error:
            log.error("process.stopped", code=error.code, message=error.message)  # noqa: TRY400 -- a refusal is a sentence
            leave(error)
            return


def _leave(error: Unrecoverable) -> None:
    """As a crash would, and every effect outlasts a crash: nothing more is to be written."""
    print(f"{error.code}: {error.message}", file=sys.stderr, flush=True)
    os._exit(exit_status(error))
