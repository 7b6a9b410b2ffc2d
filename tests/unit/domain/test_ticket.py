"""A ticket's life: the straight path, each exit, repeats, and every forbidden transition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain import ticket as t
from backend.domain.decision import Counterfactual, Decision
from backend.domain.effects import (
    Assign,
    Cancel,
    Fail,
    FinalizeSlash,
    MailKind,
    PayOut,
    PayOutDeposit,
    Reclaim,
    Release,
    SendMail,
    Settle,
)
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.ticket import Status, Ticket, step
from backend.errors import Conflict

pytestmark = pytest.mark.unit

WAITS = Decision("weighted", 1, 9, 5, (), Counterfactual(), 1, 2, 3, ("Cleaner later.",))
FACTS = DatasetFacts("d.csv", 10, "0" * 64, "csv", 100, 3, ("a", "b"), (2,))
TX = "0x" + "1" * 64
RECORD = t.RoundRecord(1, "r", "k", "s", {}, (), 0.0)
SETTLE = t.VerdictRecord("settle", "r", "e", ("0xA", "0xB"), ("1", "2"), ("w", "w"), (), ("sig",))
FAIL = t.VerdictRecord("fail", "r", "e", (), (), (), ("0xA",), ("sig",))

CHANGES = {
    "funded": t.Funded(5, 99, TX),
    "uploaded": t.Uploaded("key"),
    "accepted": t.Accepted(FACTS),
    "refused": t.Refused("dataset.one_class", "One class."),
    "selected": t.Selected(("0xA", "0xB")),
    "deferred": t.Deferred(WAITS),
    "assigned": t.Assigned(("0xA", "0xB"), ("0xC",), TX),
    "round": t.RoundClosed(RECORD),
    "finished": t.TrainingFinished({}, {}, {}),
    "verdict_settle": t.VerdictSigned(SETTLE),
    "verdict_fail": t.VerdictSigned(FAIL, t.Refusal("job.cheated", "Cheated.")),
    "settled": t.Settled(TX),
    "failed_on_chain": t.RefundCredited("failed", 5, TX, ("0xA",)),
    "refund_paid": t.RefundPaid(TX),
    "expired": t.Expired(),
    "contested": t.Contested("0xA"),
    "arbitrated": t.Arbitrated("0xA", True),
    "slashed": t.Slashed("0xA", 7, {"0xB": "7"}, TX),
    "sealed": t.Sealed(3, "0xhash", TX),
}


def quoted() -> Ticket:
    return Ticket(
        "t_1", "0xref", "0xjob", "0xCustomer", JobSpec(rounds=1), FACTS, Quote(1, 4, 5), {}, 99, "a@b.c"
    )


def walk(*names: str) -> tuple[Ticket, list[object]]:
    ticket, effects = quoted(), []
    for i, name in enumerate(names):
        ticket, made = step(ticket, CHANGES[name], float(i))
        effects += made
    return ticket, effects


STRAIGHT = (
    "funded",
    "uploaded",
    "accepted",
    "selected",
    "assigned",
    "round",
    "finished",
    "verdict_settle",
    "settled",
)
CHEATED = (
    "funded",
    "uploaded",
    "accepted",
    "selected",
    "assigned",
    "verdict_fail",
    "failed_on_chain",
    "refund_paid",
)

REACHED = {
    Status.QUOTED: (),
    Status.FUNDED: STRAIGHT[:1],
    Status.UPLOADED: STRAIGHT[:2],
    Status.QUEUED: STRAIGHT[:3],
    Status.RUNNING: STRAIGHT[:5],
    Status.VERIFYING: STRAIGHT[:7],
    Status.SETTLING: STRAIGHT[:8],
    Status.SETTLED: STRAIGHT,
    Status.INVALID: ("funded", "uploaded", "refused"),
    Status.FAILED: CHEATED[:6],
    Status.EXPIRED: ("funded", "expired"),
    Status.REFUNDING: CHEATED[:7],
    Status.REFUNDED: CHEATED,
    Status.DISPUTED: (*CHEATED, "contested"),
}

ALLOWED = {
    Status.QUOTED: {"funded", "refused", "expired"},
    Status.FUNDED: {"funded", "uploaded", "refused", "failed_on_chain", "expired"},
    Status.UPLOADED: {"funded", "uploaded", "accepted", "refused", "failed_on_chain", "expired"},
    Status.QUEUED: {
        "settled",
        "funded",
        "uploaded",
        "accepted",
        "refused",
        "selected",
        "deferred",
        "assigned",
        "failed_on_chain",
        "expired",
    },
    Status.RUNNING: {
        "settled",
        "funded",
        "uploaded",
        "accepted",
        "selected",
        "assigned",
        "round",
        "finished",
        "verdict_settle",
        "verdict_fail",
        "failed_on_chain",
        "expired",
    },
    Status.VERIFYING: {
        "settled",
        "funded",
        "uploaded",
        "accepted",
        "assigned",
        "finished",
        "verdict_settle",
        "verdict_fail",
        "failed_on_chain",
        "expired",
    },
    Status.SETTLING: {
        "funded",
        "uploaded",
        "accepted",
        "assigned",
        "verdict_settle",
        "verdict_fail",
        "settled",
        "failed_on_chain",
        "expired",
    },
    Status.SETTLED: {"funded", "uploaded", "accepted", "assigned", "settled", "failed_on_chain"},
    Status.INVALID: {"funded", "uploaded", "accepted", "assigned", "failed_on_chain"},
    Status.FAILED: {
        "funded",
        "uploaded",
        "accepted",
        "assigned",
        "verdict_settle",
        "verdict_fail",
        "failed_on_chain",
        "expired",
    },
    Status.EXPIRED: {"funded", "uploaded", "accepted", "assigned", "settled", "failed_on_chain"},
    Status.REFUNDING: {
        "funded",
        "uploaded",
        "accepted",
        "assigned",
        "failed_on_chain",
        "refund_paid",
        "contested",
        "arbitrated",
        "slashed",
    },
    Status.REFUNDED: {
        "funded",
        "uploaded",
        "accepted",
        "assigned",
        "failed_on_chain",
        "refund_paid",
        "contested",
        "arbitrated",
        "slashed",
    },
    Status.DISPUTED: {
        "funded",
        "uploaded",
        "accepted",
        "assigned",
        "failed_on_chain",
        "refund_paid",
        "contested",
        "arbitrated",
        "slashed",
    },
}


def test_step__straight_path__settles_and_pays_each_payee_once() -> None:
    ticket, effects = walk(*STRAIGHT)
    assert ticket.status is Status.SETTLED
    assert [e.account for e in effects if isinstance(e, PayOut)] == ["0xA", "0xB"]
    assert [type(e) for e in effects if isinstance(e, Assign | Settle)] == [Assign, Settle]
    assert [m.status for m in ticket.timeline] == [
        Status.FUNDED,
        Status.UPLOADED,
        Status.QUEUED,
        Status.RUNNING,
        Status.VERIFYING,
        Status.SETTLING,
        Status.SETTLED,
    ]


def test_step__cheated__refunds_slashes_and_splits() -> None:
    ticket, effects = walk(*CHEATED, "slashed")
    assert ticket.status is Status.REFUNDED
    assert ticket.refund_wei == "5"
    assert ticket.deposits_received_wei == {"0xB": "7"}
    assert {Fail, PayOut, FinalizeSlash, PayOutDeposit} <= {type(e) for e in effects}
    assert SendMail("t_1", MailKind.REFUNDED) in effects
    assert Release("t_1", "0xjob") not in effects


def test_step__accusation_decided_before_the_refund_was_paid__the_letter_is_sent_all_the_same() -> None:
    decided, earlier = walk(*CHEATED[:7], "contested", "arbitrated")
    assert SendMail("t_1", MailKind.REFUNDED) not in earlier
    paid, effects = step(decided, t.RefundPaid("0xpaid"), 9.0)
    assert effects == (SendMail("t_1", MailKind.REFUNDED),)
    assert step(paid, t.RefundPaid("0xpaid"), 10.0) == (paid, ())


def test_step__refused_dataset__cancels_on_chain() -> None:
    ticket, effects = walk("funded", "uploaded", "refused")
    assert ticket.status is Status.INVALID
    assert effects[-1] == Cancel("t_1", "0xjob")


def test_step__deadline_passed__reclaims_for_the_customer() -> None:
    ticket, effects = walk(*STRAIGHT[:5], "expired")
    assert ticket.status is Status.EXPIRED
    assert effects[-1] == Reclaim("t_1", "0xjob")


@pytest.mark.parametrize("how", ["cancelled", "reclaimed"])
def test_step__refunded_without_a_verdict__releases_the_nodes(how: str) -> None:
    ticket, _ = walk(*STRAIGHT[:4])
    _, effects = step(ticket, t.RefundCredited(how, 5, TX), 9.0)
    assert effects == (PayOut("t_1", "0xCustomer", "refund"), Release("t_1", "0xjob"))


def test_step__paid_less_than_quoted__is_cancelled_and_refunded() -> None:
    ticket, effects = step(quoted(), t.Funded(4, 99, TX), 0.0)
    assert ticket.status is Status.INVALID
    assert effects == (Cancel("t_1", "0xjob"),)


@pytest.mark.parametrize("status", list(Status))
def test_step__every_status__is_reachable(status: Status) -> None:
    assert walk(*REACHED[status])[0].status is status


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("name", list(CHANGES))
def test_step__transition__is_taken_only_where_allowed(status: Status, name: str) -> None:
    ticket, _ = walk(*REACHED[status])
    if name in ALLOWED[status] | {"sealed"}:
        step(ticket, CHANGES[name], 1.0)
    else:
        with pytest.raises(Conflict, match=r"ticket\.forbidden"):
            step(ticket, CHANGES[name], 1.0)


@pytest.mark.parametrize("path", [STRAIGHT, (*CHEATED, "slashed")])
def test_step__same_change_again__changes_nothing(path: tuple[str, ...]) -> None:
    for length in range(1, len(path) + 1):
        ticket, _ = walk(*path[:length])
        again, effects = step(ticket, CHANGES[path[length - 1]], 99.0)
        assert (again, effects) == (ticket, ())


def test_step__round_skipped__is_refused() -> None:
    ticket, _ = walk(*STRAIGHT[:5])
    with pytest.raises(Conflict, match=r"ticket\.round_order"):
        step(ticket, t.RoundClosed(replace(RECORD, number=2)), 1.0)


def test_step__effect_keys__are_unique_over_a_life() -> None:
    for path in (STRAIGHT, (*CHEATED, "slashed")):
        keys = [e.key for e in walk(*path)[1]]
        assert len(keys) == len(set(keys))


def test_step__sealed__remembers_the_first_epoch_whatever_its_status():
    for status in Status:
        sealed, effects = step(replace(quoted(), status=status), CHANGES["sealed"], 1.0)
        assert (sealed.epoch, sealed.status, effects) == (t.SealedIn(3, "0xhash", TX), status, ())
        assert step(sealed, t.Sealed(4, "0xother", TX), 2.0) == (sealed, ())


def test_deferred__nothing_chosen_yet__the_ticket_says_why_it_waits():
    queued, _ = walk(*STRAIGHT[:3])
    waiting, effects = step(queued, t.Deferred(WAITS), 4.0)

    assert (waiting.status, waiting.decision, effects) == (Status.QUEUED, WAITS, ())


def test_deferred__trainers_were_chosen__changes_nothing():
    selected, _ = walk(*STRAIGHT[:4])

    assert step(selected, t.Deferred(WAITS), 5.0) == (selected, ())


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.VERIFYING])
def test_settled__ticket_from_an_older_backup__ends_without_a_letter_that_promises_a_model(status):
    before, _ = walk(*REACHED[status])
    after, effects = step(before, CHANGES["settled"], 9.0)
    assert (after.status, after.refusal.code) == (Status.SETTLED, "job.settled_before")
    assert {type(effect).__name__ for effect in effects} <= {"PayOut"}
    assert {effect.account for effect in effects} == set(before.trainers)
