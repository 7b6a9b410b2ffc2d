"""`ports.Effects`: the outbox."""

import typing
from dataclasses import fields

import pytest

from backend.adapters import records
from backend.domain.effects import AccountMail, Effect, MailKind, SetBaseline
from backend.domain.ticket import Accepted, Funded, RoundClosed, Selected, Status, Uploaded
from backend.errors import NotFound
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import EpochTerms, Member
from tests.support.tickets import LARGE_FEE_WEI, new_ticket, round_record


@pytest.fixture
def key(stores):
    """The key of one open `SendMail`."""
    ticket = new_ticket()
    stores.tickets.add(ticket)
    stores.tickets.advance(ticket.id, Funded(LARGE_FEE_WEI, 2_000_000_000, "0xtx"))
    return f"{ticket.id}/mail/funded"


def test_pending__open_effects__oldest_first_and_of_the_kinds_asked(stores):
    ticket = new_ticket(status=Status.RUNNING)
    stores.tickets.add(ticket)
    for number in range(1, 13):
        stores.tickets.advance(ticket.id, RoundClosed(round_record(number)))
    assert [q.effect.round for q in stores.effects.pending(["RecordRound"])] == list(range(1, 13))
    assert [q.effect.round for q in stores.effects.pending(["Settle", "RecordRound"], limit=2)] == [1, 2]
    assert stores.effects.pending(["Settle"]) == []
    assert stores.effects.pending([]) == []
    assert stores.effects.pending(["RecordRound"], limit=0) == []


def test_pending__effect_with_a_tuple__comes_back_equal(stores):
    ticket = new_ticket()
    stores.tickets.add(ticket)
    stores.tickets.advance(ticket.id, Funded(LARGE_FEE_WEI, 2_000_000_000, "0xtx"))
    for change in (Uploaded("k"), Accepted(ticket.dataset), Selected(("0xA", "0xB"))):
        stores.tickets.advance(ticket.id, change)
    (queued,) = stores.effects.pending(["Assign"])
    assert queued.effect.trainers == ("0xA", "0xB")
    assert queued.key == queued.effect.key
    assert (queued.attempts, queued.not_before) == (0, stores.clock())


def test_done__repeated__stays_done(stores, key):
    assert stores.effects.state(key) == "open"
    stores.effects.done(key, {"tx": "0x1", "wei": LARGE_FEE_WEI})
    stores.effects.done(key, {"tx": "0x2"})
    stores.effects.retry(key, 1, "late")
    stores.effects.fail(key, "late", "late")
    assert stores.effects.state(key) == "done"
    assert stores.effects.pending(["SendMail"]) == []


def test_retry__until_due__is_not_pending(stores, key):
    stores.effects.retry(key, 30, "the node is down")
    assert stores.effects.pending(["SendMail"]) == []
    assert stores.effects.state(key) == "open"
    stores.clock.advance(30)
    (queued,) = stores.effects.pending(["SendMail"])
    assert queued.attempts == 1


def test_fail__then_done__a_person_may_finish_it(stores, key):
    stores.effects.fail(key, "chain.rejected", "The contract refuses.")
    assert stores.effects.state(key) == "failed"
    assert stores.effects.pending(["SendMail"]) == []
    stores.effects.done(key, {})
    assert stores.effects.state(key) == "done"


def test_unknown_key__none_or_not_found(stores):
    assert stores.effects.state("no/such") is None
    for act in (
        lambda: stores.effects.done("no/such", {}),
        lambda: stores.effects.retry("no/such", 1, ""),
        lambda: stores.effects.fail("no/such", "", ""),
    ):
        with pytest.raises(NotFound) as refusal:
            act()
        assert refusal.value.code == "effect.unknown"


def test_wait__effect_added_since_the_last_wait__returns(stores, key):
    stores.effects.wait(60)
    assert stores.effects.state(key) == "open"


@pytest.mark.parametrize("kind", typing.get_args(Effect))
def test_records__every_effect__comes_back_equal(kind):
    values = {
        "int": 2**70,
        "str": "0xab",
        "bool": True,
        "tuple[str, ...]": ("0xA",),
        "MailKind": MailKind.SETTLED,
        "AccountMail": AccountMail.RESET,
        "CreditBaseline": CreditBaseline("0xab", 1, 2, 2**70, 3, "0xcd"),
        "EpochTerms": EpochTerms(1, 2, "0xa", "0xb", "0xc", "0xd", "0xe", 3, 2**70, 5),
        "tuple[Member, ...]": (Member("0xA", 2**120),),
        "tuple[JobSummary, ...]": (JobSummary("0xab", 1, 2, 3),),
    }
    effect = kind(**{field.name: values[field.type] for field in fields(kind)})
    assert records.effect(records.kind_of(effect), records.pack(effect)) == effect


def test_add__effect_of_no_ticket__is_queued_once_and_comes_back_equal(stores):
    effect = SetBaseline("0xA", 3, 1, 5400)
    stores.effects.add([effect])
    stores.effects.add([effect])
    (queued,) = stores.effects.pending(["SetBaseline"])
    assert (queued.key, queued.effect) == ("0xA/baseline/3/1", effect)
    stores.effects.done(queued.key, {"tx": "0x1"})
    stores.effects.add([effect])
    assert stores.effects.pending(["SetBaseline"]) == []


def test_troubled__tried_in_vain_or_given_up__the_given_up_first(stores, key):
    assert stores.effects.troubled() == []
    stores.effects.retry(key, 60, "Nobody answers.")
    (waiting,) = stores.effects.troubled()
    assert (waiting.key, waiting.kind, waiting.state, waiting.attempts) == (key, "SendMail", "open", 1)
    assert (waiting.why, waiting.not_before) == ("Nobody answers.", stores.clock() + 60)
    other = new_ticket()
    stores.tickets.add(other)
    stores.tickets.advance(other.id, Funded(LARGE_FEE_WEI, 2_000_000_000, "0xtx"))
    given_up = f"{other.id}/mail/funded"
    stores.effects.fail(given_up, "mail.refused", "No such address.")
    assert [effect.key for effect in stores.effects.troubled()] == [given_up, key]
    assert [effect.ticket_id for effect in stores.effects.troubled(limit=1)] == [other.id]
    assert stores.effects.troubled(limit=0) == []


def test_reopen__given_up__is_due_at_once(stores, key):
    assert not stores.effects.reopen(key)
    stores.effects.retry(key, 600, "later")
    stores.effects.fail(key, "mail.refused", "No such address.")
    assert stores.effects.reopen(key)
    assert [queued.key for queued in stores.effects.pending(["SendMail"])] == [key]
    assert not stores.effects.reopen("unknown")


def test_standing__open_and_given_up__are_counted_since_their_oldest(stores, key):
    begun = stores.clock()
    stores.clock.advance(10.0) if hasattr(stores.clock, "advance") else None
    assert stores.effects.standing() == {"open": (1, begun)}
    stores.effects.fail(key, "mail.refused", "no such address")
    assert stores.effects.standing() == {"failed": (1, begun)}
    stores.effects.done(key, {})
    assert stores.effects.standing() == {}
