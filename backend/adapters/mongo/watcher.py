"""Change streams: an iterator over one that outlives restarts, and a thread that makes wake-ups of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import ConnectionFailure, InvalidOperation, OperationFailure, PyMongoError

from backend.adapters.wakeup import Wakeup

AWAIT_MS = 250
PAUSE_SECONDS = 0.1

Opened = object()
"""Yielded when a stream starts from now: whatever happened before it must be read."""


class Watcher:
    """Bumps `wakeup` at each change of a collection, and whenever changes may have been missed."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        self.wakeup = Wakeup()
        self._collection = collection
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"watch-{collection.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end."""
        self._stopped.set()

    def join(self) -> None:
        """Wait until the thread has ended."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                for _ in changes(
                    self._collection, [{"$project": {"operationType": 1}}], self._stopped.is_set
                ):
                    self.wakeup.bump()
            except PyMongoError:
                # The stream is only a wake-up: waiters poll as well, and the next round opens a fresh one.
                self._stopped.wait(PAUSE_SECONDS)


def changes(
    collection: Collection[dict[str, Any]],
    pipeline: Sequence[Mapping[str, Any]],
    stop: Callable[[], bool],
    full_document: str | None = None,
) -> Iterator[Any]:
    """Change events until `stop()` (asked at least every half second), resumed without loss after restarts.

    `Opened` comes first, and again when the place in the server's log was lost. Raises PyMongoError for what
    no retry mends.
    """
    token: Mapping[str, Any] | None = None
    while not stop():
        try:
            with collection.watch(
                list(pipeline), full_document, resume_after=token, max_await_time_ms=AWAIT_MS
            ) as stream:
                if token is None:
                    token = stream.resume_token
                    yield Opened
                while not stop():
                    event = stream.try_next()
                    token = stream.resume_token or token
                    if event is not None:
                        yield event
        except InvalidOperation:
            raise
        except OperationFailure as error:
            if not _passing(error):
                raise
            token = None if error.has_error_label("NonResumableChangeStreamError") else token
            time.sleep(PAUSE_SECONDS)
        except ConnectionFailure:
            time.sleep(PAUSE_SECONDS)


def _passing(error: OperationFailure) -> bool:
    labels = ("ResumableChangeStreamError", "NonResumableChangeStreamError", "RetryableWriteError")
    return error.timeout or any(map(error.has_error_label, labels))
