"""Giving a job its nodes and taking them back: trainers are chosen, then the chain draws who judges them."""

from __future__ import annotations

from typing import Any

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.crew import crew_of
from backend.adapters.chain.past import newest_tx
from backend.adapters.chain.sender import Sender
from backend.domain import effects as fx
from backend.domain import job as words
from backend.errors import NotYet
from fl_nodes.protocol.signing import bytes32

MIN_VALIDATORS = 2
BLOCK_HASHES = 256
"""How many blocks back a contract can see a hash."""
RESEED_S = 3.0


class Assignment:
    """What the operator's account does between a job's payment and its work, and after a refund."""

    def __init__(self, connection: Connection, sender: Sender) -> None:
        self._connection = connection
        self._sender = sender
        self._escrow = connection.contract("JobEscrow")
        self._staking = connection.contract("NodeStaking")

    def assign(self, effect: fx.Assign) -> str:
        """Choose the trainers, then draw the validators: from wherever the job stands, with the trainers it has.

        The transaction of the draw. NotYet until the block that seeds it is mined and enough validators are there.
        """
        job = bytes32(effect.job_id)
        if self._status(job) not in (words.DRAWING, words.ASSIGNED):
            trainers = [Web3.to_checksum_address(t) for t in words.ascending(effect.trainers)]
            self._sender.send(self._escrow.functions.assign(job, trainers), lambda: self._chosen(job))
        return self._draw(job)

    def release(self, effect: fx.Release) -> str:
        """Free the nodes of a job that ended without their names; "" where it never had any."""
        job = bytes32(effect.job_id)

        def done() -> str | None:
            record = self._record(job)
            return self._tx("JobReleased", job, record) if record.released else None

        found = done()
        if found is not None:
            return found
        crew = crew_of(self._connection, self._escrow, job)
        return self._sender.send(self._escrow.functions.release(job, crew.trainers, crew.judges), done)

    def _draw(self, job: bytes) -> str:
        found = self._drawn(job)
        if found is not None:
            return found
        if self._seed_is_useless(self._record(job)):
            self._sender.send(self._escrow.functions.reseed(job), lambda: None)
            sentence = "The draw of the validators was given a new seed; it is ready in some blocks."
            raise NotYet("chain.reseeded", sentence, RESEED_S)
        trainers = crew_of(self._connection, self._escrow, job).trainers
        return self._sender.send(self._escrow.functions.draw(job, trainers), lambda: self._drawn(job))

    def _chosen(self, job: bytes) -> str | None:
        record = self._record(job)
        if words.STATUSES[record.status] not in (words.DRAWING, words.ASSIGNED):
            return None
        return self._tx("TrainersChosen", job, record)

    def _drawn(self, job: bytes) -> str | None:
        record = self._record(job)
        if words.STATUSES[record.status] != words.ASSIGNED:
            return None
        return self._tx("JobAssigned", job, record)

    def _seed_is_useless(self, record: Any) -> bool:
        """Whether the seed's block is out of reach, or came before there were validators that are there now."""
        with self._connection.use() as web3:
            head = web3.eth.block_number
        if words.STATUSES[record.status] != words.DRAWING or head <= record.seedBlock:
            return False
        if head - record.seedBlock >= BLOCK_HASHES:
            return True
        count = self._staking.functions.countValidators
        then, now = (int(count(block).call()) for block in (record.seedBlock, head + 1))
        return then < MIN_VALIDATORS <= now

    def _record(self, job: bytes) -> Any:
        return self._escrow.functions.job(job).call()

    def _status(self, job: bytes) -> str:
        return words.STATUSES[self._record(job).status]

    def _tx(self, event: str, job: bytes, record: Any) -> str:
        return newest_tx(self._connection, self._escrow.events[event](), record.openedBlock, {"jobId": job})
