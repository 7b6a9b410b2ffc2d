"""Everything the API needs of the rest of the system, wired by `backend.bootstrap`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from backend.config import Settings
from backend.energy.chain_energy import ChainFigures
from backend.energy.world_average import WorldAverage
from backend.ports import (
    Certificates,
    Clock,
    Credits,
    Effects,
    Intensities,
    JobEvents,
    Ledger,
    Machines,
    MarketChain,
    Nodes,
    Objects,
    Passwords,
    Publications,
    Purses,
    RatingSteps,
    Seats,
    Sessions,
    Signatures,
    StoredObject,
    Tasks,
    Tickets,
    Users,
)
from backend.verification.job_history import JobHistory

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
VENDOR = Path(__file__).resolve().parents[2] / "node_modules"


class Grant(Protocol):
    """What a signed URL allows."""

    @property
    def max_bytes(self) -> int | None:
        """Largest upload; None for a URL to read."""

    @property
    def filename(self) -> str | None:
        """The name to save it under."""


class Progress(Protocol):
    """How far an upload got."""

    @property
    def received(self) -> int:
        """Bytes held so far."""

    @property
    def stored(self) -> StoredObject | None:
        """The object, once it is whole."""


class ServedObjects(Objects, Protocol):
    """Object storage whose signed URLs lead to this API: a folder's."""

    def verify(self, method: str, key: str, query: Mapping[str, str], now: float) -> Grant:
        """What a URL's query allows; Forbidden `object.signature` or `object.expired`."""

    def received(self, key: str, total: int) -> Progress:
        """How far an upload of `total` bytes got."""

    def write_part(
        self, key: str, start: int, end: int, total: int, stream: BinaryIO, max_bytes: int | None = None
    ) -> Progress:
        """Write bytes `start`..`end` (inclusive) of an upload of `total`; Invalid `upload.*`."""


@dataclass(frozen=True)
class ApiParts:
    """`workers` maps the operator's roles (`aggregator`, `evaluator`) to the addresses of their keys.

    `faucet(address)` hands out coins and returns (DML wei, native wei); None where there is no faucet.
    `heartbeats()` gives the last signs of life of all processes of a name, in Unix seconds. Each probe returns a detail for
    the health page or raises an EcoError. `served_objects` are the same objects where their URLs lead here, None where they
    lead to the store itself. `read_job(job_id)` reads a job's history from the market chain for an audit; NotFound
    `audit.unknown_job`. `queue` is Socket.IO's manager of clients where several API processes tell one another of them, and
    `instance` this one's name among them. None where this deployment cannot audit, as `certificates` where the chain keeps none.
    """

    settings: Settings
    clock: Clock
    tickets: Tickets
    effects: Effects
    tasks: Tasks
    nodes: Nodes
    machines: Machines
    rating_steps: RatingSteps
    seats: Seats
    purses: Purses
    objects: Objects
    sessions: Sessions
    users: Users
    passwords: Passwords
    signatures: Signatures
    market: MarketChain
    publications: Publications
    ledger: Ledger
    chain_figures: ChainFigures
    credits: Credits
    job_events: JobEvents
    deployments: dict[str, Any]
    workers: Mapping[str, str]
    secret: bytes
    served_objects: ServedObjects | None = None
    faucet: Callable[[str], tuple[int, int]] | None = None
    heartbeats: Callable[[], dict[str, list[float]]] = dict
    probes: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    certificates: Certificates | None = None
    read_job: Callable[[str], JobHistory] | None = None
    intensities: Intensities = field(default_factory=WorldAverage)
    queue: Any = None
    instance: str = field(default_factory=lambda: secrets.token_hex(8))
    frontend: Path = FRONTEND
    vendor: Path = VENDOR
