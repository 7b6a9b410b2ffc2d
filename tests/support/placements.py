"""Nodes and work to schedule, for tests of policies."""

from __future__ import annotations

import random
from typing import Any

from backend.energy.scheduling import NodeState, Work

NOON = 1_700_000_000 // 3600 * 3600.0


def state(node: str, **fields: Any) -> NodeState:
    """A node that needs 10 s and 100 J for a round, on a grid of 200 g per kWh."""
    given: dict[str, Any] = {"seconds": 10.0, "millijoules": 100_000, "mg_per_kwh": (200_000,)}
    return NodeState(node, **(given | fields))


def work(**fields: Any) -> Work:
    """Four rounds on two nodes, to be done in a day, at once."""
    given: dict[str, Any] = {"wanted": 2, "rounds": 4, "at": NOON, "latest_end": NOON + 86_400}
    return Work(**(given | fields))


def drawn(seed: int, count: int, hours: int = 24) -> list[NodeState]:
    """Nodes of every kind."""
    r = random.Random(seed)
    return [
        NodeState(
            node=f"0x{i:040x}",
            seconds=r.uniform(1, 60),
            millijoules=r.randrange(1_000, 500_000),
            mg_per_kwh=tuple(r.randrange(10_000, 900_000) for _ in range(hours)),
            site_ppm=tuple(r.choice((0, 0, 300_000, 1_000_000)) for _ in range(hours)),
            levels=r.choice(((4,), (0, 1, 2, 3, 4))),
            load_ppm=r.choice((0, 500_000)),
            recent_ppm=r.randrange(0, 1_000_000),
            rating_ppm=r.randrange(300_000, 1_000_000),
        )
        for i in range(count)
    ]
