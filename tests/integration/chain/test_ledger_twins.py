"""`ports.Ledger`: the contract and its in-memory twin behave alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from backend.adapters.memory.ledger import MemoryLedger
from backend.adapters.signatures import EthSignatures
from backend.domain.ledger_effects import CallProposer, MakeCheckpoint, SealEpoch
from backend.errors import Conflict, NotFound, NotYet
from backend.ports import Ledger
from fl_nodes.protocol.job_summary import summary
from fl_nodes.protocol.ledger_epoch import (
    GENESIS,
    CheckpointTerms,
    EpochContent,
    Member,
    checkpoint_document,
    epoch_document,
    in_order,
    members_hash,
    race,
)
from fl_nodes.protocol.reading import LedgerReading
from fl_nodes.signatures import sign_document
from tests.support.chains import CHALLENGE_S, PROPOSER_S
from tests.support.clock import ManualClock

NODE = "0x" + "11" * 20
BLOCK = "0x" + "22" * 32
KEYS = {str(a.address): a for a in (Account.from_key(keccak(text=f"member {i}")) for i in range(4))}
MEMBERS = in_order([Member(key, 10**20) for key in KEYS])


@dataclass
class Twin:
    """A ledger, and how its time passes."""

    ledger: Ledger
    pass_time: Callable[[int], None]

    def content(self, name: str) -> EpochContent:
        job = "0x" + keccak(text=name).hex()
        readings = tuple(
            LedgerReading(job, n, NODE, 480_000, 3_600, 0, "modelled", 1, "DE", 300_000) for n in (1, 2)
        )
        head = self.ledger.head()
        return EpochContent(head.index, head.checkpoint, head.prev_hash, readings)

    def seal(self, name: str = "a job", silent: tuple[str, ...] = ()) -> SealEpoch:
        """The effect that seals a job of two readings, signed by all but the silent ones."""
        content = self.content(name)
        terms = content.terms(keccak)
        document = epoch_document(self.ledger.chain_id, self.ledger.address, terms)
        signatures = tuple(sign_document(KEYS[m.key], document) for m in MEMBERS if m.key not in silent)
        jobs = (summary(content.readings[0].job, content.readings),)
        return SealEpoch(terms, jobs, self.ledger.head().members, signatures)


@pytest.fixture(params=["memory", "chain"])
def twin(request: pytest.FixtureRequest) -> Twin:
    """An anchored ledger of either kind."""
    if request.param == "memory":
        clock = ManualClock()
        made = Twin(MemoryLedger(clock, EthSignatures()), clock.advance)
    else:
        stage = request.getfixturevalue("stage")
        made = Twin(stage.carbon.ledger, stage.world.pass_time)
    assert made.ledger.head().checkpoint == -1
    made.ledger.write(MakeCheckpoint(0, 100, BLOCK, MEMBERS))
    return made


def test_seal__signed_by_all__is_the_head_and_repeats_harmlessly(twin: Twin) -> None:
    effect = twin.seal()
    tx = twin.ledger.write(effect)
    assert twin.ledger.write(effect) == tx
    head, sealed = twin.ledger.head(), twin.ledger.epoch(0)
    assert (head.index, head.prev_hash, head.members) == (1, sealed.hash(keccak), MEMBERS)
    assert sealed.terms == effect.terms
    assert sealed.proposer == race(GENESIS, 0, MEMBERS, 1, keccak)[0]
    events, following = twin.ledger.events(0)
    (told,) = (e for e in events if e.name == "EpochSealed")
    assert (told.args["index"], told.args["epochHash"], told.tx) == (0, sealed.hash(keccak), tx)
    assert [j["job"] for j in told.args["jobs"]] == [effect.jobs[0].job]
    assert twin.ledger.events(following) == ([], following)


def test_seal__what_is_not_next_too_few_or_a_job_again__is_refused(twin: Twin) -> None:
    effect = twin.seal()
    with pytest.raises(Conflict):
        twin.ledger.write(replace(effect, signatures=effect.signatures[:2]))
    with pytest.raises(Conflict):
        twin.ledger.write(replace(effect, signatures=effect.signatures[::-1]))
    twin.ledger.write(effect)
    with pytest.raises(Conflict):
        twin.ledger.write(twin.seal())
    with pytest.raises(Conflict):
        twin.ledger.write(replace(effect, terms=replace(effect.terms, index=1)))
    assert twin.ledger.head().index == 1


def test_seal__proposer_silent__waits_for_a_call_and_a_turn(twin: Twin) -> None:
    drawn, following = race(GENESIS, 0, MEMBERS, 2, keccak)
    effect = twin.seal(silent=(drawn,))
    with pytest.raises(NotYet):
        twin.ledger.write(effect)
    call = CallProposer(0, 0)
    assert twin.ledger.write(call) == twin.ledger.write(call)
    twin.pass_time(PROPOSER_S)
    assert twin.ledger.head().turn >= 1
    twin.ledger.write(effect)
    assert (twin.ledger.epoch(0).proposer, twin.ledger.head().called_at) == (following, 0)
    assert twin.ledger.write(call) == ""


def test_checkpoint__signed_or_not__follows_from_the_one_before(twin: Twin) -> None:
    later = MakeCheckpoint(1, 101, BLOCK, MEMBERS[:3], MEMBERS)
    with pytest.raises(Conflict):
        twin.ledger.write(later)
    terms = CheckpointTerms(1, 101, BLOCK, members_hash(MEMBERS[:3], keccak))
    document = checkpoint_document(twin.ledger.chain_id, twin.ledger.address, terms)
    signed = replace(later, signatures=tuple(sign_document(KEYS[m.key], document) for m in MEMBERS))
    with pytest.raises(Conflict):
        twin.ledger.write(replace(signed, signatures=signed.signatures[:2]))
    assert twin.ledger.write(signed) == twin.ledger.write(signed)
    assert (twin.ledger.head().checkpoint, twin.ledger.head().members) == (1, MEMBERS[:3])


def test_epoch__final_when_its_window_is_over_and_unknown_before_it_is_sealed(twin: Twin) -> None:
    with pytest.raises(NotFound):
        twin.ledger.epoch(0)
    twin.ledger.write(twin.seal())
    assert not twin.ledger.is_final(0)
    twin.pass_time(CHALLENGE_S)
    assert twin.ledger.is_final(0)


def test_sealing__of_an_epoch__has_its_jobs_and_who_signed_out_of_how_many(twin: Twin) -> None:
    silent = MEMBERS[-1].key
    effect = twin.seal(silent=(silent,))
    twin.pass_time(4 * PROPOSER_S)
    twin.ledger.write(CallProposer(0, 0))
    twin.pass_time(4 * PROPOSER_S)
    twin.ledger.write(effect)
    how = twin.ledger.sealing(0)
    document = epoch_document(twin.ledger.chain_id, twin.ledger.address, effect.terms)
    signers = [EthSignatures().typed_signer(document, signature) for signature in how.signatures]
    assert set(signers) == {*KEYS} - {silent}
    assert how.members == MEMBERS
    assert [job.millijoules for job in how.jobs] == [7_200]
    with pytest.raises(NotFound):
        twin.ledger.sealing(1)
