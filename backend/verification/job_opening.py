"""Audits what a job began with, the order of its life, and its rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import pairwise

from backend.domain import job as words
from backend.ports import ChainEvent
from backend.verification.job_history import JobHistory, job_id_of
from fl_nodes.protocol.finding import Finding, judged, unchecked

AFTER: dict[str, dict[str, str]] = {
    words.NONE: {"JobOpened": words.OPEN},
    words.OPEN: {
        "TrainersChosen": words.DRAWING,
        "JobCancelled": words.CANCELLED,
        "JobReclaimed": words.RECLAIMED,
    },
    words.DRAWING: {
        "JobReseeded": words.DRAWING,
        "JobAssigned": words.ASSIGNED,
        "JobCancelled": words.CANCELLED,
        "JobReclaimed": words.RECLAIMED,
    },
    words.ASSIGNED: {
        "RoundRecorded": words.ASSIGNED,
        "JobSettled": words.SETTLED,
        "JobSettledByRoot": words.SETTLED,
        "JobFailed": words.FAILED,
        "JobReclaimed": words.RECLAIMED,
    },
}
"""Status -> event -> status: every step a job can take until it ends."""
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "JobReleased": ("JobSettledByRoot", "JobCancelled", "JobReclaimed"),
    "PayoutClaimed": ("JobSettledByRoot",),
    "UnclaimedReturned": ("JobSettledByRoot",),
    "Slash": ("JobFailed",),
}
"""Event -> the ends that it can come after."""


def contracts(history: JobHistory) -> Finding:
    """The staking contract obeys this escrow and no other."""
    named = [str(e.args["escrow"]) for e in history.events if e.name == "EscrowSet"]
    return judged(
        "contracts",
        []
        if named == [history.escrow]
        else [f"NodeStaking named {named} as its escrow, not {history.escrow}."],
        f"NodeStaking named {history.escrow} as its escrow, once.",
        "The deployments name contracts that do not belong together: get them from someone you trust.",
    )


def opening(history: JobHistory) -> Finding:
    """Opened once by its customer, for a fee that arrived, at the commission of that moment."""
    meaning = (
        "This is no job that the escrow of this repository opened: trust neither its fee nor its outcome."
    )
    opened = history.first("JobOpened")
    if opened is None:
        return judged("opened", ["No JobOpened names this job."], "", meaning)
    said = opened.args
    customer, fee, bps = said["customer"], said["fee"], said["commissionBps"]
    problems = []
    times = len(history.named("JobOpened"))
    if times > 1:
        problems.append(f"It was opened {times} times.")
    due = job_id_of(customer, said["ref"])
    if due != history.job_id:
        problems.append(f"Customer {customer} and reference {said['ref']} make job {due}.")
    in_force = [e.args["bps"] for e in history.before(opened) if e.name == "CommissionChanged"]
    if in_force[-1:] != [bps]:
        force = f"{in_force[-1]} basis points" if in_force else "none at all"
        problems.append(f"It was opened at {bps} basis points of commission while {force} was in force.")
    if said["deadline"] <= history.time(opened):
        problems.append(f"Its deadline {said['deadline']} had passed when it was opened.")
    problems += _unpaid(history, opened)
    fine = (
        f"Customer {customer} opened it once, in block {opened.block}, and paid {fee} wei; deadline "
        f"{said['deadline']}, commission {bps} basis points as then in force."
    )
    return judged("opened", problems, fine, meaning)


def life(history: JobHistory) -> Finding:
    """Each step follows from the one before, in its time, and the job ends at most once."""
    status, problems = words.NONE, []
    for event in history.own:
        if event.name in AFTER.get(status, {}):
            status = AFTER[status][event.name]
        elif status not in words.ENDED or not _may_follow(event, history):
            problems.append(f"{event.name} in block {event.block} is no step of a job that is {status}.")
    released = len(history.named("JobReleased"))
    if released > 1:
        problems.append(f"Its nodes were released {released} times.")
    problems += _untimely(history)
    seen = " -> ".join(name for name in dict.fromkeys(e.name for e in history.own))
    return judged(
        "life",
        problems,
        f"{seen}: the job is {status}.",
        "A job took a step that the escrow's rules forbid: the chain's data or the contract is not what it should be.",
    )


def rounds(history: JobHistory) -> Finding:
    """Round numbers only rise."""
    recorded = history.named("RoundRecorded")
    numbers = [e.args["round"] for e in recorded]
    if not numbers:
        return unchecked("rounds", "No round has been recorded.")
    falls = [
        f"Round {later} was recorded after round {earlier}."
        for earlier, later in pairwise(numbers)
        if later <= earlier
    ]
    return judged(
        "rounds",
        falls,
        f"{len(numbers)} round{'s' if len(numbers) > 1 else ''} recorded, numbers {numbers[0]} to {numbers[-1]}, rising.",
        "A round was rewritten after it was published: do not rely on the recorded roots.",
    )


def _unpaid(history: JobHistory, opened: ChainEvent) -> list[str]:
    """One transaction may open several jobs, so the transfers must cover the fees of all."""
    customer = opened.args["customer"]
    fees = Counter(
        e.args["fee"]
        for e in history.with_it(opened, "JobEscrow", "JobOpened")
        if e.args["customer"] == customer
    )
    paid = Counter(
        e.args["value"]
        for e in history.with_it(opened, "DMLToken", "Transfer")
        if (e.args["from"], e.args["to"]) == (customer, history.escrow)
    )
    if fees <= paid:
        return []
    moved = sorted(paid.elements())
    return [f"Transaction {opened.tx} paid the escrow {moved} wei, not the fee of {opened.args['fee']}."]


def _may_follow(event: ChainEvent, history: JobHistory) -> bool:
    """Whether an event may come after the end that this job had."""
    ends = FOLLOWS.get("Slash" if event.name.startswith("Slash") else event.name, ())
    return history.end is not None and history.end.name in ends


def _untimely(history: JobHistory) -> list[str]:
    opened = history.first("JobOpened")
    if opened is None:
        return []
    deadline, problems = opened.args["deadline"], []
    for event in history.named("TrainersChosen", "JobAssigned", "JobReclaimed"):
        late = history.time(event) >= deadline
        if late != (event.name == "JobReclaimed"):
            side = "after" if late else "before"
            problems.append(
                f"{event.name} happened at {history.time(event)}, {side} the deadline {deadline}."
            )
    return problems
