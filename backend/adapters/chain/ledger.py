"""The energy ledger through web3: where it stands, what happened, and every write exactly once."""

from __future__ import annotations

from typing import Any

from eth_typing import HexStr
from web3 import Web3

from backend.adapters.chain.connection import Connection, block_time
from backend.adapters.chain.contract_events import ContractEvents
from backend.adapters.chain.events import plain
from backend.adapters.chain.past import newest_event, newest_tx
from backend.adapters.chain.sender import Sender
from backend.domain.ledger_effects import CallProposer, LedgerEffect, MakeCheckpoint, SealEpoch
from backend.domain.stake import LedgerHead, Sealing
from backend.errors import Conflict, NotFound, Recoverable
from backend.ports import ChainEvent
from backend.verification.ledger_history import epoch_record, sealed_epoch
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import Member, SealedEpoch
from fl_nodes.protocol.signing import bytes32

CONTRACT = "EnergyLedger"


class Web3Ledger:
    """`ports.Ledger`. Without a `sender` it can only be read."""

    def __init__(self, connection: Connection, sender: Sender | None = None, confirmations: int = 1) -> None:
        self._connection = connection
        self._contract = connection.contract(CONTRACT)
        self._sender = sender
        self._confirmations = confirmations
        self._events = ContractEvents(connection, CONTRACT, confirmations)
        self._members: dict[int, tuple[Member, ...]] = {}
        self.chain_id = connection.network.chain_id
        self.address = connection.network[CONTRACT].address

    def head(self) -> LedgerHead:
        """Where it stands now."""
        functions = self._contract.functions
        with self._connection.use() as web3:
            checkpoint = int(functions.checkpointCount().call()) - 1
            return LedgerHead(
                index=int(functions.count().call()),
                prev_hash=Web3.to_hex(functions.headHash().call()),
                checkpoint=checkpoint,
                members=self._members_of(checkpoint),
                called_at=int(functions.calledAt().call()),
                proposer_seconds=int(functions.proposerSeconds().call()),
                recovery_seconds=int(functions.recoverySeconds().call()),
                now=block_time(web3),
            )

    def epoch(self, index: int) -> SealedEpoch:
        """A sealed epoch; NotFound `ledger.no_epoch`."""
        functions = self._contract.functions
        with self._connection.use():
            if not 0 <= index < int(functions.count().call()):
                raise NotFound("ledger.no_epoch", f"The energy ledger has no epoch {index}.")
            return sealed_epoch(plain(functions.epoch(index).call()._asdict()))

    def sealing(self, index: int) -> Sealing:
        """As the port says."""
        found = self._newest("EpochSealed", index=index)
        if found is None:
            raise NotFound(
                "ledger.no_epoch", f"How epoch {index} of the energy ledger was sealed is not known."
            )
        told = epoch_record(plain(found["args"]), 0, Web3.to_hex(found["transactionHash"]))
        with self._connection.use():
            return Sealing(told.jobs, told.signatures, self._members_of(told.sealed.terms.checkpoint))

    def holds(self, job_id: str) -> bool:
        """Whether a job stands in an epoch."""
        with self._connection.use():
            return bool(self._contract.functions.isSealed(bytes32(job_id)).call())

    def is_final(self, index: int) -> bool:
        """Whether its challenge window is over, and no challenge holds it up."""
        with self._connection.use():
            return bool(self._contract.functions.isFinal(index).call())

    def write(self, effect: LedgerEffect) -> str:
        """Do it exactly once; the transaction's hash, also where it was done before."""
        with self._connection.use():
            match effect:
                case SealEpoch():
                    return self._seal(effect)
                case MakeCheckpoint():
                    return self._checkpoint(effect)
                case CallProposer():
                    return self._call(effect)

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable `chain.behind` where there is no such block."""
        return self._connection.block_hash(block)

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Confirmed events from `from_block` on, in order, and the next block to ask for: `from_block` itself when there is
        nothing new."""
        return self._events.since(from_block)

    def _seal(self, effect: SealEpoch) -> str:
        terms = effect.terms

        def done() -> str | None:
            if int(self._contract.functions.count().call()) <= terms.index:
                return None
            found = self._newest("EpochSealed", index=terms.index)
            if found is None:
                raise Recoverable("chain.behind", "The carbon chain does not tell yet what it has sealed.")
            if sealed_epoch(plain(found["args"]["epoch"])).terms != terms:
                raise Conflict("chain.rejected", f"Epoch {terms.index} of the ledger is another one.")
            return Web3.to_hex(found["transactionHash"])

        proposal = (
            *(terms.index, terms.checkpoint, bytes32(terms.prev_hash), bytes32(terms.readings_root)),
            *(bytes32(terms.claims_root), bytes32(terms.rating_root)),
        )
        call = self._contract.functions.seal(
            proposal,
            [_summary(job) for job in effect.jobs],
            _members(effect.members),
            [Web3.to_bytes(hexstr=HexStr(s)) for s in effect.signatures],
        )
        return self._send(call, done)

    def _checkpoint(self, effect: MakeCheckpoint) -> str:
        def done() -> str | None:
            if int(self._contract.functions.checkpointCount().call()) <= effect.id:
                return None
            return self._newest_tx("CheckpointMade", id=effect.id)

        where = effect.market_block, bytes32(effect.market_hash), _members(effect.members)
        if not effect.signatures:
            return self._send(self._contract.functions.anchor(*where), done)
        signatures = [Web3.to_bytes(hexstr=HexStr(s)) for s in effect.signatures]
        call = self._contract.functions.renew(*where, _members(effect.current), signatures)
        return self._send(call, done)

    def _call(self, effect: CallProposer) -> str:
        def done() -> str | None:
            functions = self._contract.functions
            sealed = int(functions.count().call()) > effect.index
            renewed = int(functions.checkpointCount().call()) - 1 != effect.checkpoint
            if sealed or renewed:
                return ""
            return (
                self._newest_tx("ProposerCalled", index=effect.index) if functions.calledAt().call() else None
            )

        return self._send(self._contract.functions.callProposer(), done)

    def _send(self, call: Any, done: Any) -> str:
        if self._sender is None:
            raise Conflict("chain.read_only", "This process only reads the energy ledger.")
        return self._sender.send(call, done)

    def _members_of(self, checkpoint: int) -> tuple[Member, ...]:
        if checkpoint < 0:
            return ()
        if checkpoint not in self._members:
            found = self._newest("CheckpointMade", id=checkpoint)
            if found is None:
                raise Recoverable("chain.behind", "The carbon chain does not tell yet who may sign.")
            said = found["args"]["members"]
            self._members[checkpoint] = tuple(Member(str(m["key"]), int(m["weight"])) for m in said)
        return self._members[checkpoint]

    def _newest(self, event: str, **where: Any) -> Any:
        since = self._connection.network[CONTRACT].block
        return newest_event(self._connection, self._contract.events[event](), since, where)

    def _newest_tx(self, event: str, **where: Any) -> str:
        since = self._connection.network[CONTRACT].block
        return newest_tx(self._connection, self._contract.events[event](), since, where)


def _members(members: tuple[Member, ...]) -> list[tuple[str, int]]:
    return [(Web3.to_checksum_address(m.key), m.weight) for m in members]


def _summary(job: JobSummary) -> tuple[bytes, int, int, int, bytes]:
    return (bytes32(job.job), job.readings, job.millijoules, job.micrograms, bytes32(job.commitment))
