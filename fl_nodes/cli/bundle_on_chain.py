"""Whether a bundle's keys and verdict are those that the market chain knows."""

from __future__ import annotations

from fl_nodes.cli.market import Market
from fl_nodes.errors import NodeError
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.signing import bytes32
from fl_nodes.work.bundle_file import Bundle

_MEANING = "These are not the market's nodes, or not its verdict: whatever they signed does not count there."


def unasked() -> Finding:
    """Nobody named a chain."""
    return unchecked(
        "chain",
        "No chain was asked: whose keys these are, and whether this verdict was given, is the bundle's word alone.",
        "Name a chain with --rpc and --deployments, or an API with --api.",
    )


def on_chain(read: Bundle, market: Market) -> Finding:
    """Crew, keys, verdict and accusation as the escrow's and the staking's events have them; NodeError where none answers."""
    task, culprit = read.verdict, read.claim.culprit
    if (task.chain_id, task.escrow.lower()) != (market.chain_id, market.escrow_address.lower()):
        there = f"chain {market.chain_id} and escrow {market.escrow_address}"
        return judged(
            "chain",
            [f"The bundle is about chain {task.chain_id} and escrow {task.escrow}, not {there}."],
            "",
            _MEANING,
        )
    job = bytes32(task.job_id)
    assigned = next(market.escrow_events("JobAssigned", jobId=job), None)
    failed = next(market.escrow_events("JobFailed", jobId=job), None)
    drawn_at = market.assigned_block(job)
    if assigned is None or drawn_at is None:
        return judged("chain", [f"The escrow never assigned job {task.job_id}."], "", _MEANING)
    problems = []
    keys = dict(zip(assigned["validators"], assigned["validatorKeys"], strict=True))
    if keys != task.validator_keys:
        problems.append(f"The validators drawn, with their keys, are {keys}, not {task.validator_keys}.")
    if list(task.trainers) != list(assigned["trainers"]):
        problems.append(f"The trainers assigned are {assigned['trainers']}, not {list(task.trainers)}.")
    for trainer, key in sorted(task.trainer_keys.items()):
        registered = [k for block, k in market.registered_keys(trainer) if block <= drawn_at]
        if not registered or registered[-1] != key:
            problems.append(f"{trainer} was registered with key {registered[-1:] or 'none'}, not {key}.")
    if failed is None:
        problems.append("No verdict has failed this job yet.")
    elif "0x" + bytes(failed["evidenceHash"]).hex() != "0x" + read.manifest.evidence_hash:
        problems.append(f"The verdict's evidence hash is 0x{bytes(failed['evidenceHash']).hex()} on chain.")
    elif culprit not in failed["culprits"]:
        problems.append(f"The verdict on chain accuses {failed['culprits']}, not {culprit}.")
    state, _ = market.accusation(job, culprit)
    fine = f"Crew, keys and verdict of job {task.job_id} are the chain's; the accusation of {culprit} is {state}."
    return judged("chain", problems, fine, _MEANING)


def asked(read: Bundle, market: Market) -> Finding:
    """As `on_chain`; a chain that does not answer leaves the question open."""
    try:
        return on_chain(read, market)
    except NodeError as error:
        return unchecked("chain", error.message, "Name another chain with --rpc.")
    except ValueError as error:
        return judged("chain", [f"The bundle names no job: {error}."], "", _MEANING)
