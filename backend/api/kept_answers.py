"""Answers that take long: worked out once at a time, in a few threads, and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from backend.errors import NotYet
from backend.ports import Clock

MOST = 200
WORKERS = 2
WAIT_S = 10.0


class KeptAnswers:
    """By key; `good_for_s` seconds long. Whoever asks waits for WAIT_S at most, the work goes on without him."""

    def __init__(self, clock: Clock, good_for_s: float, wait_s: float = WAIT_S) -> None:
        self._clock = clock
        self._good_for_s = good_for_s
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, dict[str, Any]]] = OrderedDict()
        self._under_way: dict[str, Future[dict[str, Any]]] = {}
        self._workers = ThreadPoolExecutor(WORKERS, "kept-answers")

    def of(self, key: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The answer, with its `age_seconds`; NotYet `answer.under_way`, or what `work` raises."""
        with self._lock:
            at, answer = self._kept.get(key, (0.0, None))
            if answer is not None and self._clock() - at < self._good_for_s:
                return {**answer, "age_seconds": self._clock() - at}
            future = self._under_way.get(key)
            if future is None:
                future = self._under_way[key] = self._workers.submit(self._work, key, work)
        try:
            return {**future.result(self._wait_s), "age_seconds": 0.0}
        except TimeoutError as error:
            raise NotYet(
                "answer.under_way", "This is still being worked out: ask again in a few seconds.", 2.0
            ) from error

    def _work(self, key: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        try:
            answer = work()
            with self._lock:
                self._kept[key] = (self._clock(), answer)
                self._kept.move_to_end(key)
                while len(self._kept) > MOST:
                    self._kept.popitem(last=False)
            return answer
        finally:
            with self._lock:
                self._under_way.pop(key, None)
