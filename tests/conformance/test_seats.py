"""`ports.Seats`, and which of several machines holds a task."""

from backend.domain.seat import Seat
from backend.domain.task import Task
from fl_nodes.protocol.tasks import Role, TaskKind

NOON = 1_900_000_000.0
NODE = Seat("s1", "0xP", "0xKey", Role.TRAINER, "0xP", "a")
ONE = Seat("s2", "aggregator", "aggregator/one", Role.AGGREGATOR, None, "a")
TWO = Seat("s3", "aggregator", "aggregator/two", Role.AGGREGATOR, None, "b")
MACHINES = [ONE.machine, TWO.machine]


def task(number: int) -> Task:
    return Task(f"k{number}", "t", "aggregator", Role.AGGREGATOR, TaskKind.AGGREGATE, {}, NOON)


def test_take__seats_of_two_processes__are_seen_by_all(stores):
    for seat in (NODE, ONE, TWO):
        assert stores.seats.take(seat, NOON) is None
    assert stores.seats.all(NOON) == [NODE, ONE, TWO]
    assert stores.seats.of("aggregator", NOON) == [ONE, TWO]
    counts = stores.seats.counts(NOON)
    assert (counts[Role.TRAINER], counts[Role.AGGREGATOR], counts[Role.EVALUATOR]) == (1, 2, 0)


def test_take__machine_had_a_seat__gives_it_back_and_keeps_one(stores):
    stores.seats.take(NODE, NOON)
    moved = Seat("s9", "0xP", "0xKey", Role.VALIDATOR, "0xP", "b")
    assert stores.seats.take(moved, NOON) == NODE
    assert stores.seats.all(NOON) == [moved]
    assert not stores.seats.leave("0xKey", "s1")
    assert stores.seats.leave("0xKey", "s9")
    assert not stores.seats.leave("0xKey", "s9")
    assert stores.seats.all(NOON) == []


def test_present__process_fell_silent__has_no_seats_any_more(stores):
    stores.seats.take(ONE, NOON)
    stores.seats.take(TWO, NOON)
    stores.seats.present("b", NOON + 20)
    assert stores.seats.all(NOON + 20) == [TWO]
    stores.seats.present("a", NOON + 21)
    assert stores.seats.all(NOON + 21) == [TWO], "what was cleared does not come back by itself"


def test_hold__several_machines__least_busy_first_and_one_holder_each(stores):
    stores.tasks.put([task(n) for n in range(4)])
    held = [stores.tasks.hold(f"k{n}", MACHINES, NOON, NOON + 15) for n in range(4)]
    assert held == MACHINES * 2
    assert stores.tasks.hold("k0", [TWO.machine], NOON + 14, NOON + 30) == ONE.machine
    assert stores.tasks.hold("k0", [TWO.machine], NOON + 16, NOON + 30) == TWO.machine


def test_hold__nobody_there_or_not_open__nobody(stores):
    stores.tasks.put([task(1)])
    assert stores.tasks.hold("k1", [], NOON, NOON + 15) is None
    assert stores.tasks.hold("unknown", MACHINES, NOON, NOON + 15) is None
    stores.tasks.answer("k1", "aggregator", {})
    assert stores.tasks.hold("k1", MACHINES, NOON, NOON + 15) is None


def test_keep_held__longer_and_shorter__as_said(stores):
    stores.tasks.put([task(1)])
    stores.tasks.hold("k1", [ONE.machine], NOON, NOON + 15)
    stores.tasks.keep_held([ONE.machine], NOON + 40)
    assert stores.tasks.hold("k1", MACHINES, NOON + 30, NOON + 60) == ONE.machine
    stores.tasks.keep_held([ONE.machine], NOON + 3)
    assert stores.tasks.hold("k1", [TWO.machine], NOON + 4, NOON + 60) == TWO.machine
