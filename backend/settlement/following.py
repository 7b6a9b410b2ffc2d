"""Following a contract's events from a saved cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backend.ports import ChainEvent, Cursors

Events = Callable[[int], tuple[list[ChainEvent], int]]
"""All events from a position on, in order, and the next position to ask for."""


def follow(
    events: Events, cursors: Cursors, name: str, take_in: Callable[[Sequence[ChainEvent]], None]
) -> int:
    """Take in all that is new since the cursor `name`; how many events that was.

    The cursor moves after what it stands for: an interrupted batch is read again, so taking in must repeat harmlessly.
    """
    cursor, count = cursors.load(name) or 0, 0
    while True:
        found, following = events(cursor)
        if following <= cursor:
            return count
        take_in(found)
        cursors.save(name, following)
        cursor, count = following, count + len(found)
