"""Audits who works on a job: the operator's choice of trainers, and the draw of the validators."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from eth_utils.crypto import keccak

from backend.domain import job as words
from backend.ports import ChainEvent
from backend.verification.job_history import JobHistory
from backend.verification.stakes import TRAINER, VALIDATOR, rebuild, weights
from fl_nodes.protocol import sortition
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.signing import bytes32

MAX_TRAINERS = 512
VALIDATORS_PER_JOB = 3
MIN_VALIDATORS = 2
BLOCK_HASHES = 256
"""How many blocks back a contract can see a hash."""


def trainers(history: JobHistory) -> Finding:
    """Ascending, available when they were chosen, and chosen before anyone could know the seed."""
    chosen = history.first("TrainersChosen")
    if chosen is None:
        return unchecked("trainers", "No trainers were chosen.")
    named: list[str] = chosen.args["trainers"]
    seed_block = chosen.args["seedBlock"]
    problems = []
    if not 0 < len(named) <= MAX_TRAINERS:
        problems.append(f"{len(named)} trainers were chosen; 1 to {MAX_TRAINERS} can be.")
    if tuple(named) != words.ascending(set(named)):
        problems.append("They are not in strictly ascending order.")
    stakes = rebuild(history.before(chosen))
    for trainer in named:
        stake = stakes.get(trainer)
        if stake is None:
            problems.append(f"{trainer} was never registered.")
        elif not stake.available(TRAINER):
            problems.append(
                f"{trainer} was not available: {stake.state}, {stake.frozen} accusations, roles {stake.roles}."
            )
    if seed_block <= chosen.block:
        problems.append(
            f"Their seed block {seed_block} existed when they were chosen in block {chosen.block}."
        )
    assigned = history.first("JobAssigned")
    if assigned is not None and assigned.args["trainers"] != named:
        problems.append(f"The job was assigned to {assigned.args['trainers']} instead of {named}.")
    fine = f"{len(named)} trainers, all available, chosen in block {chosen.block} before seed block {seed_block} existed."
    meaning = "The operator chose trainers that it must not or could steer the draw: do not trust this job's verdict."
    return judged("trainers", problems, fine, meaning)


def draw(history: JobHistory) -> Finding:
    """The validators are those that seed and stakes give, rebuilt from the staking events alone."""
    assigned = history.first("JobAssigned")
    seeds = history.named("TrainersChosen", "JobReseeded")
    if not seeds:
        return unchecked("draw", "No validators were drawn.")
    seed_block = seeds[-1].args["seedBlock"]
    if assigned is None:
        return unchecked("draw", f"Validators can be drawn after seed block {seed_block}, by anyone.")
    said = assigned.args
    problems = _needless_reseeds(history)
    if not seed_block < assigned.block <= seed_block + BLOCK_HASHES:
        problems.append(
            f"Drawn in block {assigned.block}, where the hash of block {seed_block} is out of reach."
        )
    block_hash = history.block_hashes.get(seed_block)
    if block_hash is None:
        problems.append(f"The chain has no seed block {seed_block}.")
        return _judged(problems, "")
    seed = sortition.draw_seed(bytes32(block_hash), bytes32(history.job_id), keccak)
    if said["seed"] != "0x" + seed.hex():
        problems.append(
            f"The seed {said['seed']} is not 0x{seed.hex()}, which follows from block {seed_block} ({block_hash})."
        )
    stakes = rebuild(history.before(assigned))
    weighed = weights(stakes, VALIDATOR, seed_block)
    barred = _barred(assigned, history.first("JobOpened"))
    due = list(sortition.draw(seed, weighed, barred, VALIDATORS_PER_JOB, keccak))
    if len(due) < MIN_VALIDATORS:
        problems.append(f"Only {len(due)} validators could be drawn; it takes {MIN_VALIDATORS}.")
    if said["validators"] != due:
        problems.append(f"The validators {said['validators']} are not those that the draw gives: {due}.")
    keys = [stakes[v].key for v in said["validators"] if v in stakes]
    if said["validatorKeys"] != keys:
        problems.append(
            f"The validators' keys {said['validatorKeys']} are not those they registered: {keys}."
        )
    reseeds = len(history.named("JobReseeded"))
    again = f"reseeded {reseeds} time{'' if reseeds == 1 else 's'}" if reseeds else "never reseeded"
    running = sum(1 for c in weighed if c not in barred)
    return _judged(
        problems,
        f"{', '.join(due)}: the draw from the hash of block {seed_block} among {running} candidates gives "
        f"these {len(due)}; {again}.",
    )


@dataclass(frozen=True)
class Candidate:
    """Somebody who could be drawn: deposit x rating in wei x basis points; barred are the customer and the job's own trainers."""

    provider: str
    weight: int
    barred: bool
    drawn: bool


def candidates(history: JobHistory) -> tuple[Candidate, ...]:
    """Who took part in the draw of the job's validators, the heaviest first; empty before it."""
    assigned, opened = history.first("JobAssigned"), history.first("JobOpened")
    seeds = history.named("TrainersChosen", "JobReseeded")
    if assigned is None or not seeds:
        return ()
    weighed = weights(rebuild(history.before(assigned)), VALIDATOR, seeds[-1].args["seedBlock"])
    barred = _barred(assigned, opened)
    found = [Candidate(p, w, p in barred, p in assigned.args["validators"]) for p, w in weighed.items()]
    return tuple(sorted(found, key=lambda c: (-c.weight, c.provider)))


def _barred(assigned: ChainEvent, opened: ChainEvent | None) -> set[str]:
    return {*assigned.args["trainers"], *([opened.args["customer"]] if opened else [])}


def _judged(problems: list[str], fine: str) -> Finding:
    meaning = "Somebody steered who judges this job, or the stakes read here are not the escrow's: do not trust its verdict."
    return judged("draw", problems, fine, meaning)


def _needless_reseeds(history: JobHistory) -> list[str]:
    """A seed may be passed over only when its hash is gone or too few had staked before it: else it could be chosen."""
    problems = []
    seeds = history.named("TrainersChosen", "JobReseeded")
    for earlier, later in pairwise(seeds):
        passed_over = earlier.args["seedBlock"]
        if later.args["seedBlock"] <= later.block:
            problems.append(f"The seed block {later.args['seedBlock']} existed when it was named.")
        if not _useless(history, passed_over, later):
            problems.append(
                f"Seed block {passed_over} was passed over in block {later.block} though it was good."
            )
    return problems


def _useless(history: JobHistory, seed_block: int, reseeded: ChainEvent) -> bool:
    if reseeded.block > seed_block + BLOCK_HASHES:
        return True
    able = weights(rebuild(history.before(reseeded)), VALIDATOR, seed_block)
    return reseeded.block > seed_block and sum(w > 0 for w in able.values()) < MIN_VALIDATORS
