"""What the demo promised, each held against what happened.
Every sentence that comes back is a broken promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fl_nodes.protocol.payout import commission
from scripts.demo.jobs import Played
from scripts.demo.report import deposits_received, gains

COMMISSION_BPS = 200
LEAST_ACCURACY = 0.9
LINKED = {"model.json", "model.weights.h5"}


def broken(
    played: dict[str, Played],
    jobs: dict[str, dict[str, Any]],
    invariants: dict[str, bool],
    used: dict[str, Any],
) -> list[str]:
    """All promises that were not kept; `used` is what the customer's fresh
    Python process found in job A's files."""
    return [
        *_honest(played["A"], jobs["A"], used),
        *_attacked(played["B"], jobs["B"]),
        *_abandoned(played["C"], jobs["C"]),
        *(f"The money rule {name!r} does not hold." for name, holds in invariants.items() if not holds),
        *([] if invariants else ["No money rule was checked."]),
    ]


def _honest(played: Played, job: dict[str, Any], used: dict[str, Any]) -> Iterator[str]:
    ticket = played.ticket
    shares = dict(zip(ticket["verdict"]["payees"], map(int, ticket["verdict"]["amounts_wei"]), strict=True))
    due = commission(played.fee_wei, COMMISSION_BPS)
    paid = {p: gain for p, gain in gains(played.dml_before, played.dml_after).items() if gain}
    if job["status"] != "SETTLED":
        yield f"Job A is {job['status']}, not SETTLED."
    if paid != shares:
        yield f"Job A's providers gained {paid}, not their shares {shares}."
    if len(shares) != len(ticket["trainers"]) or sum(shares.values()) + due != played.fee_wei:
        yield "Job A's shares and the commission do not add up to the fee."
    if played.treasury_gain_wei != due:
        yield f"The treasury gained {played.treasury_gain_wei} wei, not {due} wei, which are 2 % of the fee."
    if len(job["rounds"]) != ticket["spec"]["rounds"]:
        yield f"Job A closed {len(job['rounds'])} rounds of {ticket['spec']['rounds']}."
    if not set(job["links"]) >= LINKED:
        yield f"Job A's mail links {sorted(job['links'])}, not all of {sorted(LINKED)}."
    if not used["rows"] or used["accuracy"] <= LEAST_ACCURACY:
        yield f"The downloaded model predicts {used['rows']} unseen rows with accuracy {used['accuracy']}."
    if job["slashed"]:
        yield f"Job A slashed honest nodes: {job['slashed']}."
    if played.customer_after_wei != played.customer_before_wei - played.fee_wei:
        yield "Job A's customer paid something else than the fee."


def _attacked(played: Played, job: dict[str, Any]) -> Iterator[str]:
    taken = sum(int(slash["amount"]) for slash in played.slashes)
    received = deposits_received(played.slashes)
    native = {p: gain for p, gain in gains(played.native_before, played.native_after).items() if gain}
    if len(job["slashed"]) != 2:
        yield f"Job B slashed {job['slashed']}, not exactly the two attackers."
    if set(received) != set(job["honest"]) or sum(received.values()) != taken:
        yield f"The culprits' deposits ({taken} wei) went to {received}, not to the honest trainers."
    if native != received:
        yield f"The honest trainers gained {native} wei of native coin, not their parts {received}."
    if job["refund_wei"] != played.fee_wei or played.customer_after_wei != played.customer_before_wei:
        yield f"Job B's customer was refunded {job['refund_wei']} wei of {played.fee_wei}."
    if job["payouts_wei"]:
        yield f"Job B paid {job['payouts_wei']}."
    if not any("returned" in mail["subject"] for mail in job["mails"]):
        yield "Job B's customer was not told of the refund by mail."


def _abandoned(played: Played, job: dict[str, Any]) -> Iterator[str]:
    if not job["rounds"]:
        yield "Job C was not in mid-job when its operator was killed."
    if job["refund_wei"] != played.fee_wei or played.customer_after_wei != played.customer_before_wei:
        yield f"Job C's customer took back {job['refund_wei']} wei of {played.fee_wei}."
    if job["payouts_wei"] or job["slashed"]:
        yield "Job C paid or slashed nodes."
