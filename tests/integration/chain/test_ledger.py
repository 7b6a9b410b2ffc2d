"""The energy ledger on a real chain with a real database: many readings in one transaction, and a settler that dies."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_utils.crypto import keccak

from backend.adapters import mongo
from backend.adapters.chain.ledger import Web3Ledger
from backend.adapters.chain.ledger_history import read_ledger
from backend.adapters.chain.stakes import Web3Stakes
from backend.adapters.signatures import EthSignatures
from backend.dispatch.epoch_papers import epoch_papers
from backend.domain.ledger_effects import SealEpoch
from backend.errors import Conflict
from backend.verification.ledger_audit import audit
from backend.verification.ledger_history import LedgerHistory
from fl_nodes.cli.market import Market as MarketChain
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.protocol.ledger_tasks import EpochPapers
from tests.integration.chain.conftest import Stage
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.chains import CHALLENGE_S
from tests.support.mongod import Mongod, running


class Killed(BaseException):
    """The settler's process ends here."""


class DiesAfterSending:
    """A ledger whose caller does not live to hear that an epoch was sealed."""

    def __init__(self, ledger: Web3Ledger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def write(self, effect: Any) -> str:
        tx = self._ledger.write(effect)
        if isinstance(effect, SealEpoch):
            raise Killed
        return tx


@pytest.fixture(scope="module")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mongod]:
    with running(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture
def office(stage: Stage, mongod: Mongod, tmp_path: Path) -> Iterator[LedgerOffice]:
    with mongo.connect(mongod.uri, f"test-{uuid.uuid4().hex[:12]}") as db:
        yield LedgerOffice(
            stage.world,
            mongo.MongoTickets(db, time.time),
            mongo.MongoEffects(db, time.time),
            mongo.MongoTasks(db, time.time),
            mongo.MongoNodes(db),
            mongo.MongoCursors(db),
            lambda: stage.carbon.ledger,
            time.time,
            tmp_path,
        )


def test_ledger__two_jobs_of_128_readings__one_transaction_and_every_reading_is_proven(
    office: LedgerOffice,
) -> None:
    for name in ("t_1", "t_2"):
        office.tickets.add(office.crew.finished(name, office.trainers, rounds=15))
    office.until_sealed("t_1", "t_2")
    first, second = office.tickets.get("t_1"), office.tickets.get("t_2")
    assert first.epoch is not None
    assert first.epoch == second.epoch
    contract = office.world.contract("EnergyLedger").functions
    sealed = contract.epoch(0).call()
    assert (contract.count().call(), sealed.readings) == (1, 128)
    assert "0x" + bytes(contract.headHash().call()).hex() == first.epoch.hash
    assert contract.epochOf(second.job_id).call() == 0
    assert contract.checkpoint(0).call().marketBlock <= office.world.web3.eth.block_number
    (sent,) = [e for e in office.ledger().events(0)[0] if e.name == "EpochSealed"]
    assert sent.tx == first.epoch.tx
    papers = epoch_papers(office.ledger().epoch(0).terms, office.objects)
    leaves = [reading.leaf(keccak) for reading in papers.content.readings]
    for index in (0, 63, 127):
        proof = keccak_tree.proof(leaves, index, keccak)
        assert contract.verifyReading(0, leaves[index], proof).call()
        assert not contract.verifyReading(0, leaves[index - 1], proof).call()
    assert not contract.isFinal(0).call()
    office.world.pass_time(CHALLENGE_S)
    assert contract.isFinal(0).call()


def test_ledger__settler_killed_between_sending_and_noting__seals_once(office: LedgerOffice) -> None:
    office.tickets.add(office.crew.finished("t_1", office.trainers))
    office.until_queued("SealEpoch")
    with pytest.raises(Killed):
        office.new_settler(DiesAfterSending(office.ledger())).run_once()
    (queued,) = office.effects.pending(["SealEpoch"])
    assert office.tickets.get("t_1").epoch is None
    office.settler = office.new_settler()
    office.until_sealed("t_1")
    contract = office.world.contract("EnergyLedger").functions
    assert (contract.count().call(), office.effects.state(queued.key)) == (1, "done")
    assert len([e for e in office.ledger().events(0)[0] if e.name == "EpochSealed"]) == 1


def test_ledger__a_node_registers__the_members_are_renewed_by_signatures(office: LedgerOffice) -> None:
    office.tickets.add(office.crew.finished("t_1", office.trainers))
    office.until_sealed("t_1")
    world, newcomer = office.world, office.world.person("stranger")
    register = world.contract("NodeStaking").functions.register("newcomer", newcomer.address, 1)
    world.act(newcomer, register, 10**17)
    office.crew.join(str(newcomer.address), newcomer)
    office.tickets.add(office.crew.finished("t_2", office.trainers))
    office.until_sealed("t_2")
    contract = world.contract("EnergyLedger").functions
    assert (contract.checkpointCount().call(), contract.epoch(1).call().checkpoint) == (2, 1)
    assert len(office.ledger().head().members) == 9


def test_ledger__another_epoch_of_the_same_number__is_refused_in_a_sentence(office: LedgerOffice) -> None:
    office.tickets.add(office.crew.finished("t_1", office.trainers))
    office.until_queued("SealEpoch")
    (queued,) = office.effects.pending(["SealEpoch"])
    office.until_sealed("t_1")
    effect = queued.effect
    assert isinstance(effect, SealEpoch)
    other = replace(effect, terms=replace(effect.terms, claims_root="0x" + "11" * 32))
    with pytest.raises(Conflict, match="Epoch 0 of the ledger is another one"):
        office.ledger().write(other)


def broken(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.name for finding in findings if finding.outcome is Outcome.FAILED}


def test_audit__as_it_happened_and_with_every_kind_of_change__finds_just_that(office: LedgerOffice) -> None:
    for name in ("t_1", "t_2"):
        office.tickets.add(office.crew.finished(name, office.trainers))
        office.until_sealed(name)
    network, url = office.world.deployments.carbon, office.world.rpc_url
    assert network is not None
    history = read_ledger(network, url)
    market = Web3Stakes(office.world.deployments.market, url)
    papers = {i: epoch_papers(office.ledger().epoch(i).terms, office.objects) for i in (0, 1)}

    def audited(history: LedgerHistory = history, papers: dict[int, EpochPapers] = papers) -> set[str]:
        found = audit(history, EthSignatures(), market.stakes, papers)
        assert Outcome.NOT_CHECKABLE not in {f.outcome for f in found}
        return broken(found)

    def with_epoch(**change: Any) -> LedgerHistory:
        return replace(history, epochs=(replace(first, **change), second))

    def with_checkpoint(**change: Any) -> LedgerHistory:
        return replace(history, checkpoints=(replace(anchor, **change),))

    (first, second), (anchor,) = history.epochs, history.checkpoints
    terms, stranger = first.sealed.terms, str(office.world.person("stranger").address)
    assert audited() == set()
    assert audited(replace(history, epochs=(second,))) >= {"chain"}
    assert audited(with_epoch(said_hash="0x" + "11" * 32)) == {"chain"}
    assert audited(with_epoch(sealed=replace(first.sealed, terms=replace(terms, millijoules=1)))) >= {
        "sums",
        "quorum",
    }
    assert audited(with_epoch(jobs=second.jobs)) == {"sums"}
    assert audited(with_epoch(signatures=first.signatures[:5])) >= {"quorum"}
    assert audited(with_epoch(sealed=replace(first.sealed, proposer=stranger))) >= {"chain", "proposer"}
    assert audited(with_checkpoint(market_hash="0x" + "11" * 32)) == {"stake"}
    heavier = tuple(replace(m, weight=m.weight * 2) for m in anchor.members)
    assert audited(with_checkpoint(members=heavier)) >= {"stake"}
    assert audited(with_checkpoint(anchored=False)) == {"succession"}
    content = papers[0].content
    forged = replace(content, readings=(replace(content.readings[0], millijoules=1), *content.readings[1:]))
    assert audited(papers={0: replace(papers[0], content=forged)}) == {"readings"}


def test_stakes__read_by_a_node_and_by_the_backend__are_the_same(office: LedgerOffice) -> None:
    world = office.world
    block = world.web3.eth.block_number
    world.act(world.trainers[0].wallet, world.contract("NodeStaking").functions.topUp(), 10**17)
    there = Web3Stakes(world.deployments.market, world.rpc_url).stakes(block)
    node = MarketChain(world.document)
    assert node.stakes(block) == (there.block_hash, there.members)
    assert node.stakes(block + 1)[1] != there.members
    assert {m.key for m in there.members} == {str(p.key.address) for p in world.providers}
