"""The ledger's keeper over in-memory twins and nodes with real keys: what is sealed, when, and what happens to what is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryObjects, MemoryTasks, MemoryTickets
from backend.adapters.memory.ledger import PROPOSER_SECONDS, RECOVERY_SECONDS, MemoryLedger, MemoryStakes
from backend.adapters.signatures import EthSignatures
from backend.dispatch.ledger_keeper import (
    LEASE,
    PROPOSER_PATIENCE_SECONDS,
    SIGN_SECONDS,
    KeeperParts,
    LedgerKeeper,
)
from backend.domain.stake import NodeStake, Stakes
from backend.ports import QueuedEffect
from backend.settlement.ledger import LedgerSettler
from fl_nodes.connection import Market
from fl_nodes.protocol.ledger_epoch import race
from tests.support.clock import ManualClock
from tests.support.ledger import Crew

ESCROW = "0x00000000000000000000000000000000000000E5"
EPOCH_SECONDS = 5.0
PROVIDERS = tuple(f"0x00000000000000000000000000000000000000A{n}" for n in range(1, 6))


@dataclass
class Office:
    """Keeper, settler and five nodes of equal stake, of which four are a quorum."""

    folder: Path

    def __post_init__(self) -> None:
        self.clock = ManualClock()
        self.tickets = MemoryTickets(self.clock)
        self.tasks, self.nodes, self.objects = MemoryTasks(self.clock), MemoryNodes(), MemoryObjects()
        self.crew = Crew(Market(31337, ESCROW), self.tasks, self.nodes, self.objects, self.folder)
        for provider in PROVIDERS:
            self.crew.join(provider, Account.from_key(keccak(text=f"machine of {provider}")))
        self.stakes = MemoryStakes(self.staked(100, PROVIDERS))
        self.ledger = MemoryLedger(self.clock, EthSignatures())
        self.settler = LedgerSettler(self.ledger, self.tickets, self.tickets.effects, MemoryCursors())
        self.keeper = self.another("me")

    def staked(self, block: int, providers: tuple[str, ...]) -> Stakes:
        nodes = tuple(NodeStake(p, str(self.crew.members[p].key.address), 10**17 * 5_000) for p in providers)
        return Stakes(block, "0x" + f"{block:064x}", nodes)

    def another(self, owner: str) -> LedgerKeeper:
        return LedgerKeeper(
            KeeperParts(
                tickets=self.tickets,
                effects=self.tickets.effects,
                nodes=self.nodes,
                tasks=self.tasks,
                objects=self.objects,
                signatures=EthSignatures(),
                ledger=self.ledger,
                stakes=self.stakes,
                market=(31337, ESCROW),
                clock=self.clock,
                epoch_seconds=EPOCH_SECONDS,
            ),
            owner,
        )

    def about_to_seal(self, name: str) -> QueuedEffect:
        """A job's epoch, signed and waiting for the settler."""
        self.finished(name)
        self.wait()
        self.turn(times=1)
        self.keeper.run_once()
        self.crew.answer()
        self.keeper.run_once()
        (queued,) = self.tickets.effects.pending(["SealEpoch"])
        return queued

    def finished(self, name: str, rounds: int = 2) -> None:
        self.tickets.add(self.crew.finished(name, PROVIDERS[:4], rounds))

    def turn(self, silent: tuple[str, ...] = (), times: int = 6) -> None:
        """Keeper, nodes and settler, one after the other, some times."""
        for _ in range(times):
            self.keeper.run_once()
            self.crew.answer(silent)
            self.settler.run_once()
            self.clock.advance(1)

    def wait(self) -> None:
        """Until what waits is due."""
        self.keeper.run_once()
        self.clock.advance(EPOCH_SECONDS)

    def epoch_of(self, name: str) -> int | None:
        epoch = self.tickets.get(name).epoch
        return None if epoch is None else epoch.index

    def provider_of(self, key: str) -> str:
        return next(p for p, m in self.crew.members.items() if str(m.key.address) == key)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_keeper__jobs_that_ended__stand_in_one_epoch_that_adds_up(office: Office) -> None:
    office.finished("t_1", rounds=2)
    office.finished("t_2", rounds=30)
    office.wait()
    office.turn()
    (sealed,) = office.ledger.epochs
    # A reading for each round and trainer, and one for each trainer's setting up.
    assert sealed.terms.readings == 4 * (2 + 1) + 4 * (30 + 1)
    assert sealed.terms.millijoules == 4 * (2 * 3_600 + 600) + 4 * (30 * 3_600 + 600)
    assert (office.epoch_of("t_1"), office.epoch_of("t_2")) == (0, 0)
    epoch = office.tickets.get("t_1").epoch
    assert epoch is not None
    assert epoch.hash == sealed.hash(keccak)


def test_keeper__nothing_ended__asks_and_sends_nothing(office: Office) -> None:
    office.wait()
    office.turn()
    assert (office.ledger.checkpoints, office.ledger.epochs) == ([], [])


def test_keeper__readings__wait_for_others_for_so_long_and_no_longer(office: Office) -> None:
    office.finished("t_1")
    office.turn(times=4)
    assert office.ledger.epochs == []
    office.turn(times=8)
    assert office.epoch_of("t_1") == 0


def test_keeper__later_jobs__stand_in_the_next_epoch_of_the_chain(office: Office) -> None:
    for name in ("t_1", "t_2"):
        office.finished(name)
        office.wait()
        office.turn()
    first, second = office.ledger.epochs
    assert second.terms.prev_hash == first.hash(keccak)
    assert (office.epoch_of("t_1"), office.epoch_of("t_2")) == (0, 1)
    assert len(office.ledger.checkpoints) == 1


def test_keeper__one_node_silent__is_not_waited_for(office: Office) -> None:
    office.finished("t_1")
    office.wait()
    office.turn(times=1)
    drawn = race("0x" + "00" * 32, 0, office.ledger.checkpoints[0], 1, keccak)[0]
    silent = next(p for p in PROVIDERS if p != office.provider_of(drawn))
    office.turn((silent,))
    assert office.epoch_of("t_1") == 0


def test_keeper__the_drawn_proposer_silent__is_called_and_the_next_one_proposes(office: Office) -> None:
    office.finished("t_1")
    office.wait()
    office.turn(times=1)
    drawn, following = race("0x" + "00" * 32, 0, office.ledger.checkpoints[0], 2, keccak)
    silent = (office.provider_of(drawn),)
    office.turn(silent, int(PROPOSER_PATIENCE_SECONDS))
    assert office.ledger.epochs == []
    office.turn(silent, PROPOSER_SECONDS + 4)
    assert office.ledger.epochs[0].proposer == following
    assert office.epoch_of("t_1") == 0


def test_keeper__no_quorum__asks_again_and_seals_when_they_are_back(office: Office) -> None:
    office.finished("t_1")
    office.wait()
    office.turn(PROVIDERS[:2], int(SIGN_SECONDS) + 3)
    assert office.ledger.epochs == []
    office.turn(times=8)
    assert office.epoch_of("t_1") == 0


def test_keeper__more_than_a_third_gone_for_good__names_the_rest_when_the_ledger_stood_still(
    office: Office,
) -> None:
    office.finished("t_1")
    office.wait()
    gone = PROVIDERS[:2]
    office.turn(gone, int(SIGN_SECONDS) + 3)
    office.stakes.now = office.staked(200, PROVIDERS[2:])
    office.clock.advance(RECOVERY_SECONDS)
    office.turn(gone, int(SIGN_SECONDS) + 10)
    assert len(office.ledger.checkpoints) == 2
    assert office.epoch_of("t_1") == 0


def test_keeper__a_node_joined__is_a_member_by_the_signatures_of_the_others(office: Office) -> None:
    office.finished("t_1")
    office.wait()
    office.turn()
    newcomer = "0x00000000000000000000000000000000000000A6"
    office.crew.join(newcomer, Account.from_key(keccak(text="newcomer")))
    office.stakes.now = office.staked(200, (*PROVIDERS, newcomer))
    office.finished("t_2")
    office.wait()
    office.turn(times=8)
    assert [len(members) for members in office.ledger.checkpoints] == [5, 6]
    assert [e.terms.checkpoint for e in office.ledger.epochs] == [0, 1]


def test_keeper__killed_while_nodes_sign__another_goes_on_and_seals_once(office: Office) -> None:
    office.finished("t_1")
    office.wait()
    office.turn(times=1)
    office.keeper.run_once()
    office.tickets.release(LEASE, "me")
    office.keeper = office.another("other")
    office.wait()
    office.turn()
    assert len(office.ledger.epochs) == 1
    assert office.epoch_of("t_1") == 0


def test_keeper__another_holds_the_lease__does_nothing(office: Office) -> None:
    assert office.tickets.claim(LEASE, "other", 60.0)
    office.finished("t_1")
    office.keeper.run_once()
    office.clock.advance(EPOCH_SECONDS)
    office.keeper.run_once()
    assert office.tickets.effects.pending(["MakeCheckpoint"]) == []


def test_keeper__a_ticket_whose_files_are_gone__holds_up_nobody(office: Office) -> None:
    office.tickets.add(replace(office.crew.finished("t_1", PROVIDERS[:4]), files={}))
    office.finished("t_2")
    office.wait()
    office.turn()
    assert (office.epoch_of("t_1"), office.epoch_of("t_2")) == (None, 0)


def test_keeper__sealed_but_the_ticket_has_not_heard__is_not_sealed_again(office: Office) -> None:
    queued = office.about_to_seal("t_1")
    office.ledger.write(queued.effect)  # type: ignore[arg-type]  # sent by a settler that is slow to say so
    office.tickets.effects.done(queued.key, {})
    office.finished("t_2")
    for _ in range(8):
        office.keeper.run_once()
        office.crew.answer()
        office.clock.advance(1)
    (following,) = office.tickets.effects.pending(["SealEpoch"])
    assert [job.job for job in following.effect.jobs] == [office.tickets.get("t_2").job_id.removeprefix("0x")]  # type: ignore[union-attr]
    office.turn()
    assert (office.epoch_of("t_1"), office.epoch_of("t_2")) == (0, 1)


def test_keeper__an_epoch_that_the_chain_refused__holds_up_no_other_job(office: Office) -> None:
    queued = office.about_to_seal("t_1")
    office.tickets.effects.fail(queued.key, "chain.rejected", "refused")
    office.turn(times=3)
    office.finished("t_2")
    office.wait()
    office.turn()
    assert (office.epoch_of("t_1"), office.epoch_of("t_2")) == (None, 0)


def test_settler__sealed_and_killed_before_it_was_noted__seals_nothing_twice(office: Office) -> None:
    queued = office.about_to_seal("t_1")
    office.ledger.write(queued.effect)  # type: ignore[arg-type]  # sent; the settler died before it knew
    office.turn()
    assert len(office.ledger.epochs) == 1
    assert office.tickets.effects.state(queued.key) == "done"
    assert office.epoch_of("t_1") == 0
