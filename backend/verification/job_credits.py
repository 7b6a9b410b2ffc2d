"""Audits that nobody of a job withdrew anything but what the escrow and the slashes had credited to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from backend.ports import ChainEvent
from backend.verification.job_history import JobHistory
from backend.verification.job_verdict import NOT_ENDED
from fl_nodes.protocol.finding import Finding, judged, unchecked


@dataclass(frozen=True)
class Move:
    """Wei credited to an account, or withdrawn by it."""

    account: str
    wei: int
    event: ChainEvent
    withdrawn: bool = False


def credits_add_up(history: JobHistory) -> Finding:
    """Every withdrawal by an account of this job is exactly what it had been credited and not yet withdrawn, and was sent."""
    if history.end is None:
        return unchecked("credits", NOT_ENDED)
    dml, native = dml_moves(history), native_moves(history)
    own = [m for m in dml if m.event.args.get("jobId") == history.job_id]
    accounts = {m.account for m in own} | {
        b for e in history.named("SlashFinalized") for b in e.args["honest"]
    }
    problems = []
    for account in sorted(accounts - {""}):
        problems += _overdrawn(account, dml, "DML") + _overdrawn(account, native, "native")
        problems += _unsent(history, account, dml)
    out = sum(m.wei for m in dml if m.withdrawn and m.account in accounts)
    fine = (
        f"{len(accounts)} accounts were credited {sum(m.wei for m in own)} wei by this job. What they have withdrawn, of this and "
        f"other jobs, {out} wei, is what they were owed, and was sent to themselves."
    )
    meaning = "Money left the escrow that no verdict had credited: stop using this escrow and tell everyone."
    return judged("credits", problems, fine, meaning)


def dml_moves(history: JobHistory) -> list[Move]:
    """What the escrow credited and paid out, of all jobs, in order; credits follow from how each job ended."""
    customers = {e.args["jobId"]: e.args["customer"] for e in history.events if e.name == "JobOpened"}
    moves: list[Move] = []
    for event in history.events:
        said = event.args
        if event.contract != "JobEscrow":
            continue
        if event.name in ("JobSettled", "JobSettledByRoot"):
            moves.append(Move(history.treasury, said["commission"], event))
        if event.name == "JobSettled":
            moves += [Move(p, wei, event) for p, wei in zip(said["payees"], said["amounts"], strict=False)]
        elif event.name == "PayoutClaimed":
            moves.append(Move(said["payee"], said["amount"], event))
        elif event.name == "UnclaimedReturned":
            moves.append(Move(said["customer"], said["amount"], event))
        elif event.name in ("JobFailed", "JobCancelled"):
            moves.append(Move(customers.get(said["jobId"], ""), said["refund"], event))
        elif event.name == "Withdrawn":
            moves.append(Move(said["account"], said["amount"], event, withdrawn=True))
    return moves


def native_moves(history: JobHistory) -> list[Move]:
    """The same of slashed deposits, in the chain's native coin."""
    moves: list[Move] = []
    for event in history.events:
        said = event.args
        if event.contract != "NodeStaking":
            continue
        if event.name == "NodeSlashed":
            moves += [
                Move(b, wei, event) for b, wei in zip(said["beneficiaries"], said["shares"], strict=False)
            ]
        elif event.name == "CreditWithdrawn":
            moves.append(Move(said["account"], said["amount"], event, withdrawn=True))
    return moves


def _overdrawn(account: str, moves: list[Move], coin: str) -> list[str]:
    owed, problems = 0, []
    for move in moves:
        if move.account != account:
            continue
        if not move.withdrawn:
            owed += move.wei
            continue
        if move.wei != owed:
            problems.append(
                f"{account} withdrew {move.wei} wei ({coin}) in block {move.event.block}, where it was owed {owed}."
            )
        owed = 0
    return problems


def _unsent(history: JobHistory, account: str, moves: list[Move]) -> list[str]:
    problems = []
    withdrawals = {m.event.tx: m.event for m in moves if m.withdrawn and m.account == account}
    for tx, event in withdrawals.items():
        said = Counter(
            e.args["amount"]
            for e in history.with_it(event, "JobEscrow", "Withdrawn")
            if e.args["account"] == account
        )
        sent = Counter(
            e.args["value"]
            for e in history.with_it(event, "DMLToken", "Transfer")
            if (e.args["from"], e.args["to"]) == (history.escrow, account)
        )
        if not said <= sent:
            problems.append(
                f"Transaction {tx} says that {account} withdrew {sorted(said.elements())} wei, and sent "
                f"{sorted(sent.elements())}."
            )
    return problems
