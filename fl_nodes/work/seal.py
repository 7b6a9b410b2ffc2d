"""A member's part in the energy ledger: it signs an epoch only if that holds together and says what nodes said, itself first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from eth_utils.crypto import keccak

from fl_nodes.connection import Introduction, Market
from fl_nodes.errors import NodeError
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.ledger_epoch import (
    Member,
    bare,
    checkpoint_document,
    epoch_document,
    in_order,
    members_hash,
    objection,
)
from fl_nodes.protocol.ledger_tasks import (
    CheckpointTask,
    EpochPapers,
    Ledger,
    LedgerSignature,
    SealTask,
    misstated,
)
from fl_nodes.protocol.signing import commitment_text
from fl_nodes.protocol.wire import WireError, from_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_document, signed_by
from fl_nodes.work.own_claims import OwnClaims, told_otherwise

MAX_BYTES = 256 * 2**20
StakesAt = Callable[[int], tuple[str, tuple[Member, ...]]]
"""Of a block of the market chain: its hash, and who may sign by the stake in it; NodeError where it cannot be read."""
CLOCKS_APART_SECONDS = 60.0
"""An honest operator's clock may be ahead of a node's by so much."""


@dataclass(frozen=True)
class SealWork:
    """What a node needs to judge an epoch. With `stakes` it looks at the market chain itself before it signs who may sign."""

    who: Introduction
    market: Callable[[], Market]
    objects: ObjectStore
    claims: OwnClaims
    stakes: StakesAt | None = None

    def seal(self, call: Call) -> LedgerSignature:
        """Sign an epoch, or say why not."""
        task = from_wire(SealTask, call.payload)
        refusal = self._wrong_market(task.ledger) or self._refusal(task)
        if refusal:
            return LedgerSignature(self.who.worker, "", refusal)
        document = epoch_document(task.ledger.chain_id, task.ledger.address, task.terms)
        return LedgerSignature(self.who.worker, sign_document(self.who.account, document))

    def checkpoint(self, call: Call) -> LedgerSignature:
        """Sign who may sign from now on, or say why not."""
        task = from_wire(CheckpointTask, call.payload)
        refusal = self._wrong_market(task.ledger) or self._wrong_members(task)
        if refusal:
            return LedgerSignature(self.who.worker, "", refusal)
        document = checkpoint_document(task.ledger.chain_id, task.ledger.address, task.terms)
        return LedgerSignature(self.who.worker, sign_document(self.who.account, document))

    def _wrong_market(self, ledger: Ledger) -> str:
        market = self.market()
        if (ledger.market_chain_id, bare(ledger.escrow)) != (market.chain_id, bare(market.escrow)):
            return f"the ledger is of the market at {ledger.escrow}, not of the one I work in"
        return ""

    def _refusal(self, task: SealTask) -> str:
        try:
            papers = from_wire(EpochPapers, json.loads(self.objects.fetch(task.papers, MAX_BYTES)))
        except (NodeError, WireError, ValueError) as error:
            return f"the epoch's papers could not be read: {error}"
        try:
            if papers.content.terms(keccak) != task.terms:
                return "the epoch's roots and sums do not follow from its papers"
            if why := objection(papers.content, keccak):
                return why
        except ValueError as error:
            return f"the epoch's papers do not fit its leaves: {error}"
        return (
            misstated(papers.content, papers.said)
            or self._unsigned(papers)
            or self._not_mine(papers)
            or self._late_start(papers)
        )

    def _unsigned(self, papers: EpochPapers) -> str:
        market = self.market()
        keys = {bare(node): key for node, key in papers.keys.items()}
        # What the operator says of my key does not count.
        keys[bare(self.who.worker)] = str(self.who.account.address)
        for c in papers.said:
            key = keys.get(bare(c.trainer))
            text = commitment_text(market.chain_id, market.escrow, c)
            if key is None or not signed_by(key, text, c.signature):
                return f"what is told of {c.trainer} in round {c.round} is not signed by it"
        return ""

    def _not_mine(self, papers: EpochPapers) -> str:
        me = bare(self.who.worker)
        for job in {bare(r.job) for r in papers.content.readings}:
            told = [c for c in papers.said if bare(c.job_id) == job and bare(c.trainer) == me]
            if why := told_otherwise(told, self.claims.of(job)):
                return why
        return ""

    def _late_start(self, papers: EpochPapers) -> str:
        """Whether credit is claimed against a baseline that may have come when the work had begun."""
        me = bare(self.who.worker)
        for claim in papers.content.claims:
            began = self.claims.began(claim.job) if bare(claim.node) == me else None
            if began is not None and claim.started > began + CLOCKS_APART_SECONDS:
                return f"I worked on job {claim.job} before it is said to have started"
        return ""

    def _wrong_members(self, task: CheckpointTask) -> str:
        if members_hash(task.members, keccak) != task.terms.members_hash:
            return "the members are not those that the checkpoint names"
        if task.members != in_order(task.members) or len({bare(m.key) for m in task.members}) != len(
            task.members
        ):
            return "the members are not in the order of their keys"
        if bare(str(self.who.account.address)) not in {bare(m.key) for m in task.members}:
            return "I am staked, and not among the members"
        return self._other_stake(task)

    def _other_stake(self, task: CheckpointTask) -> str:
        if self.stakes is None:
            return ""
        try:
            block_hash, members = self.stakes(task.terms.market_block)
        except NodeError as error:
            return f"the market chain could not be read: {error.message}"
        if bare(block_hash) != bare(task.terms.market_hash):
            return f"the market chain has another block {task.terms.market_block}"
        if [(bare(m.key), m.weight) for m in members] != [(bare(m.key), m.weight) for m in task.members]:
            return f"the members are not those who had staked in block {task.terms.market_block}"
        return ""
