"""Jobs + idle + chain = the node's total, whatever happens to its process."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fl_nodes.meter.account import RESERVED, WAITING, Account, Use
from fl_nodes.meter.book import EnergyBook
from fl_nodes.meter.port import Count
from fl_nodes.meter.rapl import microjoules_between
from fl_nodes.meter.windows import NANO, Booking, Windows

WRAPS_AT_UJ = 50_000_000
THREADS = (1, 2, 3)
ACCOUNTS = (
    Account(Use.JOB, "train", "0xa", 1),
    Account(Use.JOB, "replay", "0xa", 2),
    Account(Use.JOB, "benchmark", "0xb"),
    Account(Use.CHAIN, "signature", "0xa", 1),
    Account(Use.CHAIN, "verdict"),
)
BANDS = {"modelled": 400_000, "measured": 100_000, "constant": 1_000_000}


@dataclass
class Machine:
    """What was really drawn: a modelled counter of fractions, a measured one that wraps around, an idle one; and the time."""

    modelled: Fraction = Fraction(0)
    wrapped_uj: int = 0
    idle: Fraction = Fraction(0)
    now_ns: int = 0
    day: str = "2030-01-01"
    thread: int = 1

    def pass_by(self, ns: int, joules: float, microjoules: int, idle: float) -> None:
        self.now_ns += ns
        self.modelled += Fraction(joules)
        self.wrapped_uj = (self.wrapped_uj + microjoules) % WRAPS_AT_UJ
        self.idle += Fraction(idle)


@dataclass(frozen=True)
class Fractions:
    machine: Machine
    name: str
    kind: str
    method: str = "fractions of a joule"

    def mark(self) -> Fraction:
        return Fraction(getattr(self.machine, self.name))

    def between(self, begin: Fraction, end: Fraction) -> Count:
        return Count(float(end - begin), self.kind, BANDS[self.kind], self.method, 0.0)


@dataclass(frozen=True)
class Wrapping:
    machine: Machine
    method: str = "a counter that wraps around"

    def mark(self) -> int:
        return self.machine.wrapped_uj

    def between(self, begin: int, end: int) -> Count:
        joules = microjoules_between(begin, end, WRAPS_AT_UJ) / 1e6
        return Count(joules, "measured", BANDS["measured"], self.method, 0.0)


@dataclass
class Shelf:
    """A book that can be out of reach, with what it should hold beside it."""

    book: EnergyBook
    broken: bool = False
    kept: int = 0

    def add(self, day: str, booking: Booking) -> None:
        if self.broken:
            raise OSError("disk full")
        self.book.add(day, booking)
        self.kept += 1


@dataclass
class Truth:
    """Joules by account, and in all, that are safe in the book, and those that are not yet."""

    safe: defaultdict[Account, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    open: defaultdict[Account, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    safe_ns: int = 0
    open_ns: int = 0

    def keep(self) -> None:
        for account, joules in self.open.items():
            self.safe[account] += joules
        self.safe_ns += self.open_ns
        self.lose()

    def lose(self) -> None:
        self.open.clear()
        self.open_ns = 0


events = st.one_of(
    st.tuples(st.just("open"), st.sampled_from(THREADS), st.sampled_from(ACCOUNTS)),
    st.tuples(st.just("close"), st.sampled_from(THREADS)),
    st.tuples(
        st.just("pass"),
        st.integers(0, 10**11),
        st.floats(0, 1e5, allow_nan=False),
        st.integers(0, WRAPS_AT_UJ - 1),
        st.floats(0, 1e3, allow_nan=False),
    ),
    st.tuples(st.just("cut")),
    st.tuples(st.just("record")),
    st.tuples(st.just("crash")),
    st.tuples(st.just("day"), st.sampled_from(("2029-12-31", "2030-01-01", "2031-07-01"))),
    st.tuples(st.just("break"), st.booleans()),
)


@settings(max_examples=300)
@given(st.lists(events, max_size=60))
def test_windows__any_course_of_events__jobs_idle_and_chain_are_the_nodes_total(course) -> None:
    with tempfile.TemporaryDirectory() as folder:
        machine, truth = Machine(), Truth()
        shelf = Shelf(EnergyBook(Path(folder) / "energy.sqlite"))
        processes, cuts = 1, 1
        windows, stacks = start(machine, shelf), {t: [] for t in THREADS}
        for event, *what in course:
            kept, cuts = shelf.kept, cuts + 1
            if event == "open":
                machine.thread, account = what
                within = ExitStack()
                within.enter_context(windows.window(account))
                stacks[machine.thread].append((account, within))
            elif event == "close" and stacks[what[0]]:
                machine.thread = what[0]
                stacks[machine.thread].pop()[1].close()
            elif event == "pass":
                attribute(truth, stacks, *what)
                machine.pass_by(*what)
                windows.cut()
            elif event == "record":
                windows.record()
            elif event == "crash":
                # What the dead process still held goes nowhere, also when Python tidies it away.
                shelf.broken, shelf = True, Shelf(shelf.book, shelf.broken, shelf.kept)
                windows, stacks = start(machine, shelf), {t: [] for t in THREADS}
                processes += 1
                truth.lose()
            elif event == "day":
                machine.day = what[0]
            elif event == "break":
                shelf.broken = what[0]
            if shelf.kept > kept:
                truth.keep()
        shelf.broken = False
        windows.record()
        truth.keep()
        check(shelf.book, truth, cuts * len(THREADS), processes)


def start(machine: Machine, shelf: Shelf) -> Windows:
    work = (Fractions(machine, "modelled", "modelled"), Wrapping(machine))
    return Windows(
        work,
        (Fractions(machine, "idle", "constant"),),
        shelf,
        lambda: machine.now_ns,
        lambda: machine.day,
        lambda: machine.thread,
    )


def attribute(truth: Truth, stacks, ns: int, joules: float, microjoules: int, idle: float) -> None:
    active = [stack[-1][0] for stack in stacks.values() if stack] or [WAITING]
    for account in active:
        truth.open[account] += (Fraction(joules) + Fraction(microjoules, 10**6)) / len(active)
    truth.open[RESERVED] += Fraction(idle)
    truth.open_ns += ns


def check(book: EnergyBook, truth: Truth, cuts: int, processes: int) -> None:
    entries, node = book.entries(), book.node()
    found = defaultdict(int)
    for entry in entries:
        found[entry.account] += entry.nanojoules
    total = sum(joules for joules, _ in node.values())
    # The parts are the total, to the unit.
    assert sum(found.values()) == total
    by_use = {use: sum(n for a, n in found.items() if a.use is use) for use in Use}
    assert by_use[Use.JOB] + by_use[Use.IDLE] + by_use[Use.CHAIN] == total
    for day in node:
        assert sum(e.nanojoules for e in entries if e.day == day) == node[day][0]
    # And the total is what was drawn: to a nanojoule per counter and process, and the precision of the counters' numbers.
    drawn = sum(truth.safe.values(), Fraction(0))
    assert abs(Fraction(total, NANO) - drawn) <= Fraction(3 * processes, NANO) + drawn / 10**13
    for account in {*found, *truth.safe}:
        off = abs(Fraction(found[account], NANO) - truth.safe[account])
        assert off <= Fraction(3 * cuts, NANO) + drawn / 10**13
    spent = [(day, n) for day, _, n in book.times()]
    assert sum(n for _, n in spent) == sum(n for _, n in node.values()) == truth.safe_ns
