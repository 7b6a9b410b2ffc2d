"""`ports.Tickets`: lossless, compare-and-set, leases, wake-ups."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from backend.domain.decision import Alternative, Counterfactual, Decision, TrainerChoice
from backend.domain.effects import Assign, MailKind, SendMail
from backend.domain.ticket import (
    Accepted,
    Deferred,
    Expired,
    Funded,
    RoundClosed,
    Sealed,
    Selected,
    Settled,
    Status,
    Uploaded,
)
from backend.domain.ticket_record import VerdictRecord
from backend.errors import Conflict, NotFound
from tests.support.tickets import LARGE_FEE_WEI, new_ticket, round_record

FUNDED = Funded(LARGE_FEE_WEI, 2_000_000_001, "0xtx")


def test_get__stored_ticket__comes_back_equal(stores):
    ticket = new_ticket(rounds=(round_record(1),), email="a@b.example")
    stores.tickets.add(ticket)
    assert stores.tickets.get(ticket.id) == ticket
    assert stores.tickets.by_job(ticket.job_id) == ticket


def test_advance__a_decision__comes_back_as_it_was_hashed(stores):
    ticket = new_ticket(status=Status.QUEUED)
    stores.tickets.add(ticket)
    choice = TrainerChoice(
        "0xA", 2, "cpufreq", "ES", 200_000, "s", 300_000, 1_500, 2**60, 7, {"a.b": 1}, "$c | d", 1, 2, (-3, 4)
    )
    baseline = Counterfactual("standard", 3, 2**60, 1, 2, 3)
    later = Decision(
        "pareto",
        1,
        9,
        5,
        (choice,),
        baseline,
        1,
        2,
        3,
        ("Why.",),
        {"0x.B": "Not."},
        front=(Alternative(1, 2, 3),),
    )
    waiting = stores.tickets.advance(ticket.id, Deferred(later))
    chosen = stores.tickets.advance(ticket.id, Selected(("0xA",), 0, replace(later, again_at=1)))

    assert waiting.decision == later
    assert stores.tickets.get(ticket.id) == chosen
    assert stores.tickets.get(ticket.id).decision.hash() == replace(later, again_at=1).hash()


def test_get__unknown__not_found(stores):
    with pytest.raises(NotFound) as refusal:
        stores.tickets.get("nobody")
    assert refusal.value.code == "ticket.unknown"
    assert stores.tickets.by_job("0x00") is None


@pytest.mark.parametrize("same", ["id", "ref", "job_id"])
def test_add__taken_id_ref_or_job__conflict(stores, same):
    first, second = new_ticket(), new_ticket()
    stores.tickets.add(first)
    with pytest.raises(Conflict) as refusal:
        stores.tickets.add(replace(second, **{same: getattr(first, same)}))
    assert refusal.value.code == "ticket.exists"


def test_find__several__newest_first_and_filtered(stores):
    tickets = [new_ticket(customer=f"0x{i % 2}") for i in range(4)]
    for ticket in tickets:
        stores.clock.advance(1)
        stores.tickets.add(ticket)
    stores.tickets.advance(tickets[3].id, FUNDED)
    assert [t.id for t in stores.tickets.find()] == [t.id for t in reversed(tickets)]
    assert [t.id for t in stores.tickets.find(customers=["0x1"])] == [tickets[3].id, tickets[1].id]
    assert [t.id for t in stores.tickets.find(statuses=[Status.FUNDED])] == [tickets[3].id]
    assert [t.id for t in stores.tickets.find(limit=1)] == [tickets[3].id]
    assert stores.tickets.find(limit=0) == []
    assert stores.tickets.find(statuses=[]) == []


def test_find__before_a_ticket__those_older_than_it_in_order_and_none_twice(stores):
    tickets = [new_ticket(customer=f"0x{i % 2}") for i in range(6)]
    for i, ticket in enumerate(tickets):
        stores.clock.advance(i % 2)
        stores.tickets.add(ticket)
    everything = [t.id for t in stores.tickets.find()]
    for place, ticket_id in enumerate(everything):
        assert [t.id for t in stores.tickets.find(before=ticket_id)] == everything[place + 1 :]
    mine = [t.id for t in stores.tickets.find(customers=["0x1"])]
    assert [t.id for t in stores.tickets.find(customers=["0x1"], before=mine[0], limit=1)] == mine[1:2]
    with pytest.raises(NotFound) as refusal:
        stores.tickets.find(before="nobody")
    assert refusal.value.code == "ticket.unknown"


def test_finished__settled_and_paid__counts(stores):
    verdict = VerdictRecord("settle", "00", "00", ("0xA", "0xB"), (str(LARGE_FEE_WEI), "0"), (), (), ())
    settling = [new_ticket(status=Status.SETTLING, verdict=verdict) for _ in range(3)]
    for ticket in settling:
        stores.tickets.add(ticket)
    assert stores.tickets.finished("0xA") == 0
    for ticket in settling[:2]:
        stores.tickets.advance(ticket.id, Settled("0xtx"))
        stores.tickets.advance(ticket.id, Settled("0xtx"))
    assert stores.tickets.finished("0xA") == 2
    assert stores.tickets.finished("0xB") == 0


def test_unsealed__judged_and_in_no_epoch__oldest_first(stores):
    verdict = VerdictRecord("fail", "00", "00", (), (), (), (), ())
    waiting = [new_ticket(status=Status.REFUNDED, verdict=verdict) for _ in range(3)]
    for ticket in [new_ticket(), *waiting]:
        stores.clock.advance(1)
        stores.tickets.add(ticket)
    assert [t.id for t in stores.tickets.unsealed()] == [t.id for t in waiting]
    stores.tickets.advance(waiting[0].id, Sealed(0, "0xhash", "0xtx"))
    assert [t.id for t in stores.tickets.unsealed()] == [t.id for t in waiting[1:]]
    assert [t.id for t in stores.tickets.unsealed(limit=1)] == [waiting[1].id]


def test_advance__allowed_change__stores_ticket_and_effects(stores):
    ticket = new_ticket()
    stores.tickets.add(ticket)
    after = stores.tickets.advance(ticket.id, FUNDED)
    assert after.status is Status.FUNDED
    assert after.timeline[-1].at == stores.clock()
    assert stores.tickets.get(ticket.id) == after
    assert [q.effect for q in stores.effects.pending(["SendMail"])] == [SendMail(ticket.id, MailKind.FUNDED)]


def test_advance__repeated_change__changes_nothing(stores):
    ticket = new_ticket()
    stores.tickets.add(ticket)
    after = stores.tickets.advance(ticket.id, FUNDED)
    stores.clock.advance(5)
    assert stores.tickets.advance(ticket.id, FUNDED) == after
    assert len(stores.effects.pending(["SendMail"])) == 1


def test_advance__forbidden_change__raises_and_keeps_the_ticket(stores):
    ticket = new_ticket()
    stores.tickets.add(ticket)
    with pytest.raises(Conflict) as refusal:
        stores.tickets.advance(ticket.id, Settled("0xtx"))
    assert refusal.value.code == "ticket.forbidden"
    assert stores.tickets.get(ticket.id) == ticket


def test_advance__unknown_ticket__not_found(stores):
    with pytest.raises(NotFound):
        stores.tickets.advance("nobody", Expired())


def test_advance__effect_key_exists__leaves_it_as_it_is(stores):
    ticket = new_ticket()
    stores.tickets.add(ticket)
    for change in (FUNDED, Uploaded("datasets/1"), Accepted(ticket.dataset), Selected(("0xA", "0xB"))):
        stores.tickets.advance(ticket.id, change)
    stores.effects.done(f"{ticket.id}/assign/0", {"tx": "0x1"})
    stores.tickets.advance(ticket.id, Selected(("0xC", "0xD")))
    assert stores.effects.state(f"{ticket.id}/assign/0") == "done"
    assert stores.effects.pending(["Assign"]) == []
    again = stores.tickets.advance(ticket.id, Selected(("0xC", "0xD"), attempt=1))
    assert again.selected == ("0xC", "0xD")
    assert [q.effect for q in stores.effects.pending(["Assign"])] == [
        Assign(ticket.id, ticket.job_id, ("0xC", "0xD"), 1)
    ]


def test_advance__many_writers_at_once__loses_and_doubles_nothing(stores):
    ticket = new_ticket(status=Status.RUNNING)
    stores.tickets.add(ticket)

    def close_all(_: int) -> None:
        for number in range(1, 11):
            stores.tickets.advance(ticket.id, RoundClosed(round_record(number)))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(close_all, range(4)))
    after = stores.tickets.get(ticket.id)
    assert [record.number for record in after.rounds] == list(range(1, 11))
    assert after.version == 10
    assert [q.effect.round for q in stores.effects.pending(["RecordRound"])] == list(range(1, 11))


def test_claim__held_by_another__refused_until_it_ends(stores):
    assert stores.tickets.claim("t", "one", 10)
    assert not stores.tickets.claim("t", "two", 10)
    assert stores.tickets.claim("t", "one", 10)
    stores.clock.advance(9)
    assert not stores.tickets.claim("t", "two", 10)
    stores.clock.advance(1)
    assert stores.tickets.claim("t", "two", 10)
    assert not stores.tickets.claim("t", "one", 10)


def test_release__by_its_owner_only__frees_the_ticket(stores):
    stores.tickets.claim("t", "one", 10)
    stores.tickets.release("t", "two")
    assert not stores.tickets.claim("t", "two", 10)
    stores.tickets.release("t", "one")
    assert stores.tickets.claim("t", "two", 10)


def test_claim__raced_by_many__one_wins(stores):
    with ThreadPoolExecutor(8) as owners:
        won = list(owners.map(lambda owner: stores.tickets.claim("t", str(owner), 10), range(8)))
    assert won.count(True) == 1


def test_wait_change__ticket_added_by_another_thread__wakes(stores):
    ticket = new_ticket()
    waiting, found = Event(), Event()

    def wait_for_it() -> None:
        while not found.is_set():
            stores.tickets.wait_change(60)
            if stores.tickets.find():
                found.set()
            waiting.set()

    with ThreadPoolExecutor(1) as waiter:
        done = waiter.submit(wait_for_it)
        assert waiting.wait(30)
        stores.tickets.add(ticket)
        done.result(30)
    assert found.is_set()


def test_wait_change__change_between_two_waits__is_not_missed(stores):
    stores.tickets.wait_change(60)
    stores.tickets.add(new_ticket())
    stores.tickets.wait_change(60)
    assert len(stores.tickets.find()) == 1


def test_on_chain__paid_jobs_only__newest_first_and_older_than_one(stores):
    tickets = [new_ticket() for _ in range(5)]
    for ticket in tickets:
        stores.clock.advance(1)
        stores.tickets.add(ticket)
    for ticket in (*tickets[:2], *tickets[3:]):
        stores.tickets.advance(ticket.id, FUNDED)
    newest = [tickets[4].id, tickets[3].id, tickets[1].id, tickets[0].id]
    assert [t.id for t in stores.tickets.on_chain()] == newest
    assert [t.id for t in stores.tickets.on_chain(limit=2)] == newest[:2]
    assert [t.id for t in stores.tickets.on_chain(before=tickets[3].job_id)] == newest[2:]
    assert stores.tickets.on_chain(before="0x" + "00" * 32) == []
    assert stores.tickets.on_chain(statuses=[Status.QUEUED]) == []
    assert [t.id for t in stores.tickets.on_chain(statuses=[Status.FUNDED])] == newest


def test_on_chain__added_in_one_moment__each_is_on_one_page(stores):
    tickets = [new_ticket(transactions=("0xtx",)) for _ in range(4)]
    for ticket in tickets:
        stores.tickets.add(ticket)
    first = stores.tickets.on_chain(limit=2)
    rest = stores.tickets.on_chain(before=first[-1].job_id)
    assert sorted(t.id for t in (*first, *rest)) == sorted(t.id for t in tickets)


def test_telling__by_job_reference_dataset_or_transaction__only_what_was_paid_for(stores):
    paid, unpaid = new_ticket(transactions=("0xAA",)), new_ticket()
    stores.tickets.add(paid)
    stores.tickets.add(unpaid)
    for word in (paid.job_id, paid.ref, "0x" + paid.dataset.sha256, "0x" + paid.spec.hash(), "0xaa"):
        assert [t.id for t in stores.tickets.telling(word)] == [paid.id], word
    assert stores.tickets.telling(unpaid.job_id) == []


def test_changed_since__what_changed_later__only_that(stores):
    early, late = new_ticket(), new_ticket()
    stores.tickets.add(early)
    stores.tickets.add(late)
    stores.clock.advance(10)
    since = stores.clock()
    stores.tickets.advance(late.id, FUNDED)
    assert {t.id for t in stores.tickets.changed_since(None)} == {early.id, late.id}
    assert [(t.id, t.status) for t in stores.tickets.changed_since(since)] == [(late.id, Status.FUNDED)]


def test_versions__by_id_or_status__of_those_that_exist(stores):
    one, other = new_ticket(id="t_1", ref="r1", job_id="0x1"), new_ticket(id="t_2", ref="r2", job_id="0x2")
    stores.tickets.add(one)
    stores.tickets.add(other)
    funded = stores.tickets.advance("t_2", FUNDED)
    assert stores.tickets.versions(ids=["t_1", "t_2", "t_3"]) == {"t_1": one.version, "t_2": funded.version}
    assert stores.tickets.versions(statuses=[Status.FUNDED]) == {"t_2": funded.version}
    assert stores.tickets.versions(ids=[]) == stores.tickets.versions(statuses=["RUNNING"]) == {}
