"""Audits the energy ledger: what it is to be, derived again from its events, the market chain's stake and the epochs' papers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eth_utils.crypto import keccak

from backend.domain.stake import Stakes
from backend.ports import Signatures
from backend.verification.job_energy import adds_up
from backend.verification.ledger_history import CheckpointRecord, EpochRecord, LedgerHistory
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.ledger_epoch import (
    GENESIS,
    CheckpointTerms,
    Member,
    bare,
    checkpoint_document,
    epoch_document,
    is_quorum,
    members_hash,
    objection,
    race,
)
from fl_nodes.protocol.ledger_tasks import EpochPapers, misstated

StakesOf = Callable[[int], Stakes | None]
"""The market chain's stake at a block; None where it cannot be had."""


def audit(
    history: LedgerHistory,
    checked_by: Signatures,
    stakes: StakesOf,
    papers: Mapping[int, EpochPapers],
) -> tuple[Finding, ...]:
    """Every promise about the ledger, and whether it holds. `papers` by epoch, as far as they were handed over."""
    return (
        _chain(history),
        _sums(history),
        _quorums(history, checked_by),
        _proposers(history, checked_by),
        _succession(history, checked_by),
        _stake(history, stakes),
        _readings(history, papers),
    )


def _chain(history: LedgerHistory) -> Finding:
    """Each epoch names the hash of the one before."""
    problems, before = [], GENESIS
    for place, epoch in enumerate(history.epochs):
        terms, found = epoch.sealed.terms, epoch.sealed.hash(keccak)
        if terms.index != place:
            problems.append(f"Epoch {terms.index} stands in place {place}.")
        if terms.prev_hash != before:
            problems.append(f"Epoch {place} names {terms.prev_hash} as the one before, which is {before}.")
        if found != epoch.said_hash:
            problems.append(f"The hash of epoch {place} is {found}, not {epoch.said_hash}.")
        before = found
    fine = f"{len(history.epochs)} epochs are one chain of hashes; its head is {before}."
    return judged("chain", problems, fine, "The events given are not the ledger's, or some are missing.")


def _sums(history: LedgerHistory) -> Finding:
    """What is told of an epoch follows from its jobs, each of which is in the ledger once."""
    problems: list[str] = []
    seen: dict[str, int] = {}
    for epoch in history.epochs:
        terms, jobs = epoch.sealed.terms, epoch.jobs
        if not adds_up(terms, jobs):
            problems.append(f"The jobs of epoch {terms.index} do not add up to it.")
        for job in jobs:
            if bare(job.job) in seen:
                problems.append(f"Job {job.job} is in epochs {seen[bare(job.job)]} and {terms.index}.")
            seen[bare(job.job)] = terms.index
    readings = sum(epoch.sealed.terms.readings for epoch in history.epochs)
    fine = f"{readings} readings of {len(seen)} jobs add up, each job once."
    return judged("sums", problems, fine, "The contract would refuse this: these are not its events.")


def _quorums(history: LedgerHistory, checked_by: Signatures) -> Finding:
    """Two thirds of the checkpoint's weight signed each epoch."""
    problems = [
        f"The signers of epoch {epoch.sealed.terms.index} hold less than two thirds of its checkpoint's weight."
        for epoch in history.epochs
        if not is_quorum(_signers(history, epoch, checked_by), _members(history, epoch))
    ]
    fine = f"Two thirds of the stake or more signed each of {len(history.epochs)} epochs."
    return judged("quorum", problems, fine, "What these epochs say does not count.")


def _proposers(history: LedgerHistory, checked_by: Signatures) -> Finding:
    """The proposer is the first in the race who signed, of those whose turn it was."""
    problems = []
    for epoch in history.epochs:
        terms, members = epoch.sealed.terms, _members(history, epoch)
        waited = epoch.sealed.sealed_at - epoch.called_at if epoch.called_at else 0
        drawn = race(terms.prev_hash, terms.index, members, waited // history.proposer_seconds + 1, keccak)
        signers = {bare(key) for key in _signers(history, epoch, checked_by)}
        due = next((key for key in drawn if bare(key) in signers), None)
        if due is None or bare(due) != bare(epoch.sealed.proposer):
            problems.append(
                f"Epoch {terms.index} was proposed by {epoch.sealed.proposer}; the race names {due}."
            )
    return judged(
        "proposer",
        problems,
        "Each epoch's proposer is the one that the race names.",
        "Somebody chose instead.",
    )


def _succession(history: LedgerHistory, checked_by: Signatures) -> Finding:
    """Each checkpoint but the first was signed by two thirds of the one before."""
    problems, anchored = [], []
    for place, checkpoint in enumerate(history.checkpoints):
        if checkpoint.anchored:
            anchored.append(checkpoint.id)
            continue
        before = history.checkpoints[place - 1].members if place else ()
        said = members_hash(checkpoint.members, keccak)
        terms = CheckpointTerms(checkpoint.id, checkpoint.market_block, checkpoint.market_hash, said)
        document = checkpoint_document(history.chain_id, history.ledger, terms)
        if not is_quorum(_recovered(document, checkpoint.signatures, checked_by), before):
            problems.append(f"Checkpoint {checkpoint.id} was not signed by two thirds of the one before.")
    named = f" The keeper named {', '.join(map(str, anchored))}." if anchored else ""
    fine = f"{len(history.checkpoints)} checkpoints follow from one another.{named}"
    return judged(
        "succession", problems, fine, "Somebody else than those who held the stake chose the signers."
    )


def _stake(history: LedgerHistory, stakes: StakesOf) -> Finding:
    """Each checkpoint is the stake that the market chain had at its block."""
    problems, found = [], 0
    for checkpoint in history.checkpoints:
        there = stakes(checkpoint.market_block)
        if there is None:
            continue
        found += 1
        problems += _other_stake(checkpoint, there)
    if found < len(history.checkpoints):
        missing = len(history.checkpoints) - found
        if not problems:
            why = f"{missing} of {len(history.checkpoints)} checkpoints' blocks cannot be read."
            return unchecked(
                "stake", why, "Name a node of the market chain that keeps old states with --rpc."
            )
    fine = f"{found} checkpoints are what the market chain had staked at their blocks."
    return judged(
        "stake", problems, fine, "The signers of the epochs under it are not those who hold the stake."
    )


def _other_stake(checkpoint: CheckpointRecord, there: Stakes) -> list[str]:
    if bare(there.block_hash) != bare(checkpoint.market_hash):
        return [
            f"Checkpoint {checkpoint.id} names another block {checkpoint.market_block} than the market chain's."
        ]
    wanted = [(bare(m.key), m.weight) for m in there.members]
    if [(bare(m.key), m.weight) for m in checkpoint.members] != wanted:
        return [f"The members of checkpoint {checkpoint.id} are not those who had staked then."]
    return []


def _readings(history: LedgerHistory, papers: Mapping[int, EpochPapers]) -> Finding:
    """An epoch's roots are those of its published readings, which say what the nodes signed."""
    problems: list[str] = []
    for epoch in history.epochs:
        terms = epoch.sealed.terms
        of = papers.get(terms.index)
        if of is None:
            continue
        try:
            follows = of.content.terms(keccak) == terms
        except ValueError:
            follows = False
        if not follows:
            problems.append(f"The papers of epoch {terms.index} are not those that were sealed.")
        elif why := objection(of.content, keccak) or misstated(of.content, of.said):
            problems.append(f"Epoch {terms.index}: {why}.")
    if not papers:
        return unchecked("readings", "No epoch's papers were handed over.", "Name an API with --api.")
    fine = f"The papers of {len(papers)} epochs are those that were sealed, and say what the nodes said."
    return judged("readings", problems, fine, "Do not rely on what is proven by these papers.")


def _members(history: LedgerHistory, epoch: EpochRecord) -> tuple[Member, ...]:
    place = epoch.sealed.terms.checkpoint
    return history.checkpoints[place].members if place < len(history.checkpoints) else ()


def _signers(history: LedgerHistory, epoch: EpochRecord, checked_by: Signatures) -> list[str]:
    document = epoch_document(history.chain_id, history.ledger, epoch.sealed.terms)
    return _recovered(document, epoch.signatures, checked_by)


def _recovered(document: dict[str, Any], signatures: tuple[str, ...], checked_by: Signatures) -> list[str]:
    found = [checked_by.typed_signer(document, signature) for signature in signatures]
    return [signer for signer in found if signer is not None]
