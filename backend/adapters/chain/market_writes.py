"""Every effect on the market chain, carried out exactly once: is it done, may it be done yet, do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eth_typing import HexStr
from web3 import Web3

from backend.adapters.chain.assignment import Assignment
from backend.adapters.chain.connection import Connection, block_time
from backend.adapters.chain.crew import crew_of
from backend.adapters.chain.past import newest_tx
from backend.adapters.chain.sender import Sender
from backend.domain import effects as fx
from backend.domain import job as words
from backend.domain.effects import Effect
from backend.domain.ticket import Ticket, VerdictRecord
from backend.errors import Conflict, NotYet, Recoverable, Unrecoverable
from fl_nodes.protocol.signing import bytes32

NAMED, CONTESTED, SLASHED = 1, 2, 4


class MarketWrites:
    """What the operator's account does to escrow and staking."""

    def __init__(self, connection: Connection, sender: Sender) -> None:
        self._connection = connection
        self._sender = sender
        self._escrow = connection.contract("JobEscrow")
        self._staking = connection.contract("NodeStaking")
        self._assignment = Assignment(connection, sender)

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """As `ports.MarketChain.carry_out`; NotYet says in how many seconds. Where it was done before, the hash of the
        transaction that did it, "" when that is not known or nothing was to be done."""
        actions: dict[type, Callable[[Any, Ticket], str]] = {
            fx.Assign: lambda assign, _: self._assignment.assign(assign),
            fx.RecordRound: self._record_round,
            fx.Settle: self._settle,
            fx.Fail: self._fail,
            fx.Cancel: self._cancel,
            fx.Reclaim: self._reclaim,
            fx.Release: self._release,
            fx.FinalizeSlash: self._finalize_slash,
            fx.PayOut: self._pay_out,
            fx.PayOutDeposit: self._pay_out_deposit,
        }
        if type(effect) not in actions:
            raise Unrecoverable(
                "chain.not_ours", f"{type(effect).__name__} is no effect of the market chain."
            )
        with self._connection.use():
            try:
                return actions[type(effect)](effect, ticket)
            except (TypeError, ValueError) as error:
                sentence = f"What ticket {ticket.id} holds cannot be put into a transaction: {error}."
                raise Conflict("chain.malformed", sentence) from error

    def _record_round(self, effect: fx.RecordRound, _: Ticket) -> str:
        job = bytes32(effect.job_id)

        def done() -> str | None:
            record = self._escrow.functions.job(job).call()
            if record.nextRound <= effect.round:
                return None
            return self._find("RoundRecorded", {"jobId": job}, record.openedBlock, round=effect.round)

        return self._sender.send(
            self._escrow.functions.recordRound(job, effect.round, bytes32(effect.root)), done
        )

    def _settle(self, effect: fx.Settle, ticket: Ticket) -> str:
        verdict = _verdict(ticket)
        job = bytes32(effect.job_id)
        said = (
            job,
            bytes32(verdict.result_sha256),
            bytes32(verdict.evidence_hash),
            [Web3.to_checksum_address(p) for p in verdict.payees],
            [int(amount) for amount in verdict.amounts_wei],
            [bytes32(word) for word in verdict.scores],
        )
        crew = crew_of(self._connection, self._escrow, job)
        call = self._escrow.functions.settle(said, crew.judges, _signatures(verdict))
        return self._sender.send(call, lambda: self._done(effect.job_id, words.SETTLED, "JobSettled"))

    def _fail(self, effect: fx.Fail, ticket: Ticket) -> str:
        verdict = _verdict(ticket)
        job = bytes32(effect.job_id)
        culprits = [Web3.to_checksum_address(c) for c in verdict.culprits]
        said = (job, bytes32(verdict.evidence_hash), culprits)
        crew = crew_of(self._connection, self._escrow, job)
        call = self._escrow.functions.fail(said, crew.trainers, crew.judges, _signatures(verdict))
        return self._sender.send(call, lambda: self._done(effect.job_id, words.FAILED, "JobFailed"))

    def _cancel(self, effect: fx.Cancel, ticket: Ticket) -> str:
        try:
            call = self._escrow.functions.cancel(bytes32(effect.job_id))
            return self._sender.send(call, lambda: self._done(effect.job_id, words.CANCELLED, "JobCancelled"))
        except Conflict:
            if self._status(effect.job_id) not in (words.ASSIGNED, words.RECLAIMED):
                raise
            # Its validators were drawn before it could be cancelled: the fee is free again only after the deadline.
            return self._reclaim(fx.Reclaim(effect.ticket_id, effect.job_id), ticket)

    def _reclaim(self, effect: fx.Reclaim, _: Ticket) -> str:
        record = self._escrow.functions.job(bytes32(effect.job_id)).call()
        if words.STATUSES[record.status] in words.HOLDING:
            self._wait_until(record.deadline, "The deadline of the job has not been reached on chain.")
        call = self._escrow.functions.reclaim(bytes32(effect.job_id))
        return self._sender.send(call, lambda: self._done(effect.job_id, words.RECLAIMED, "JobReclaimed"))

    def _release(self, effect: fx.Release, _: Ticket) -> str:
        self._require_ended(effect.job_id)
        return self._assignment.release(effect)

    def _finalize_slash(self, effect: fx.FinalizeSlash, _: Ticket) -> str:
        job = bytes32(effect.job_id)
        self._require_ended(effect.job_id)
        waiting = {NAMED, CONTESTED} if effect.after_silence else {NAMED}

        def done() -> str | None:
            accused = self._escrow.functions.culprits(job).call()
            states = [self._escrow.functions.accusation(job, culprit).call() for culprit in accused]
            if waiting & set(states):
                return None
            opened = self._escrow.functions.job(job).call().openedBlock
            if SLASHED in states:
                return self._find("SlashFinalized", {"jobId": job}, opened)
            return self._find("SlashLapsed", {"jobId": job}, opened) if effect.after_silence else ""

        found = done()
        if found is not None:
            return found
        ready_at = self._escrow.functions.slashReadyAt(job).call()
        if effect.after_silence:
            ready_at += self._escrow.functions.ARBITRATION_TIMEOUT().call()
            self._wait_until(ready_at, "The arbiter may still decide.")
        else:
            self._wait_until(ready_at, "The accused may still contest.")
        return self._sender.send(self._escrow.functions.finalizeSlash(job), done)

    def _pay_out(self, effect: fx.PayOut, ticket: Ticket) -> str:
        account = Web3.to_checksum_address(effect.account)
        self._require_ended(ticket.job_id)

        def done() -> str | None:
            reclaimed = self._done(ticket.job_id, words.RECLAIMED, "JobReclaimed")
            if reclaimed is not None:
                return reclaimed
            if self._escrow.functions.credit(account).call() > 0:
                return None
            opened = self._escrow.functions.job(bytes32(ticket.job_id)).call().openedBlock
            return self._find("Withdrawn", {"account": account}, opened)

        return self._sender.send(self._escrow.functions.withdrawFor(account), done)

    def _pay_out_deposit(self, effect: fx.PayOutDeposit, ticket: Ticket) -> str:
        account = Web3.to_checksum_address(effect.account)
        culprit = Web3.to_checksum_address(effect.culprit)
        if self._escrow.functions.accusation(bytes32(ticket.job_id), culprit).call() != SLASHED:
            raise _behind(f"the slash of {culprit}")

        def done() -> str | None:
            if self._staking.functions.credit(account).call() > 0:
                return None
            opened = self._escrow.functions.job(bytes32(ticket.job_id)).call().openedBlock
            return self._find("CreditWithdrawn", {"account": account}, opened, contract=self._staking)

        return self._sender.send(self._staking.functions.withdrawCreditFor(account), done)

    # --- what they share -----------------------------------------------------------------------------------

    def _status(self, job_id: str) -> str:
        return words.STATUSES[self._escrow.functions.job(bytes32(job_id)).call().status]

    def _require_ended(self, job_id: str) -> None:
        """What follows a job's end is decided when its event was seen: who says that it still runs is behind, or the chain has
        taken the end back, and it comes again."""
        if self._status(job_id) not in words.ENDED:
            raise _behind(f"the end of job {job_id}")

    def _done(self, job_id: str, status: str, event: str) -> str | None:
        record = self._escrow.functions.job(bytes32(job_id)).call()
        if words.STATUSES[record.status] != status:
            return None
        return self._find(event, {"jobId": bytes32(job_id)}, record.openedBlock)

    def _find(
        self, event: str, where: dict[str, Any], first_block: int, contract: Any = None, **exactly: Any
    ) -> str:
        kind = (contract or self._escrow).events[event]()
        since = first_block or self._connection.network.first_block
        return newest_tx(self._connection, kind, since, where, **exactly)

    def _wait_until(self, at: int, sentence: str) -> None:
        with self._connection.use() as web3:
            left = at - block_time(web3, "latest")
        # The next block is later than the newest one, so a second too early is not too early.
        if left > 1:
            raise NotYet("chain.not_yet", sentence, float(left))


def _behind(what: str) -> Recoverable:
    return Recoverable("chain.behind", f"The market chain does not know {what} yet, or no more.")


def _verdict(ticket: Ticket) -> VerdictRecord:
    if ticket.verdict is None:
        raise Conflict("chain.no_verdict", f"Ticket {ticket.id} is to end by a verdict but holds none.")
    return ticket.verdict


def _signatures(verdict: VerdictRecord) -> list[bytes]:
    return [Web3.to_bytes(hexstr=HexStr(s)) for s in verdict.signatures]
