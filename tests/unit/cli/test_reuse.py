"""`ecodml train` on a training that was published already."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from backend.cli.client import Api
from backend.cli.reuse import take
from backend.cli.terminal import Terminal
from backend.errors import Invalid, Unrecoverable

from .fake_api import FakeApi

URL = "http://api.test:8600"
MODEL = b"a model"
FACT = {"sha256": hashlib.sha256(MODEL).hexdigest(), "size": len(MODEL)}
OFFER: dict[str, Any] = {
    "job_id": "0xjob",
    "metrics": {"accuracy": 0.9123},
    "millijoules": 120_000,
    "micrograms": 8_000,
    "fee_wei": str(10**17),
    "files": {"model.keras": FACT},
}


def api(sha256: str = FACT["sha256"]) -> Api:
    files = {"model.keras": {"url": f"{URL}/o/model.keras", "sha256": sha256, "size": len(MODEL)}}
    routes: dict[str, Any] = {
        "GET /api/published/0xjob/files": (200, {"files": files}),
        "GET /o/model.keras": (200, MODEL),
    }
    return Api(URL, session=FakeApi(routes).session())


def terminal() -> Terminal:
    return Terminal(as_json=True, out=io.StringIO(), err=io.StringIO())


def test_take__a_folder_was_named__holds_the_published_model(tmp_path: Path) -> None:
    assert take([OFFER], tmp_path / "model", api(), terminal()) == 0
    assert (tmp_path / "model" / "model.keras").read_bytes() == MODEL


def test_take__no_folder__is_offered_with_its_cost_before_anything_is_paid() -> None:
    with pytest.raises(
        Invalid, match=r"test accuracy 0\.9123; it took 120\.0 J, 8 mg CO2e and 0\.1 DML"
    ) as said:
        take([OFFER], None, api(), terminal())
    assert said.value.code == "published.available"
    assert "--reuse DIR" in said.value.message


def test_take__files_are_others_than_offered__are_not_taken(tmp_path: Path) -> None:
    with pytest.raises(Unrecoverable, match=r"model\.keras"):
        take([OFFER], tmp_path / "model", api("00" * 32), terminal())
    assert not (tmp_path / "model").exists()
