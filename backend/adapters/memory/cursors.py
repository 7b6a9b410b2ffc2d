"""Followers' positions in memory."""

from __future__ import annotations


class MemoryCursors:
    """`ports.Cursors`."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}

    def load(self, name: str) -> int | None:
        """The saved position."""
        return self._positions.get(name)

    def save(self, name: str, position: int) -> None:
        """Save a position."""
        self._positions[name] = position
