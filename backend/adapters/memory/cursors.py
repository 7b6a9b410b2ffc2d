"""Followers' positions in memory."""

from __future__ import annotations

from backend.ports import Landmark

KEPT = 256


class MemoryCursors:
    """`ports.Cursors`."""

    def __init__(self) -> None:
        self._positions: dict[str, int] = {}
        self._landmarks: dict[str, list[Landmark]] = {}

    def load(self, name: str) -> int | None:
        """The saved position."""
        return self._positions.get(name)

    def save(self, name: str, position: int) -> None:
        """Save a position."""
        self._positions[name] = position

    def landmarks(self, name: str) -> list[Landmark]:
        """A follower's, newest first."""
        return sorted(self._landmarks.get(name, []), key=lambda m: m.block, reverse=True)

    def mark(self, name: str, landmark: Landmark) -> None:
        """Remember a block; of those that told nothing only the newest."""
        before = [m for m in self.landmarks(name) if m.block != landmark.block and (m.told or landmark.told)]
        self._landmarks[name] = [landmark, *before][:KEPT]

    def forget(self, name: str, from_block: int) -> None:
        """Drop the landmarks from this block on."""
        self._landmarks[name] = [m for m in self._landmarks.get(name, []) if m.block < from_block]
