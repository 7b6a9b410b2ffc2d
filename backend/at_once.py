"""Several questions at once: where a database or a chain does not answer, nobody waits for the sum of all patience."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def at_once(asks: Sequence[Callable[[], T]]) -> list[T]:
    """The answers in the order of the questions; the first exception is raised."""
    with ThreadPoolExecutor(max_workers=len(asks)) as pool:
        return list(pool.map(lambda ask: ask(), asks))
