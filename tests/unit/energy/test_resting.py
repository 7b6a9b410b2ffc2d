"""Which machines may sleep: never those that the busiest hour needed, nor so many that the ledger cannot be sealed."""

from dataclasses import replace

from backend.domain.node import Node
from backend.domain.rating import Baseline, Measured
from backend.domain.spec import JobSpec
from backend.domain.ticket import Moment, Status
from backend.energy.resting import LEAST_AWAKE, may_sleep, needed
from tests.support.tickets import new_ticket

NOW = 1_700_000_000.0


def trainer(number: int, joules: float = 10.0, **fields) -> Node:
    measured = Measured(0.9, 0.9, 1.0, joules, "modelled", 1)
    made = Node(
        f"0x{number}", "k", "n", ("trainer",), "100", 5_000, "Active", online=True, role="trainer",
        baseline=Baseline(1, 1.0, measured=measured),
    )  # fmt: skip
    return replace(made, **fields)


def ran(at: float, count: int):
    crew = tuple(f"0x{i}" for i in range(count))
    return new_ticket(trainers=crew, status=Status.SETTLED, timeline=(Moment(Status.RUNNING, at),))


def test_may_sleep__more_trainers_than_needed__the_most_wasteful_first():
    nodes = [trainer(i, joules=i) for i in range(8)]

    assert may_sleep(nodes, 6) == ("0x7", "0x6")


def test_may_sleep__all_but_a_few_are_spare__a_quarter_of_the_deposits_at_most():
    nodes = [trainer(i, joules=i) for i in range(8)]

    assert may_sleep(nodes, 0) == ("0x7", "0x6")
    assert may_sleep([*nodes, trainer(9, joules=9, deposit_wei="10000")], 0) == ()


def test_may_sleep__working_offline_frozen_and_validating__are_left_alone():
    nodes = [
        *(trainer(i) for i in range(5)),
        trainer(5, assigned_jobs=1, joules=99),
        trainer(6, online=False, joules=99),
        trainer(7, frozen=True, joules=99),
        trainer(8, role="validator", joules=99),
    ]

    assert may_sleep(nodes, 4) == ("0x4",)


def test_may_sleep__no_benchmark__sleeps_before_others():
    assert may_sleep([*(trainer(i) for i in range(4)), trainer(9, baseline=None)], 4) == ("0x9",)


def test_needed__a_busy_hour_this_week__stays_the_measure():
    busy = [ran(NOW - 90_000, 4), ran(NOW - 90_100, 3)]

    assert needed([*busy, ran(NOW - 200_000, 5)], NOW) == 7
    assert needed([ran(NOW - 8 * 86_400, 60)], NOW) == LEAST_AWAKE


def test_needed__jobs_in_the_queue__want_theirs_beside_it():
    queued = new_ticket(status=Status.QUEUED, spec=JobSpec(trainers=6))

    assert needed([queued], NOW) == LEAST_AWAKE + 6
