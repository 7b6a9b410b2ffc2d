"""A transaction's life as a pure function: what may follow what, and that nothing is sent twice."""

from __future__ import annotations

from typing import Any

from tests.support.javascript import node

START = {"type": "start", "account": "0xAB", "chainId": 31337, "at": 100, "block": 7, "count": 3}
ASKED = {"type": "asked", "request": {"to": "0xcd", "data": "0x01", "value": "0x0"}}
SENT = {"type": "sent", "hash": "0x1"}
SEEN = {"type": "seen", "nonce": 3, "request": ASKED["request"]}
MINED = {"type": "mined", "block": 9, "confirmations": 1, "needed": 1}
REJECTED = {"code": "wallet.rejected", "message": "You declined.", "forward": "retry"}


def lives(*histories: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The state after each history of events, from idle."""
    body = """
    const { IDLE, isBusy, next } = await import(`${frontend}/wallet/transaction-state.js`);
    give(given.map((events) => {
      const end = events.reduce(next, IDLE);
      return { ...end, busy: isBusy(end) };
    }));
    """
    states: list[dict[str, Any]] = node(body, histories)
    return states


def test_life__asked_sent_seen_mined__is_confirmed_and_keeps_what_a_reload_needs() -> None:
    waiting, pending, confirmed = lives(
        [START, ASKED], [START, ASKED, SENT, SEEN], [START, ASKED, SENT, SEEN, MINED]
    )
    assert (waiting["step"], waiting["busy"]) == ("waiting", True)
    assert (waiting["account"], waiting["count"], waiting["startBlock"]) == ("0xab", 3, 7)
    assert (pending["step"], pending["hash"], pending["nonce"], pending["busy"]) == (
        "pending",
        "0x1",
        3,
        True,
    )
    assert (confirmed["step"], confirmed["block"], confirmed["busy"]) == ("confirmed", 9, False)


def test_life__started_again_while_under_way__changes_nothing() -> None:
    again = START | {"at": 999}
    waiting, pending = lives([START, again], [START, SENT, again])
    assert waiting["startedAt"] == pending["startedAt"] == 100
    assert pending["hash"] == "0x1"


def test_life__declined__failed_with_a_way_forward_and_can_be_started_again() -> None:
    refused = {"type": "refused", "problem": REJECTED}
    failed, again, late = lives(
        [START, refused], [START, refused, START | {"at": 200}], [START, SENT, refused]
    )
    assert (failed["step"], failed["problem"]["forward"]) == ("failed", "retry")
    assert (again["step"], again["problem"], again["startedAt"]) == ("waiting", None, 200)
    assert late["step"] == "pending"


def test_life__person_stops_waiting__a_late_answer_of_the_wallet_is_still_followed() -> None:
    stopped, late = lives([START, {"type": "stopped"}], [START, {"type": "stopped"}, SENT])
    assert (stopped["step"], stopped["busy"]) == ("idle", False)
    assert (late["step"], late["account"], late["hash"]) == ("pending", "0xab", "0x1")


def test_life__more_confirmations_wanted__waits_for_them_and_says_how_many_there_are() -> None:
    three = MINED | {"needed": 3}
    one, all_three = lives([START, SENT, three], [START, SENT, three, three | {"confirmations": 3}])
    assert (one["step"], one["confirmations"]) == ("pending", 1)
    assert all_three["step"] == "confirmed"


def test_life__block_taken_back__is_pending_again_and_says_so() -> None:
    (state,) = lives([START, SENT, MINED | {"needed": 3}, SEEN])
    assert (state["step"], state["block"], state["confirmations"]) == ("pending", None, 0)
    assert "took its newest blocks back" in state["note"]


def test_life__reverted__failed_only_once_it_is_final() -> None:
    why = {"problem": {"code": "chain.rejected", "message": "Paid already.", "forward": "retry"}}
    early, late = lives(
        [START, SENT, MINED | {"needed": 2} | why],
        [START, SENT, MINED | {"needed": 2, "confirmations": 2} | why],
    )
    assert (early["step"], late["step"], late["problem"]["message"]) == ("pending", "failed", "Paid already.")


def test_life__replaced_in_the_wallet__followed_when_faster_and_failed_when_something_else() -> None:
    def replaced(how: str) -> list[dict[str, Any]]:
        return [START, SENT, SEEN, {"type": "replaced", "how": how, "hash": "0x2"}]

    faster, cancelled, other = lives(replaced("faster"), replaced("cancelled"), replaced("replaced"))
    assert (faster["step"], faster["hash"], faster["earlier"]) == ("pending", "0x2", ["0x1"])
    assert (cancelled["step"], cancelled["problem"]["code"]) == ("failed", "transaction.cancelled")
    assert (other["step"], other["problem"]["code"]) == ("failed", "transaction.replaced")


def test_life__nobody_knows_it__dropped_only_after_a_while_and_never_when_it_comes_back() -> None:
    missing = [{"type": "missing", "at": at} for at in (200, 300, 320)]
    early, dropped, back = lives(
        [START, SENT, SEEN, *missing[:2]],
        [START, SENT, SEEN, *missing],
        [START, SENT, SEEN, missing[0], SEEN, missing[2]],
    )
    assert (early["step"], early["missingSince"]) == ("pending", 200)
    assert (dropped["step"], dropped["problem"]["code"]) == ("failed", "transaction.dropped")
    assert (back["step"], back["missingSince"]) == ("pending", 320)


def test_life__forgotten__only_when_it_is_over() -> None:
    pending, confirmed = lives([START, SENT, {"type": "forget"}], [START, SENT, MINED, {"type": "forget"}])
    assert (pending["step"], confirmed["step"]) == ("pending", "idle")
