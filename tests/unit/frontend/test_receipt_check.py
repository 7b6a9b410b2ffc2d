"""The receipt's own check: what was recorded of real jobs follows, and whatever is changed in it is seen."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.javascript import node
from tests.support.recordings import recorded

CHECK = """
const { receiptChecks } = await import(`${frontend}/components/ticket/receipt-check.js`);
const [{ sha256 }, { keccak_256: keccak }, { bytesToHex }] = await Promise.all(
  ["sha2", "sha3", "utils"].map((name) => import(`${frontend}/../node_modules/@noble/hashes/${name}.js`)));
const hashes = { sha256: (b) => bytesToHex(sha256(b)), keccak256: (b) => bytesToHex(keccak(b)) };
give(await Promise.all(given.map(({ ticket, events }) => receiptChecks(ticket, events, hashes))));
"""
Tamper = Callable[[dict[str, Any], list[dict[str, Any]]], None]


def failing(*cases: tuple[str, Tamper | None]) -> list[list[str]]:
    """Names of the checks that fail for recordings that were tampered with, one list for each."""
    given = []
    for name, tamper in cases:
        said = copy.deepcopy(recorded(name))
        ticket, events = said["ticket"], said["events"]["events"]
        if tamper:
            tamper(ticket, events)
        given.append({"ticket": ticket, "events": events})
    found = node(CHECK, given)
    return [[c["name"] for c in checks if c["outcome"] == "failed"] for checks in found]


def event(events: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """The first event of that name."""
    return next(e for e in events if e["name"] == name)


def test_receipt_checks__recorded_jobs__all_of_it_follows() -> None:
    assert failing(("settled", None), ("refunded", None)) == [[], []]


def test_receipt_checks__not_paid_yet__says_that_there_is_nothing_to_check() -> None:
    ticket = recorded("running")["ticket"]
    (checks,) = node(CHECK, [{"ticket": ticket, "events": []}])
    assert [(c["name"], c["outcome"]) for c in checks] == [("Job id", "ok"), ("Payment", "unknown")]


def _amounts(ticket: dict[str, Any], _: Any) -> None:
    wei = ticket["verdict"]["amounts_wei"]
    wei[0], wei[1] = str(int(wei[0]) + 1), str(int(wei[1]) - 1)


def _root(ticket: dict[str, Any], _: Any) -> None:
    ticket["rounds"][1]["root"] = "00" * 32


def _both_amounts(ticket: dict[str, Any], events: list[dict[str, Any]]) -> None:
    amounts = event(events, "JobSettled")["args"]["amounts"]
    amounts[0] = ticket["verdict"]["amounts_wei"][0] = str(int(amounts[0]) + 1)


@pytest.mark.parametrize(
    ("job", "tamper", "seen"),
    [
        pytest.param("settled", lambda t, _: t.update(ref="0x" + "11" * 32), "Job id", id="reference"),
        pytest.param("settled", lambda t, _: t["spec"].update(rounds=5), "Specification", id="specification"),
        pytest.param("settled", lambda t, _: t["dataset"].update(sha256="ab" * 32), "Dataset", id="dataset"),
        pytest.param("settled", lambda t, _: t.update(fee_wei=str(10**18)), "Fee", id="fee"),
        pytest.param("settled", _root, "Round roots", id="round root"),
        pytest.param("settled", lambda t, _: t["rounds"].pop(), "Round roots", id="round left out"),
        pytest.param("settled", _amounts, "Payees and pay", id="pay"),
        pytest.param("settled", _both_amounts, "Sum of pay", id="pay on both sides"),
        pytest.param(
            "settled",
            lambda t, _: t["verdict"].update(result_sha256="cd" * 32),
            "Model",
            id="model",
        ),
        pytest.param(
            "settled",
            lambda t, _: t["files"]["model.safetensors"].update(sha256="cd" * 32),
            "Model's file",
            id="model's file",
        ),
        pytest.param("settled", lambda t, _: t["verdict"]["scores"].reverse(), "Scores", id="scores"),
        pytest.param(
            "settled",
            lambda t, _: t["pay"]["lines"][0]["parts"][0].update(wei="1"),
            "Parts of pay",
            id="parts of pay",
        ),
        pytest.param("settled", lambda t, _: t["epoch"].update(index=7), "Energy ledger", id="epoch"),
        pytest.param(
            "settled",
            lambda _, e: event(e, "JobSettled")["args"].update(commission="1"),
            "Commission",
            id="commission",
        ),
        pytest.param("refunded", lambda t, _: t.update(refund_wei="1"), "Refund", id="refund"),
        pytest.param(
            "refunded",
            lambda t, _: t["verdict"].update(culprits=[t["trainers"][0]]),
            "Culprits",
            id="culprit",
        ),
        pytest.param(
            "refunded",
            lambda _, e: e.remove([x for x in e if x["name"] == "Transfer"][-1]),
            "Refund paid out",
            id="refund that never left",
        ),
    ],
)
def test_receipt_checks__something_was_changed__is_seen(job: str, tamper: Tamper, seen: str) -> None:
    (failed,) = failing((job, tamper))
    assert seen in failed
