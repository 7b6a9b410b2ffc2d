"""Which nodes train a job: available trainers by rating, then least loaded, then by a hash that no node can steer."""

from __future__ import annotations

from collections.abc import Sequence

from backend.domain.node import Node
from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.tasks import Role

MINIMUM_VALIDATORS = 2


def select_trainers(nodes: Sequence[Node], wanted: int, seed: int) -> tuple[str, ...]:
    """Provider addresses of `wanted` trainers; empty while too few trainers or validators are there."""
    trainers = [n for n in nodes if n.available and n.role == Role.TRAINER]
    validators = [n for n in nodes if n.available and n.role == Role.VALIDATOR]
    if len(trainers) < wanted or len(validators) < MINIMUM_VALIDATORS:
        return ()
    ranked = sorted(trainers, key=lambda n: (n.assigned_jobs, -n.rating_bps, derive_seed(seed, n.provider)))
    return tuple(n.provider for n in ranked[:wanted])
