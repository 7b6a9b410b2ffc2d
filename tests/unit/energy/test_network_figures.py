"""What the network adds up to."""

from collections import Counter
from dataclasses import replace

from backend.domain.node import Node
from backend.domain.ticket import Status
from backend.domain.ticket_record import FATES
from backend.energy.network_figures import credit_sums, job_figures, job_sums, node_figures
from backend.energy.statement import results
from backend.ports import ChainEvent
from tests.support.jobs import FEE_WEI, settle_verdict
from tests.support.tickets import new_ticket
from tests.unit.energy.statements import CLEAN, DIRTY, inputs


def settled(**changed):
    ticket = new_ticket(
        status=Status.SETTLED,
        transactions=("0xtx",),
        verdict=replace(settle_verdict((CLEAN, DIRTY)), fee_wei=str(FEE_WEI)),
        carbon=results(inputs()),
    )
    return replace(ticket, **changed)


def figures(*tickets):
    total = Counter()
    for ticket in tickets:
        total.update(job_sums(ticket))
    return job_figures(total)


def test_job_figures__settled_and_refunded__money_adds_up_to_the_fees():
    back = new_ticket(status=Status.REFUNDED, transactions=("0xtx",))
    waiting = new_ticket(status=Status.RUNNING, transactions=("0xtx",))
    told = figures(settled(), settled(), back, waiting)
    assert told["jobs"] == {"settled": 2, "refunded": 1, "open": 1}
    fees = {name: int(wei) for name, wei in told["fees"].items()}
    assert fees["earned_wei"] + fees["commission_wei"] == 2 * FEE_WEI
    assert fees["commission_wei"] > 0
    assert fees["refunded_wei"] == fees["escrow_wei"] == back.quote.fee_wei


def test_job_figures__energy_of_classes__is_never_one_sum():
    told, one = figures(settled(), settled()), results(inputs())
    assert set(told["energy"]) == {"measured", "modelled"}
    for kind, of in told["energy"].items():
        assert of["millijoules"] == 2 * one["classes"][kind]["millijoules"]
        assert of["band_millijoules"] == 2 * one["classes"][kind]["band_millijoules"]
    assert told["emissions"] == {"micrograms": 2 * one["micrograms"], "band_ppm": one["band_ppm"]}
    assert (told["eco"]["score"], told["eco"]["jobs"]) == (one["eco"]["score"], 2)


def test_job_sums__not_paid_for__has_no_part():
    assert job_sums(settled(transactions=())) == {}
    assert figures()["eco"]["score"] is None


def test_job_sums__taken_out_again__nothing_is_left():
    total = Counter()
    total.update(job_sums(settled()))
    total.subtract(job_sums(settled()))
    assert job_figures(total) == job_figures(Counter())


def test_fates__every_status_has_one():
    assert sorted(s for statuses in FATES.values() for s in statuses) == sorted(Status)


def test_node_figures__exited_nodes__do_not_count():
    sun = Node(
        "0xA",
        "0xa",
        "sun",
        ("trainer", "validator"),
        "100",
        1,
        "Active",
        online=True,
        role="trainer",
        zone="ES",
    )
    gone = Node("0xB", "0xb", "gone", ("trainer",), "0", 1, "None", zone="DE")
    idle = Node("0xC", "0xc", "idle", ("trainer",), "50", 1, "Active", zone="ES")
    told = node_figures([sun, gone, idle])
    assert (told["registered"], told["online"], told["deposits_wei"]) == (2, 1, "150")
    assert told["by_role"] == {
        "trainer": {"registered": 2, "online": 1},
        "validator": {"registered": 1, "online": 0},
    }
    assert told["by_zone"] == {"ES": {"registered": 2, "online": 1}}


def test_credit_sums__issued_and_retired__apart():
    events = [
        ChainEvent("CarbonCredit", name, {"amount": amount}, 1, i, "0x")
        for i, (name, amount) in enumerate((("CreditIssued", 5), ("CreditIssued", 6), ("CreditRetired", 4)))
    ]
    assert credit_sums(events) == {"issued": 11, "retired": 4}
