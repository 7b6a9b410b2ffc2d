"""A member signs an epoch only if it holds together and says what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from backend.adapters.memory import MemoryNodes, MemoryObjects, MemoryTasks
from backend.adapters.signatures import EthSignatures
from backend.dispatch.epoch_papers import job_papers
from backend.dispatch.worker_objects import ref
from backend.energy.epochs import next_epoch
from fl_nodes.connection import Market
from fl_nodes.errors import Unreachable
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_rule import claims
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.ledger_epoch import (
    GENESIS,
    CheckpointTerms,
    EpochContent,
    Member,
    epoch_document,
    in_order,
    members_hash,
)
from fl_nodes.protocol.ledger_tasks import CheckpointTask, EpochPapers, Ledger, LedgerSignature, SealTask
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import from_wire, to_wire
from tests.support.clock import ManualClock
from tests.support.ledger import Crew

ESCROW = "0x00000000000000000000000000000000000000E5"
LEDGER = Ledger(31338, "0x00000000000000000000000000000000000001ED", 31337, ESCROW)
MINE, OTHER = (f"0x00000000000000000000000000000000000000A{n}" for n in (1, 2))


@dataclass
class Desk:
    """A node that is asked about one job that it and another trained."""

    folder: Path

    def __post_init__(self) -> None:
        self.objects, self.nodes = MemoryObjects(), MemoryNodes()
        self.crew = Crew(
            Market(31337, ESCROW), MemoryTasks(ManualClock()), self.nodes, self.objects, self.folder
        )
        for provider in (MINE, OTHER):
            self.crew.join(provider, Account.from_key(keccak(text=provider)))
        ticket = self.crew.finished("t_1", (MINE, OTHER))
        self.papers = next_epoch(0, 0, GENESIS, [job_papers(ticket, self.objects, self.nodes)], [])

    def asked(self, papers: EpochPapers, ledger: Ledger = LEDGER) -> LedgerSignature:
        stored = self.objects.put("ledger/epochs/0.json", canonical_json(to_wire(papers)))
        task = SealTask(ledger, papers.content.terms(keccak), ref(self.objects, stored.key))
        answer = self.crew.members[MINE].answer(TaskKind.SEAL_EPOCH, to_wire(task))
        return from_wire(LedgerSignature, answer)

    def changed(self, change: Callable[[EpochContent], EpochContent]) -> str:
        """Why it refuses the epoch with this change."""
        said = self.asked(replace(self.papers, content=change(self.papers.content)))
        assert not said.signature
        return said.refusal

    @property
    def key(self) -> str:
        return str(self.crew.members[MINE].key.address)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_seal__as_everybody_said__is_signed(desk: Desk) -> None:
    said = desk.asked(desk.papers)
    terms = desk.papers.content.terms(keccak)
    document = epoch_document(LEDGER.chain_id, LEDGER.address, terms)
    assert (said.node, said.refusal) == (MINE, "")
    assert EthSignatures().typed_signer(document, said.signature) == desk.key


def test_seal__a_reading_with_other_energy__is_refused(desk: Desk) -> None:
    for index in range(len(desk.papers.content.readings)):

        def more(content: EpochContent, index: int = index) -> EpochContent:
            readings = list(content.readings)
            readings[index] = replace(readings[index], millijoules=readings[index].millijoules + 1)
            return replace(content, readings=tuple(readings))

        assert "said something else" in desk.changed(more)


def test_seal__a_reading_left_out__is_refused(desk: Desk) -> None:
    assert "left out" in desk.changed(lambda c: replace(c, readings=c.readings[:-1]))


def test_seal__a_reading_that_nobody_reported__is_refused(desk: Desk) -> None:
    def forged(content: EpochContent) -> EpochContent:
        return replace(content, readings=(*content.readings, replace(content.readings[0], round=9)))

    assert "nobody said" in desk.changed(forged)


def test_seal__the_same_round_twice__is_refused(desk: Desk) -> None:
    def twice(content: EpochContent) -> EpochContent:
        again = replace(content.readings[0], hour=content.readings[0].hour + 1)
        return replace(content, readings=(*content.readings, again))

    assert "two readings of one node" in desk.changed(twice)


def test_seal__no_readings__is_refused(desk: Desk) -> None:
    assert "no readings" in desk.changed(lambda c: replace(c, readings=()))


def test_seal__a_stronger_class_than_reported__is_refused(desk: Desk) -> None:
    def measured(content: EpochContent) -> EpochContent:
        return replace(content, readings=tuple(replace(r, kind="measured") for r in content.readings))

    assert "said something else" in desk.changed(measured)


def test_seal__a_commitment_that_its_node_did_not_sign__is_refused(desk: Desk) -> None:
    said = tuple(replace(c, gpu_use_ppm=1) if c.trainer == OTHER else c for c in desk.papers.said)
    assert "is not signed by it" in desk.asked(replace(desk.papers, said=said)).refusal


def test_seal__words_in_my_name_by_another_key__are_refused(desk: Desk) -> None:
    keys = desk.papers.keys | {MINE: desk.papers.keys[OTHER]}
    forged = [desk.crew.commitment(c.job_id, c.round, OTHER) for c in desk.papers.said if c.trainer == MINE]
    said = tuple(replace(c, trainer=MINE) for c in forged) + desk.papers.said[1:]
    assert "is not signed by it" in desk.asked(replace(desk.papers, said=said, keys=keys)).refusal


def test_seal__my_reading_otherwise_than_i_kept_it__is_refused(desk: Desk) -> None:
    member = desk.crew.members[MINE]
    for file in (desk.folder / MINE).rglob("*.json"):
        file.unlink()
    member.claims.add(desk.crew.commitment(desk.papers.said[0].job_id, 1, MINE, millijoules=9))
    assert "otherwise than I reported" in desk.asked(desk.papers).refusal


def test_seal__another_market__is_refused(desk: Desk) -> None:
    assert "not of the one I work in" in desk.asked(desk.papers, replace(LEDGER, market_chain_id=1)).refusal


def test_seal__roots_that_do_not_follow__are_refused(desk: Desk) -> None:
    stored = desk.objects.put("ledger/epochs/0.json", canonical_json(to_wire(desk.papers)))
    terms = replace(desk.papers.content.terms(keccak), millijoules=1)
    task = SealTask(LEDGER, terms, ref(desk.objects, stored.key))
    answer = from_wire(LedgerSignature, desk.crew.members[MINE].answer(TaskKind.SEAL_EPOCH, to_wire(task)))
    assert "do not follow" in answer.refusal


def test_checkpoint__with_me_in_it__is_signed_and_without_me_refused(desk: Desk) -> None:
    def asked(members: tuple[Member, ...], said: str | None = None) -> str:
        terms = CheckpointTerms(1, 7, GENESIS, said or members_hash(members, keccak))
        payload = to_wire(CheckpointTask(LEDGER, terms, members))
        answer = desk.crew.members[MINE].answer(TaskKind.SIGN_CHECKPOINT, payload)
        return from_wire(LedgerSignature, answer).refusal

    other = Member(str(desk.crew.members[OTHER].key.address), 5)
    both = in_order((Member(desk.key, 5), other))
    assert asked(both) == ""
    assert "not among the members" in asked((other,))
    assert "in the order" in asked(both[::-1])
    assert "not those that" in asked(both, "0x" + "11" * 32)


def test_checkpoint__the_market_chain_says_otherwise_or_nothing__is_refused(desk: Desk) -> None:
    member = desk.crew.members[MINE]
    me = (Member(desk.key, 5),)
    terms = CheckpointTerms(1, 7, GENESIS, members_hash(me, keccak))
    payload = to_wire(CheckpointTask(LEDGER, terms, me))

    def silent(_: int) -> tuple[str, tuple[Member, ...]]:
        raise Unreachable("chain.unreachable", "The market chain does not answer.")

    for stakes, why in (
        (lambda block: (GENESIS, me) if block == 7 else ("", ()), ""),
        (lambda _: ("0x" + "11" * 32, me), "another block 7"),
        (lambda _: (GENESIS, (Member(desk.key, 6),)), "not those who had staked"),
        (silent, "could not be read"),
    ):
        member.work = replace(member.work, stakes=stakes)
        answer = from_wire(LedgerSignature, member.answer(TaskKind.SIGN_CHECKPOINT, payload))
        assert why in answer.refusal
        assert bool(answer.signature) is (why == "")


def test_seal__credit_of_work_that_began_before_the_start__is_refused(desk: Desk) -> None:
    began = desk.crew.members[MINE].claims.began(desk.papers.content.readings[0].job)
    assert began is not None
    job = desk.papers.content.readings[0].job
    baseline = CreditBaseline(job, 36_000, 3_000, 40_000_000, 8, "0x" + "d0" * 32)

    def claiming(started: float) -> EpochPapers:
        hour = int(started) // 3600
        readings = tuple(replace(r, hour=hour) for r in desk.papers.content.readings)
        made = claims(readings, baseline, int(started), 0, lambda _zone, _hour: 0, keccak)
        content = replace(desk.papers.content, readings=readings, claims=made, baselines=(baseline,))
        return replace(desk.papers, content=content)

    assert desk.asked(claiming(began)).refusal == ""
    assert "before it is said to have started" in desk.asked(claiming(began + 70)).refusal
