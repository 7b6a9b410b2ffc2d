"""`ecodml ledger`: what it proves and prints, over an API that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from backend.adapters.memory import MemoryNodes, MemoryObjects, MemoryTasks
from backend.cli import ledger
from backend.dispatch.epoch_papers import job_papers
from backend.energy.epochs import next_epoch
from backend.errors import Invalid, NotFound, Recoverable
from fl_nodes.connection import Market
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.ledger_epoch import GENESIS
from fl_nodes.protocol.wire import to_wire
from tests.support.clock import ManualClock
from tests.support.ledger import Crew

NODE = "0x00000000000000000000000000000000000000A1"
TIMES = {"proposer": NODE, "sealed_at": 1_700_000_000, "final": True}


class Told:
    """An API that knows one epoch of one job."""

    def __init__(self, folder: Path) -> None:
        objects, nodes = MemoryObjects(), MemoryNodes()
        crew = Crew(Market(1, NODE), MemoryTasks(ManualClock()), nodes, objects, folder)
        crew.join(NODE, Account.from_key(keccak(text="a node")))
        self.job = (ticket := crew.finished("t_1", (NODE,))).job_id
        papers = next_epoch(0, 0, GENESIS, [job_papers(ticket, objects, nodes)], [])
        self.data = canonical_json(to_wire(papers))
        self.terms = papers.content.terms(keccak)

    def get(self, path: str) -> dict[str, Any]:
        stored = {"url": "there", "sha256": sha256(self.data).hexdigest(), "size": len(self.data)}
        epoch = to_wire(self.terms) | TIMES
        answers = {
            f"/api/ledger/jobs/{self.job}": {"index": 0},
            "/api/ledger/epochs/0": {"epoch": epoch | {"papers": stored}},
            "/api/ledger/epochs": {"count": 1, "epochs": [epoch]},
        }
        if path not in answers:
            raise NotFound("ledger.not_sealed", "No epoch holds it.")
        return answers[path]

    @contextmanager
    def reach(self, method: str, url: str) -> Iterator[SimpleNamespace]:
        assert (method, url) == ("GET", "there")
        yield SimpleNamespace(content=self.data)


@pytest.fixture
def api(tmp_path: Path) -> Any:
    return Told(tmp_path)


def test_prove__a_job_and_each_of_its_readings__stand(api: Any) -> None:
    proofs = [ledger.prove(api, what) for what in (api.job, *(f"{api.job}/{n}/{NODE}" for n in (0, 1, 2)))]
    assert all(proof["stands"] for proof in proofs)
    assert [proof["root"] for proof in proofs] == [api.terms.jobs_root, *[api.terms.readings_root] * 3]
    assert [proof["value"]["millijoules"] for proof in proofs] == [7_800, 600, 3_600, 3_600]
    assert ledger.proof_lines(proofs[1])[0].endswith("stands in epoch 0")


def test_prove__roots_on_chain_are_others__does_not_stand(api: Any) -> None:
    api.terms = type(api.terms)(**{**to_wire(api.terms), "readings_root": "0x" + "11" * 32})
    proof = ledger.prove(api, f"{api.job}/1/{NODE}")
    assert proof["stands"] is False
    assert "DOES NOT STAND" in ledger.proof_lines(proof)[0]


@pytest.mark.parametrize(
    ("what", "error", "code"),
    [
        ("JOB/9/" + NODE, NotFound, "ledger.not_sealed"),
        ("0x" + "99" * 32, NotFound, "ledger.not_sealed"),
        ("job 7", Invalid, "ledger.what"),
    ],
)
def test_prove__what_is_not_there__is_refused(api: Any, what: str, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as refused:
        ledger.prove(api, what.replace("JOB", api.job))
    assert refused.value.code == code  # type: ignore[attr-defined]


def test_show__papers_of_other_bytes__are_refused(api: Any) -> None:
    api.get = lambda _, get=api.get: {
        "epoch": get("/api/ledger/epochs/0")["epoch"]
        | {"papers": {"url": "there", "sha256": "00" * 32, "size": 1}}
    }
    with pytest.raises(Recoverable, match="otherwise than they were announced"):
        ledger.epoch(api, 0)


def test_lines__an_epoch_and_the_list__have_energy_emissions_and_state(api: Any) -> None:
    shown = ledger.epoch_lines(ledger.epoch(api, 0))
    assert shown[0] == "Epoch     0, sealed 2023-11-14 22:13:20 UTC, final"
    assert shown[1].startswith("Readings  3: 7.8 J, ")
    assert shown[-1].startswith(f"Job       {api.job}: 3 readings")
    assert ledger.list_lines(ledger.epochs(api))[1].endswith("final")
