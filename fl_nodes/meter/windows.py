"""A node's process from start to end, cut into windows without gap or overlap: jobs + idle + chain work = the node's total.

Whenever a window opens or closes, what the counters say since the last cut goes to whoever was open until then: to the innermost
window of each thread that has one, evenly where several threads do, and to waiting where none does. Energy is kept in whole
nanojoules and what a cut rounds off is carried into the next one, so the sum over all accounts is the total to the unit, and the
total is what the counters said to within one nanojoule.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter as Sums
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

import structlog

from fl_nodes.meter.account import RESERVED, WAITING, Account, Use
from fl_nodes.meter.port import Count, Counter

CUT_SECONDS = 10.0
"""How often the counters are read at least: no counter wraps around twice meanwhile, and a crash loses no more."""

NANO = 1_000_000_000

log = structlog.get_logger()


@dataclass(frozen=True)
class Source:
    """Where joules come from: class, band and method of the counter."""

    kind: str
    band_ppm: int
    method: str


@dataclass
class Booking:
    """Windows to put on record: nanojoules by account and source, nanoseconds by account, and the node's totals of both."""

    energy: Sums[tuple[Account, Source]] = field(default_factory=Sums)
    time: Sums[Account] = field(default_factory=Sums)
    nanojoules: int = 0
    nanoseconds: int = 0


class Book(Protocol):
    """Where bookings are kept, all or nothing."""

    def add(self, day: str, booking: Booking) -> None:
        """Add a booking to a day's. OSError where it cannot be kept; it is then offered again with the next."""


class Windows:
    """One process's windows. `work` counts what the process draws, `reserve` what is drawn for it without its doing anything."""

    def __init__(
        self,
        work: Sequence[Counter],
        reserve: Sequence[Counter] = (),
        book: Book | None = None,
        clock_ns: Callable[[], int] = time.monotonic_ns,
        today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat(),
        thread: Callable[[], int] = threading.get_ident,
    ) -> None:
        self._counters = [(counter, False) for counter in work] + [(counter, True) for counter in reserve]
        self._book, self._clock_ns, self._today, self._thread = book, clock_ns, today, thread
        self._lock = threading.RLock()
        self._open: dict[int, list[Account]] = {}
        self._pending = Booking()
        self._carried: dict[int, float] = {}
        self._marks = [counter.mark() for counter, _ in self._counters]
        self._since_ns = clock_ns()

    def count_also(self, counter: Counter) -> None:
        """One more counter from now on."""
        with self._lock:
            self.cut()
            self._counters.append((counter, False))
            self._marks.append(counter.mark())

    @contextlib.contextmanager
    def window(self, account: Account) -> Iterator[None]:
        """What this thread does inside is on `account`, but for windows that it opens in there."""
        thread = self._thread()
        with self._lock:
            self.cut()
            self._open.setdefault(thread, []).append(account)
        try:
            yield
        finally:
            with self._lock:
                self.cut()
                self._open[thread].pop()
                if not self._open[thread]:
                    del self._open[thread]
                    self.record()

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        """A step of the job that this thread works on."""
        with self.window(self._current().step(what)):
            yield

    @contextlib.contextmanager
    def chain(self, what: str) -> Iterator[None]:
        """Chain work: a signature, for the job that this thread works on if there is one."""
        with self.window(self._current().chain(what)):
            yield

    def cut(self) -> None:
        """Book what the counters say since the last cut."""
        with self._lock:
            marks, now_ns = [counter.mark() for counter, _ in self._counters], self._clock_ns()
            accounts = [stack[-1] for _, stack in sorted(self._open.items())] or [WAITING]
            for index, (counter, reserved) in enumerate(self._counters):
                count = counter.between(self._marks[index], marks[index])
                self._add(index, count, [RESERVED] if reserved else accounts)
            nanoseconds = max(0, now_ns - self._since_ns)
            for account, part in zip(accounts, _evenly(nanoseconds, len(accounts)), strict=True):
                self._pending.time[account] += part
            self._pending.nanoseconds += nanoseconds
            self._marks, self._since_ns = marks, now_ns

    def record(self) -> None:
        """Cut, and put everything so far in the book."""
        with self._lock:
            self.cut()
            if self._book is None:
                return
            try:
                self._book.add(self._today(), self._pending)
            except OSError as error:
                log.warning("energy.not_kept", why=str(error))
                return
            self._pending = Booking()

    def run(self, stop: threading.Event) -> None:
        """Cut and record now and then until `stop` is set, and once more after it."""
        while not stop.wait(CUT_SECONDS):
            self.record()
        self.record()

    def _current(self) -> Account:
        with self._lock:
            return (self._open.get(self._thread()) or [Account(Use.IDLE)])[-1]

    def _add(self, index: int, count: Count, accounts: list[Account]) -> None:
        exact = max(0.0, count.joules) * NANO + self._carried.get(index, 0.0)
        nanojoules = max(0, round(exact))
        self._carried[index] = exact - nanojoules
        source = Source(count.kind, count.band_ppm, count.method)
        for account, part in zip(accounts, _evenly(nanojoules, len(accounts)), strict=True):
            self._pending.energy[account, source] += part
        self._pending.nanojoules += nanojoules


def nowhere() -> Windows:
    """Windows without counters or book, for work that nobody meters."""
    return Windows(())


def _evenly(whole: int, parts: int) -> list[int]:
    """Parts that sum to the whole, no two more than one apart."""
    each, left = divmod(whole, parts)
    return [each + (i < left) for i in range(parts)]


def metered(
    windows: Windows, account: Callable[[Any], Account], work: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """A task's handler whose every call is a window."""

    def handle(call: Any) -> Any:
        with windows.window(account(call)):
            return work(call)

    return handle
