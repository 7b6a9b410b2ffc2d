"""A node provider as the backend knows it: what the chain says (money, standing) joined with what its machine says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backend.domain.rating import Baseline
from fl_nodes.protocol.node_energy import NodeEnergy


@dataclass(frozen=True)
class Node:
    """`provider` is the staking wallet, `key` the machine's signing key (checksum addresses); Unix seconds.

    `baseline` is what the rater knows of it, None before it saw the node; `energy` what it says it has drawn in all.
    Until `rest_until` nobody is expected to need it.

    `finished_jobs` are those settled in which it was paid for training.
    """

    provider: str
    key: str
    name: str
    roles: tuple[str, ...]
    deposit_wei: str
    rating_bps: int
    state: str
    frozen: bool = False
    assigned_jobs: int = 0
    finished_jobs: int = 0
    online: bool = False
    role: str | None = None
    last_seen: float = 0.0
    hardware: dict[str, Any] = field(default_factory=dict)
    framework: str = ""
    environment: str = ""
    zone: str = ""
    forecast: dict[str, Any] = field(default_factory=dict)
    baseline: Baseline | None = None
    energy: NodeEnergy | None = None
    rest_until: float = 0.0

    @property
    def available(self) -> bool:
        """Whether it can be given work now."""
        return self.online and self.state == "Active" and not self.frozen
