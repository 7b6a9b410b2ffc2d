"""A machine that answered a provider's invitation and waits to be registered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Machine:
    """`key` has proven by signature that it wants this; nothing is known of `hardware` but its word. `code` is what both sides
    show. `heard` is when it last said so, in Unix seconds.
    """

    provider: str
    key: str
    name: str
    role: str
    code: str
    heard: float
    hardware: dict[str, Any] = field(default_factory=dict)
