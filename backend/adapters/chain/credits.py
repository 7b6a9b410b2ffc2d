"""Eco Credits on the carbon chain, through web3: baselines, issuing, retiring, and what has become of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from eth_account.signers.local import LocalAccount
from eth_typing import HexStr
from eth_utils.crypto import keccak
from web3 import Web3
from web3.exceptions import TransactionNotFound

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.contract_events import SPAN_BLOCKS, ContractEvents
from backend.adapters.chain.deployments import parse_network
from backend.adapters.chain.past import newest_tx
from backend.adapters.chain.sender import Sender
from backend.domain.credit_effects import FixBaseline, IssueCredits
from backend.domain.credits import Certificate, Holding, zone_and_vintage
from backend.energy.credits import CreditBatch, ProvenClaim, batch
from backend.errors import Conflict, NotFound, NotYet
from backend.ports import ChainEvent
from fl_nodes.protocol.ledger_epoch import EpochContent
from fl_nodes.protocol.reading import KINDS, LedgerReading
from fl_nodes.protocol.signing import bytes32
from fl_nodes.protocol.words import text_word

CONTRACT, LEDGER = "CarbonCredit", "EnergyLedger"
CLAIMS_AT_ONCE = 50
"""About 80 000 gas each."""
VOID = 3
CHALLENGED = 1
CHALLENGED_WAIT_S = 60.0

Contents = Callable[[int], EpochContent]
"""What a sealed epoch holds, by its number; NotFound, Recoverable."""


class Web3Credits:
    """The operator's side: fixing and issuing. `contents` says what epochs hold."""

    def __init__(self, connection: Connection, contents: Contents) -> None:
        self._connection = connection
        self._contract = connection.contract(CONTRACT)
        self._ledger = connection.contract(LEDGER)
        self._contents = contents

    def fix(self, effect: FixBaseline, sender: Sender) -> str:
        """Fix a job's baseline unless it is fixed; the transaction's hash."""
        job, fixed = bytes32(effect.job_id), effect.baseline

        def done() -> str | None:
            if not self._contract.functions.baselineOf(job).call().fixedAt:
                return None
            return self._past("BaselineFixed", job=job)

        words = (
            *(fixed.millijoules, fixed.micrograms, 0, fixed.node_rounds, fixed.hour_millijoules),
            bytes32(fixed.decision),
        )
        with self._connection.use():
            return sender.send(self._contract.functions.fixBaseline(job, words), done)

    def issue(self, effect: IssueCredits, sender: Sender) -> str:
        """Issue what the epoch claims for the job and was not issued yet; the last transaction's hash.

        What would go beyond a node's hour lapses. NotYet while the epoch's window is open or a challenge undecided, Conflict
        `credits.void` where the epoch was struck out, `credits.no_papers` where what it holds is lost.
        """
        with self._connection.use():
            due = batch(self._content(effect.epoch), effect.job_id, keccak)
            if due is None:
                return ""
            self._require_final(effect.epoch)
            left = self._left(due)
            tx = ""
            for first in range(0, len(left), CLAIMS_AT_ONCE):
                tx = self._send(due, left[first : first + CLAIMS_AT_ONCE], sender)
        return tx or self._past("CreditIssued", job=bytes32(effect.job_id))

    def _send(self, due: CreditBatch, part: Sequence[ProvenClaim], sender: Sender) -> str:
        def done() -> str | None:
            # All of a part is issued by one transaction, whoever sent it.
            return (
                None
                if not self._is_issued(part[0])
                else self._past("CreditIssued", job=bytes32(due.summary.job))
            )

        s = due.summary
        summary = (bytes32(s.job), s.readings, s.millijoules, s.micrograms, bytes32(s.commitment))
        call = self._contract.functions.issue(
            due.epoch, summary, list(due.job_proof), [claim_words(c) for c in part]
        )
        return sender.send(call, done)

    def _content(self, epoch: int) -> EpochContent:
        try:
            return self._contents(epoch)
        except NotFound as error:
            raise Conflict(
                "credits.no_papers", f"What epoch {epoch} of the energy ledger holds is not kept here."
            ) from error

    def _require_final(self, epoch: int) -> None:
        functions = self._ledger.functions
        if functions.isFinal(epoch).call():
            return
        standing = functions.standing(epoch).call()
        if standing == VOID:
            raise Conflict(
                "credits.void", f"Epoch {epoch} of the energy ledger was struck out: it credits nobody."
            )
        if standing == CHALLENGED:
            why = f"Epoch {epoch} of the energy ledger is challenged."
            raise NotYet("credits.challenged", why, CHALLENGED_WAIT_S)
        raise NotYet("credits.window", f"Epoch {epoch} of the energy ledger may still be challenged.", 1.0)

    def _left(self, due: CreditBatch) -> list[ProvenClaim]:
        """Claims not issued yet that fit into what is left of their node's hour."""
        limit = self._contract.functions.baselineOf(bytes32(due.summary.job)).call()
        spent: dict[tuple[str, int], int] = {}
        left = []
        for proven in due.claims:
            if self._is_issued(proven):
                continue
            node, hour = Web3.to_checksum_address(proven.claim.node), proven.claim.hour
            if (node, hour) not in spent:
                spent[node, hour] = self._contract.functions.creditedMillijoules(node, hour).call()
            spent[node, hour] += limit.millijoules
            if spent[node, hour] <= limit.hourMillijoules:
                left.append(proven)
        return left

    def _is_issued(self, proven: ProvenClaim) -> bool:
        return bool(self._contract.functions.isIssued(proven.claim.serial(keccak)).call())

    def _past(self, event: str, **where: Any) -> str:
        first_block = self._connection.network[CONTRACT].block
        return newest_tx(self._connection, self._contract.events[event](), first_block, where)


class CreditReader:
    """`ports.Credits`, and one's own retirement."""

    def __init__(self, connection: Connection, confirmations: int = 1) -> None:
        self._connection = connection
        self._contract = connection.contract(CONTRACT)
        self._confirmations = confirmations
        self._events = ContractEvents(connection, CONTRACT, confirmations)

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable `chain.behind` where there is no such block."""
        return self._connection.block_hash(block)

    def stands(self, tx: str) -> bool:
        """Whether the chain holds a transaction, now."""
        with self._connection.use() as web3:
            try:
                web3.eth.get_transaction_receipt(HexStr(tx))
            except TransactionNotFound:
                return False
        return True

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Confirmed events from `from_block` on, in order, and the next block to ask for: `from_block` itself when there is
        nothing new."""
        return self._events.since(from_block)

    def holdings(self, account: str) -> tuple[Holding, ...]:
        """What an account holds, by month and zone, with what it was issued; empty for whoever never had any."""
        owner = Web3.to_checksum_address(account)
        received = self._logs("TransferSingle", to=owner) + self._logs("TransferBatch", to=owner)
        ids = {i for event in received for i in event["args"].get("ids", [event["args"].get("id")])}
        issued: dict[int, int] = {}
        for event in self._logs("CreditIssued", node=owner):
            issued[event["args"]["id"]] = issued.get(event["args"]["id"], 0) + event["args"]["amount"]
        with self._connection.use():
            return tuple(
                Holding(
                    *zone_and_vintage(i),
                    hex(i),
                    self._contract.functions.balanceOf(owner, i).call(),
                    issued.get(i, 0),
                )
                for i in sorted(ids)
            )

    def certificates(self, account: str | None = None) -> tuple[Certificate, ...]:
        """What was retired, by an account or by all, oldest first."""
        where = {"holder": Web3.to_checksum_address(account)} if account else {}
        return tuple(self._certificate(event) for event in self._logs("CreditRetired", **where))

    def certificate(self, number: int) -> Certificate:
        """One retirement; NotFound `credits.no_certificate`."""
        found = self._logs("CreditRetired", certificate=number)
        if not found:
            raise NotFound("credits.no_certificate", f"There is no certificate {number}.")
        return self._certificate(found[0])

    def retire(
        self, token: int, micrograms: int, beneficiary: str, reason: str, account: LocalAccount
    ) -> Certificate:
        """Use up an account's credits for ever; Conflict `chain.rejected` where it holds less. Not idempotent: to retire
        twice leaves two certificates.
        """
        call = self._contract.functions.retire(token, micrograms, beneficiary, reason)
        tx = Sender(self._connection, account, replaces=False).send(call, lambda: None)
        return next(c for c in reversed(self.certificates(account.address)) if c.tx == tx)

    def _certificate(self, event: Any) -> Certificate:
        said = event["args"]
        with self._connection.use():
            kept = self._contract.functions.certificate(said["certificate"]).call()
        zone, vintage = zone_and_vintage(said["id"])
        return Certificate(
            number=int(said["certificate"]),
            holder=str(said["holder"]),
            retired_at=int(kept.retiredAt),
            zone=zone,
            vintage=vintage,
            id=hex(said["id"]),
            micrograms=int(said["amount"]),
            beneficiary=str(said["beneficiary"]),
            reason=str(said["reason"]),
            tx=Web3.to_hex(event["transactionHash"]),
        )

    def _logs(self, kind: str, **where: Any) -> list[Any]:
        found: list[Any] = []
        with self._connection.use() as web3:
            last = int(web3.eth.block_number)
            for first in range(self._connection.network[CONTRACT].block, last + 1, SPAN_BLOCKS):
                found += self._contract.events[kind]().get_logs(
                    argument_filters=where, from_block=first, to_block=min(first + SPAN_BLOCKS - 1, last)
                )
        return found


def credits_on(deployment: Mapping[str, Any]) -> CreditReader:
    """Those of a carbon chain's entry, as GET /api/config has it; Unrecoverable `deployments.incomplete`."""
    network = parse_network("carbon", deployment, (CONTRACT,))
    return CreditReader(Connection(network, network.rpc_url))


def claim_words(proven: ProvenClaim) -> tuple[Any, ...]:
    """A claim as the contract takes it."""
    claim = proven.claim
    amounts = claim.started, claim.uncertainty_ug, claim.chain_ug, claim.excess_ug
    return (_reading_words(proven.reading), *amounts, list(proven.reading_proof), list(proven.claim_proof))


def _reading_words(reading: LedgerReading) -> tuple[Any, ...]:
    job, number, node, *rest, kind, band, zone, intensity = astuple(reading)
    return (
        bytes32(job),
        number,
        Web3.to_checksum_address(node),
        *rest,
        KINDS.index(kind),
        band,
        text_word(zone),
        intensity,
    )
