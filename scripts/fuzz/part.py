"""What a part of the campaign is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Budget:
    """How long or how often to try: seconds, or a number of inputs; `progress` takes lines for a person."""

    seconds: float
    inputs: int | None
    progress: Callable[[str], None]


@dataclass(frozen=True)
class Crash:
    """A promise that an input broke: where, what was said, and the file that holds the input (or how to repeat it)."""

    where: str
    said: str
    input: str


@dataclass(frozen=True)
class Outcome:
    """How many inputs were tried, and what broke."""

    inputs: int
    crashes: tuple[Crash, ...] = field(default=())


@dataclass(frozen=True)
class Part:
    """A part of the campaign by its name."""

    name: str
    run: Callable[[Budget], Outcome]
