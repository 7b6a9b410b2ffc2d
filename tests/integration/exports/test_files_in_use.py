"""The code in a model card, run as a customer would: in a folder with the downloaded files and raw rows, and nothing of ours."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from backend.adapters.memory import MemoryNodes, MemoryTickets
from backend.datasets import inspect, load, split
from backend.dispatch.exports import Known, export
from backend.dispatch.job import Job, JobParts
from backend.dispatch.preparation import architecture_for, prepare
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.domain.ticket import RoundRecord, Status, Ticket
from backend.ports import MarketChain
from scripts.bench.learning.crew import Crew, PipedTasks
from scripts.bench.learning.federation import CHAIN_ID, ESCROW, Market
from scripts.bench.learning.shared_objects import SharedObjects
from scripts.demo.usage import NODE_PYTHON

pytestmark = pytest.mark.integration

KINDS = ("oak", "elm|ash", "*pine*")
ENERGY = {"T1": {"joules": 2.0, "kind": "modelled", "band_ppm": 500_000, "method": "m", "seconds": 1.0}}


@dataclass(frozen=True)
class Delivered:
    """A customer's folder, the card, and the raw rows of the test split with their classes."""

    folder: Path
    card: dict[str, Any]
    text: str
    raw: bytes
    truth: list[str]

    def run(self) -> list[str]:
        """What the card's code prints about the raw rows."""
        name = "new.npz" if self.card["use"]["source"] == "npz" else "new.csv"
        (self.folder / name).write_bytes(self.raw)
        code = "\n".join(re.findall(r"```python\n(.*?)```", self.text, re.DOTALL))
        ran = subprocess.run(
            [str(NODE_PYTHON), "-W", "ignore", "-c", code],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        return ran.stdout.splitlines()


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    folder = tmp_path_factory.mktemp("crew")
    made = Crew(folder / "scratch", folder / "logs")
    yield made
    made.close()


def leaves(delimiter: str, header: bool, decimal: str) -> bytes:
    """Rows of mixed types with gaps, in one way of writing CSV."""
    random, written = np.random.default_rng(1), io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    if header:
        writer.writerow(("length", "colour", "age", "kind"))
    for i in range(240):
        kind = int(random.integers(3))
        length = f"{kind + random.normal(0, 0.5):.3f}".replace(".", decimal)
        age = "" if i % 17 == 0 else str(int(random.integers(1, 90)) + 40 * kind)
        writer.writerow((length, ("red", "green", "blue")[(kind + (i % 5 == 0)) % 3], age, KINDS[kind]))
    return written.getvalue().encode()


def pictures() -> bytes:
    """Grey pictures of 6 x 6 in an NPZ."""
    random, written = np.random.default_rng(2), io.BytesIO()
    y = random.integers(0, 3, 240)
    lit = np.arange(6)[None, None, :] // 2 == y[:, None, None]
    x = np.where(lit, random.integers(150, 256, (240, 6, 6)), random.integers(0, 60, (240, 6, 6)))
    x = x.astype(np.uint8)
    np.savez(written, x=x, y=y)
    return written.getvalue()


def deliver(crew: Crew, folder: Path, data: bytes, name: str, model: str) -> Delivered:
    """A job that is over after its initial model, exported on the nodes' own environment."""
    found = inspect(io.BytesIO(data), name)
    facts = DatasetFacts(
        name, len(data), sha256(data).hexdigest(), found.format, found.rows, len(found.columns),
        tuple(found.classes), tuple(found.input_shape), found.target,
    )  # fmt: skip
    spec = JobSpec(model=model, rounds=1, trainers=2, seed=5)
    scratch = crew.clear()
    objects = SharedObjects(scratch / "objects")
    objects.put("data", data)
    ticket = Ticket(
        id="t", ref="r", job_id="0x" + "ab" * 32, customer="c", spec=spec, dataset=facts, quote=Quote(0, 0, 1),
        architecture=architecture_for(model, None, facts.input_shape, len(facts.classes)), deadline=2**40,
        status=Status.RUNNING, dataset_key="data", trainers=("T1", "T2"), validators=("V1",),
    )  # fmt: skip
    tickets = MemoryTickets(time.time)
    tickets.add(ticket)
    tasks = PipedTasks(crew, time.time)
    market = cast("MarketChain", Market())
    parts = JobParts(tickets, tasks, MemoryNodes(), objects, cast("Any", None), market, time.time, b"s" * 32)
    job = Job(ticket, parts)
    crew.trainers.ask("cast", nodes=[], folder=str(scratch), chain_id=CHAIN_ID, escrow=ESCROW)
    plan = prepare(job)
    done = RoundRecord(
        1, "00" * 32, plan.initial_model_key, job.ref(plan.initial_model_key).sha256, {"examples": 1}, (), 1.0
    )
    ticket = replace(ticket, rounds=(done,))
    files, _ = export(job, ticket, plan, Known(ENERGY))
    folder.mkdir()
    for file, of in files.items():
        with objects.open(of["key"]) as stored:
            (folder / file).write_bytes(stored.read())
    card = json.loads((folder / "model_card.json").read_text())
    table = load(io.BytesIO(data), name)
    held = split(np.asarray(table.y), seed=spec.seed).test
    raw = raw_rows(data, held, header=table.has_header) if name.endswith(".csv") else raw_arrays(data, held)
    truth = [table.classes[table.y[i]] for i in held]
    return Delivered(folder, card, (folder / "model_card.md").read_text(), raw, truth)


def raw_rows(data: bytes, rows: Any, *, header: bool) -> bytes:
    lines = data.decode().splitlines()
    head, body = (lines[:1], lines[1:]) if header else ([], lines)
    return "\n".join([*head, *(body[i] for i in rows)]).encode()


def raw_arrays(data: bytes, rows: Any) -> bytes:
    written = io.BytesIO()
    np.savez(written, x=np.load(io.BytesIO(data))["x"][rows])
    return written.getvalue()


def confusion(truth: list[str], named: list[str], classes: list[str]) -> list[list[int]]:
    pairs = list(zip(truth, named, strict=True))
    return [[pairs.count((a, b)) for b in classes] for a in classes]


@pytest.mark.parametrize(
    ("data", "name", "model"),
    [
        pytest.param(leaves(",", True, "."), "leaves.csv", "mlp", id="csv with a header"),
        pytest.param(leaves(";", True, ","), "leaves.csv", "logistic", id="semicolons and decimal commas"),
        pytest.param(leaves("\t", False, "."), "leaves.csv", "mlp", id="tabs, no header"),
        pytest.param(pictures(), "pictures.npz", "mlp", id="arrays"),
    ],
)
def test_model_card__its_code_on_raw_rows__gives_the_predictions_that_were_measured(
    crew: Crew, tmp_path: Path, data: bytes, name: str, model: str
) -> None:
    given = deliver(crew, tmp_path / "files", data, name, model)
    named = given.run()
    classes, rows = given.card["data"]["classes"], len(given.truth)
    by_keras, by_int8 = named[:rows], named[rows:]
    assert len(set(by_keras)) > 1  # an initial model that names one class for all would show nothing
    assert confusion(given.truth, by_keras, classes) == given.card["metrics"]["confusion"]
    right = np.mean([a == b for a, b in zip(given.truth, by_int8, strict=True)])
    assert given.card["variants"]["int8"]["accuracy"] == pytest.approx(right)


def test_model_card__files__are_those_that_it_names(crew: Crew, tmp_path: Path) -> None:
    given = deliver(crew, tmp_path / "files", leaves(",", True, "."), "leaves.csv", "mlp")
    there = {path.name for path in given.folder.iterdir()}
    assert there == {*given.card["files"], "model_card.json", "model_card.md"}
    assert {"model.tflite", "model.pruned.keras", "preprocess.py"} <= there
    for file, of in given.card["files"].items():
        assert sha256((given.folder / file).read_bytes()).hexdigest() == of["sha256"]
    assert {v["file"] for v in given.card["variants"].values()} == {
        "model.keras", "model.tflite", "model.pruned.keras",
    }  # fmt: skip
