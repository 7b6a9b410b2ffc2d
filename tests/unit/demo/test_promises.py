"""The demo's own judgement: a report that keeps every promise, and one broken promise at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.demo.customer import Customer
from scripts.demo.jobs import Played
from scripts.demo.mails import Letter
from scripts.demo.promises import broken
from scripts.demo.report import deposits_received, job_report, stages
from scripts.demo.story import Story

pytestmark = pytest.mark.unit

TRAINERS = ["0xa", "0xb", "0xc", "0xd"]
FEE_WEI = 1_000
SHARES = {"0xa": 250, "0xb": 240, "0xc": 245, "0xd": 245}
LINKS = "  model.json: http://x/model.json?sig=1\n  model.weights.h5: http://x/w?sig=2\n"
USED = {"rows": 100, "accuracy": 0.95}
RULES = {"each_job_ended_once": True}


def ticket(status: str, rounds: int, **more: Any) -> dict[str, Any]:
    """A ticket as the API shows it."""
    metrics = {"accuracy": 0.9, "loss": 0.1}
    update = {"trainer": "0xa", "energy": {"millijoules": 1500, "kind": "modelled", "method": "cpu time"}}
    closed = [
        {"number": n + 1, "metrics": metrics, "seconds": 1.0, "updates": [update]} for n in range(rounds)
    ]
    return {
        "id": "t-1",
        "job_id": "0x1",
        "status": status,
        "dataset": {"sha256": "ab"},
        "spec": {"rounds": 2},
        "rounds": closed,
        "trainers": TRAINERS,
        "verdict": None,
        "energy": None,
        "refusal": None,
        "transactions": [],
        "timeline": [
            {"status": "QUOTED", "at": 1.0},
            {"status": "FUNDED", "at": 2.5},
            {"status": status, "at": 4.0},
        ],
        **more,
    }


def played(status: str, shown: dict[str, Any], **more: Any) -> Played:
    """A refunded job in which nothing moved, unless told otherwise."""
    zeros = dict.fromkeys(TRAINERS, 0)
    still = Played(
        ticket=shown,
        status=status,
        fee_wei=FEE_WEI,
        dml_before=zeros,
        dml_after=zeros,
        native_before=zeros,
        native_after=zeros,
        treasury_gain_wei=0,
        customer_before_wei=5_000,
        customer_after_wei=5_000,
        customer=Customer("c", Path("nowhere"), "http://nowhere", Story()),
        mails=[Letter("x@y", "EcoDML: your fee was returned", "")],
    )
    return replace(still, **more)


def story() -> dict[str, Played]:
    """Three jobs as they should end."""
    verdict = {
        "result_sha256": "cd",
        "payees": TRAINERS,
        "amounts_wei": [str(SHARES[t]) for t in TRAINERS],
    }
    settled = played(
        "SETTLED",
        ticket("SETTLED", 2, verdict=verdict, energy={"0xa": {"joules": 3.0, "method": "cpu time"}}),
        dml_after=SHARES,
        treasury_gain_wei=20,
        customer_after_wei=4_000,
        mails=[Letter("x@y", "EcoDML: your model is ready", LINKS)],
    )
    slashes = [
        {"culprit": culprit, "amount": 101, "honest": ["0xa", "0xb"], "shares": [51, 50]}
        for culprit in ("0xc", "0xd")
    ]
    native = {"0xa": 102, "0xb": 100, "0xc": 0, "0xd": 0}
    attacked = played("REFUNDED", ticket("REFUNDED", 0), slashes=slashes, native_after=native)
    return {"A": settled, "B": attacked, "C": played("RECLAIMED", ticket("RUNNING", 1))}


def judge(jobs: dict[str, Played], used: dict[str, Any] = USED, rules: dict[str, bool] = RULES) -> list[str]:
    """The broken promises of a story."""
    return broken(jobs, {name: job_report(job) for name, job in jobs.items()}, rules, used)


def test_broken__story_as_promised__names_nothing() -> None:
    assert judge(story()) == []


@pytest.mark.parametrize(
    ("job", "change"),
    [
        ("A", {"dml_after": {**SHARES, "0xa": 251}}),
        ("A", {"treasury_gain_wei": 21}),
        ("A", {"mails": []}),
        ("A", {"customer_after_wei": 3_999}),
        ("A", {"slashes": [{"culprit": "0xa", "amount": 1, "honest": ["0xb"], "shares": [1]}]}),
        ("B", {"slashes": []}),
        ("B", {"native_after": {"0xa": 101, "0xb": 101, "0xc": 0, "0xd": 0}}),
        ("B", {"customer_after_wei": 4_999}),
        ("B", {"dml_after": SHARES}),
        ("B", {"mails": []}),
        ("C", {"customer_after_wei": 4_000}),
        ("C", {"ticket": ticket("RUNNING", 0)}),
    ],
)
def test_broken__one_thing_is_otherwise__is_named(job: str, change: dict[str, Any]) -> None:
    jobs = story()
    assert judge({**jobs, job: replace(jobs[job], **change)})


def test_broken__model_predicts_badly_or_a_rule_fails__is_named() -> None:
    assert judge(story(), used={"rows": 100, "accuracy": 0.9})
    assert judge(story(), used={"rows": 0, "accuracy": 1.0})
    assert judge(story(), rules={"refunds_full": False})
    assert judge(story(), rules={})


def test_job_report__attacked_job__tells_culprits_from_honest() -> None:
    entry = job_report(story()["B"])
    assert entry["slashed"] == ["0xc", "0xd"]
    assert entry["honest"] == ["0xa", "0xb"]
    assert entry["deposits_received_wei"] == {"0xa": 102, "0xb": 100}
    assert entry["refund_wei"] == FEE_WEI


def test_job_report__settled_job__has_payouts_links_and_no_refund() -> None:
    entry = job_report(story()["A"], 0.95, 0.96)
    assert entry["payouts_wei"] == SHARES
    assert entry["refund_wei"] == 0
    assert set(entry["links"]) == {"model.json", "model.weights.h5"}
    assert entry["seconds"] == {"QUOTED": 1.5, "FUNDED": 1.5}


def test_job_report__job_without_final_account__adds_up_its_rounds_energy() -> None:
    assert job_report(story()["C"])["energy"]["0xa"]["joules"] == 1.5


def test_deposits_received__two_culprits__adds_up_by_node() -> None:
    assert deposits_received([]) == {}
    assert sum(deposits_received(story()["B"].slashes).values()) == 202


def test_stages__status_reached_twice__adds_up() -> None:
    line = [
        {"status": s, "at": float(at)} for at, s in enumerate(("RUNNING", "DISPUTED", "RUNNING", "REFUNDED"))
    ]
    assert stages(line) == {"RUNNING": 2.0, "DISPUTED": 1.0}
