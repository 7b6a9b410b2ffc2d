"""The energy ledger over HTTP: for everyone, without a session."""

from __future__ import annotations

from dataclasses import replace

from eth_account import Account
from eth_utils.crypto import keccak

from backend.adapters.memory.ledger import CHALLENGE_SECONDS
from backend.domain.stake import Sealing
from backend.domain.ticket import SealedIn
from backend.energy.epochs import papers_key
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import GENESIS, EpochTerms, Member, SealedEpoch, epoch_document
from fl_nodes.signatures import sign_document
from tests.support.api_world import World
from tests.support.tickets import new_ticket

ROOT = "0x" + "11" * 32
PROPOSER = "0x00000000000000000000000000000000000000A1"


def sealed(world: World, count: int) -> None:
    """So many epochs, one reading each."""
    for index in range(count):
        before = world.ledger.epochs[-1].hash(keccak) if world.ledger.epochs else GENESIS
        terms = EpochTerms(index, 0, before, ROOT, GENESIS, ROOT, ROOT, 1, 3_600, 300)
        world.ledger.epochs.append(SealedEpoch(terms, PROPOSER, int(world.clock())))


def test_epochs__many__newest_first_and_before_a_number(world: World) -> None:
    sealed(world, 60)
    newest = world.client.get("/api/ledger/epochs").json
    older = world.client.get("/api/ledger/epochs?before=10").json
    assert (newest["count"], [e["index"] for e in newest["epochs"]]) == (60, list(range(59, 9, -1)))
    assert [e["index"] for e in older["epochs"]] == list(range(9, -1, -1))
    assert newest["epochs"][0]["prev_hash"] == world.ledger.epochs[58].hash(keccak)
    assert newest["epochs"][0]["final"] is False
    assert CHALLENGE_SECONDS > 0


def test_epoch__with_and_without_papers__says_where_they_are(world: World) -> None:
    sealed(world, 2)
    stored = world.parts.objects.put(papers_key(world.ledger.epochs[1].terms), b"{}")
    assert world.client.get("/api/ledger/epochs/0").json["epoch"]["papers"] is None
    papers = world.client.get("/api/ledger/epochs/1").json["epoch"]["papers"]
    assert (papers["sha256"], papers["size"]) == (stored.sha256, 2)


def test_epoch__sealed__says_which_jobs_are_in_it_and_how_much_of_the_stake_signed(world: World) -> None:
    sealed(world, 1)
    assert world.client.get("/api/ledger/epochs/0").json["epoch"]["signed"] is None
    keys = [Account.from_key(keccak(text=f"member {n}")) for n in range(3)]
    document = epoch_document(world.ledger.chain_id, world.ledger.address, world.ledger.epochs[0].terms)
    world.ledger.sealings[0] = Sealing(
        (JobSummary(ROOT, 1, 3_600, 300, GENESIS),),
        tuple(sign_document(key, document) for key in keys[:2]),
        tuple(Member(key.address, 5) for key in keys),
    )
    epoch = world.client.get("/api/ledger/epochs/0").json["epoch"]
    assert epoch["signed"] == {"keys": 2, "weight": "10", "total_weight": "15"}
    assert [(job["job"], job["micrograms"]) for job in epoch["jobs"]] == [(ROOT, 300)]


def test_epoch__none_of_that_number__is_refused_in_a_sentence(world: World) -> None:
    unknown = world.client.get("/api/ledger/epochs/7")
    nonsense = world.client.get("/api/ledger/epochs/first")
    assert (unknown.status_code, unknown.json["error"]["code"]) == (404, "ledger.no_epoch")
    assert (nonsense.status_code, nonsense.json["error"]["code"]) == (400, "ledger.index")


def test_job__sealed_or_not__says_in_which_epoch(world: World) -> None:
    ticket = new_ticket()
    world.tickets.add(replace(ticket, epoch=SealedIn(3, ROOT, "0xtx")))
    waiting = new_ticket()
    world.tickets.add(waiting)
    found = world.client.get(f"/api/ledger/jobs/{ticket.job_id}").json
    assert found == {"job_id": ticket.job_id, "index": 3, "hash": ROOT, "tx": "0xtx"}
    for job in (waiting.job_id, "0x" + "99" * 32):
        refused = world.client.get(f"/api/ledger/jobs/{job}")
        assert (refused.status_code, refused.json["error"]["code"]) == (404, "ledger.not_sealed")
