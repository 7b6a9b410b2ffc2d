"""The three jobs of `make demo`, on a stack of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scripts.demo.__main__ import cast, play
from scripts.demo.stage import Stage
from scripts.demo.story import Story

FIELDS = {
    "status",
    "ticket",
    "dataset_sha256",
    "model_sha256",
    "rounds",
    "accuracy",
    "central_accuracy",
    "fee_wei",
    "payouts_wei",
    "deposits_received_wei",
    "refund_wei",
    "slashed",
    "honest",
    "seconds",
    "energy",
    "mails",
    "links",
}


ENERGY = {"carbon", "decision", "baseline", "epoch", "credits", "retired", "certificate"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo writes."""
    return tmp_path_factory.mktemp("demo")


def test_demo__played_to_its_end__keeps_every_promise_and_reports_it(folder: Path) -> None:
    with Stage(cast(folder / "state").with_free_ports(), Story(out=sys.stderr)) as stage:
        document, broken = play(stage, folder)
    assert broken == []
    report = json.loads((folder / "report.json").read_text())
    assert report == json.loads(json.dumps(document))
    jobs = report["jobs"]
    assert {name: job["status"] for name, job in jobs.items()} == {
        "A": "SETTLED",
        "B": "REFUNDED",
        "C": "RECLAIMED",
    }
    assert all(set(job) >= FIELDS for job in jobs.values())
    assert set(jobs["A"]) >= ENERGY
    assert report["invariants"]
    assert all(report["invariants"].values())
    assert len(jobs["B"]["slashed"]) == len(jobs["B"]["honest"]) == 2
