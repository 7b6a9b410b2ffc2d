"""Resumable sessions as Google Cloud Storage keeps them: 256 KiB at a time, to the declared size, once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

QUANTUM = 256 * 1024
_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)")


@dataclass
class Session:
    """One upload. `only_over` is the generation that it may replace (0: none), None for any."""

    path: str
    size: int
    origin: str | None
    only_over: int | None
    received: int = 0
    answer: bytes | None = None
    cancelled: bool = False


@dataclass(frozen=True)
class Answer:
    """A status, with the object's description once it is whole."""

    status: int
    body: bytes = b""
    received: int = 0


def put(
    session: Session,
    content_range: str | None,
    body: bytes,
    announced: int,
    send: Callable[[bytes, int], Answer],
) -> Answer:
    """Take what came of a PUT of `announced` bytes; `send(piece, start)` hands it on and answers what the emulator did."""
    if session.cancelled:
        return Answer(499)
    if session.answer is not None:
        return Answer(200, session.answer)
    if content_range is None:
        start, end, total = 0, announced - 1, announced
    else:
        matched = _RANGE.fullmatch(content_range)
        if matched is None:
            return Answer(400)
        total = int(matched[3])
        if matched[1] is None:
            return Answer(400) if total != session.size else Answer(308, received=session.received)
        start, end = int(matched[1]), int(matched[2])
    if total != session.size or start > session.received or end - start + 1 != announced or end >= total:
        return Answer(400)
    kept = body[session.received - start :]
    if session.received + len(kept) < total:
        kept = kept[: (session.received + len(kept)) // QUANTUM * QUANTUM - session.received]
    if not kept and total:
        return Answer(308, received=session.received)
    told = send(kept, session.received)
    if told.status not in (200, 308):
        return told
    session.received += len(kept)
    if told.status == 200:
        session.answer = told.body
    return Answer(told.status, told.body, session.received)
