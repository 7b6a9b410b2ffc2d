"""Where a connected worker sits: which socket, of which machine, at which of the API's processes."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.tasks import Role


@dataclass(frozen=True)
class Seat:
    """One proven connection. `worker` is what tasks are addressed to: the provider, or an operator's role.

    Seats with the same `machine` replace each other: a node's key, or an operator process's role and name. `api` names the
    process that holds the socket.
    """

    sid: str
    worker: str
    machine: str
    role: Role
    provider: str | None
    api: str = ""
