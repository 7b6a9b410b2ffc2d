"""Audits the other way a job's money goes: the refund, and the culprits' deposits."""

from __future__ import annotations

from backend.domain import job as words
from backend.ports import ChainEvent
from backend.verification.job_history import JobHistory
from backend.verification.job_verdict import NOT_ENDED
from backend.verification.stakes import rebuild
from fl_nodes.protocol.finding import Finding, judged, unchecked

ARBITRATION_TIMEOUT_S = 30 * 86_400
NAMED, CONTESTED, GUILTY, ACQUITTED, SLASHED = "named", "contested", "found guilty", "acquitted", "slashed"


def refund(history: JobHistory) -> Finding:
    """What was not earned went back, all of it, to the customer."""
    end, opened = history.end, history.first("JobOpened")
    if end is None or opened is None:
        return unchecked("refund", NOT_ENDED)
    if history.status == words.SETTLED:
        return judged("refund", [], "The fee was earned, and nothing of it refunded.", "")
    customer, fee, said = opened.args["customer"], opened.args["fee"], end.args
    problems = []
    if said["refund"] != fee:
        problems.append(f"{said['refund']} wei were refunded of a fee of {fee}.")
    if said.get("customer", customer) != customer:
        problems.append(f"The refund went to {said['customer']} instead of the customer {customer}.")
    if end.name == "JobReclaimed":
        sent = [
            e.args["value"]
            for e in history.with_it(end, "DMLToken", "Transfer")
            if (e.args["from"], e.args["to"]) == (history.escrow, customer)
        ]
        if fee not in sent:
            problems.append(f"Transaction {end.tx} sent the customer {sent} wei, not the fee of {fee}.")
    how = "sent" if end.name == "JobReclaimed" else "credited"
    return judged(
        "refund",
        problems,
        f"The whole fee of {fee} wei was {how} back to {customer}.",
        "The customer did not get the fee back that was due.",
    )


def accusations(history: JobHistory) -> Finding:
    """Only trainers of the job were accused, each had its time to contest, and each slash was divided as it must be."""
    failed = history.first("JobFailed")
    if history.end is None:
        return unchecked("accusations", NOT_ENDED)
    steps = [e for e in history.own if e.name.startswith("Slash")]
    if failed is None:
        problems = [
            f"{e.name} in block {e.block} accuses {e.args['culprit']} without a verdict." for e in steps
        ]
        return judged(
            "accusations", problems, "Nobody was accused.", "A deposit is at stake without a verdict."
        )
    culprits: list[str] = failed.args["culprits"]
    problems = _named(history, failed, culprits)
    states = dict.fromkeys(culprits, NAMED)
    for event in steps:
        culprit = event.args["culprit"]
        after = _step(history, event, states.get(culprit, "not accused"), history.time(failed))
        if after is None:
            problems.append(
                f"{event.name} at {history.time(event)} is no step for {culprit}, who was {states.get(culprit, 'not accused')}; "
                f"the window closes at {history.time(failed) + history.contest_window_s}."
            )
            continue
        states[culprit] = after
        problems += _money(history, event, failed) if after == SLASHED else []
    problems += [f"{c} was found guilty and never slashed." for c, state in states.items() if state == GUILTY]
    told = ", ".join(f"{culprit} {state}" for culprit, state in states.items())
    fine = f"Accused: {told}." if culprits else "The verdict accuses nobody."
    meaning = "A deposit was accused, taken or divided against the rules: the accused should contest, or claim it back."
    return judged("accusations", problems, fine, meaning)


def _named(history: JobHistory, failed: ChainEvent, culprits: list[str]) -> list[str]:
    assigned = history.first("JobAssigned")
    trainers: list[str] = assigned.args["trainers"] if assigned else []
    problems = []
    if tuple(culprits) != words.ascending(set(culprits)):
        problems.append(f"The culprits {culprits} are not in strictly ascending order.")
    problems += [f"{c} was accused and is no trainer of the job." for c in culprits if c not in trainers]
    honest = [t for t in trainers if t not in culprits]
    if failed.args["honest"] != honest:
        problems.append(
            f"The honest ones {failed.args['honest']} are not the trainers not accused: {honest}."
        )
    frozen = {e.args["provider"] for e in history.with_it(failed, "NodeStaking", "NodeFrozen")}
    problems += [f"The deposit of {c} was not frozen." for c in culprits if c not in frozen]
    return problems


def _step(history: JobHistory, event: ChainEvent, state: str, failed_at: int) -> str | None:
    """Where a step leaves an accusation; None where the rules do not allow it."""
    at, closes = history.time(event), failed_at + history.contest_window_s
    if event.name == "SlashContested":
        return CONTESTED if state == NAMED and at < closes else None
    if event.name == "SlashArbitrated":
        after = GUILTY if event.args["guilty"] else ACQUITTED
        return after if state == CONTESTED and (after == GUILTY or _unfrozen(history, event)) else None
    if event.name == "SlashLapsed":
        late = at >= closes + ARBITRATION_TIMEOUT_S
        return ACQUITTED if state == CONTESTED and late and _unfrozen(history, event) else None
    return SLASHED if state == GUILTY or (state == NAMED and at >= closes) else None


def _unfrozen(history: JobHistory, event: ChainEvent) -> bool:
    freed = history.with_it(event, "NodeStaking", "NodeUnfrozen")
    return any(e.args["provider"] == event.args["culprit"] for e in freed)


def _money(history: JobHistory, event: ChainEvent, failed: ChainEvent) -> list[str]:
    """A slash takes the whole deposit; the honest share it equally, odd wei going to the first of them."""
    said = event.args
    taken = [
        e
        for e in history.with_it(event, "NodeStaking", "NodeSlashed")
        if e.args["provider"] == said["culprit"] and e.log_index < event.log_index
    ]
    if not taken:
        return [f"SlashFinalized of {said['culprit']} in block {event.block} took nothing from NodeStaking."]
    problems = []
    there = (taken[-1].args["amount"], taken[-1].args["beneficiaries"], taken[-1].args["shares"])
    if there != (said["amount"], said["honest"], said["shares"]):
        problems.append(f"The escrow says other things about slashing {said['culprit']} than NodeStaking.")
    deposit = rebuild(history.before(taken[-1]))[said["culprit"]].deposit_wei
    if said["amount"] != deposit:
        problems.append(
            f"{said['amount']} wei were taken from {said['culprit']}, whose deposit was {deposit}."
        )
    due = failed.args["honest"] or [history.treasury]
    if said["honest"] != due:
        problems.append(f"The deposit went to {said['honest']} instead of {due}.")
    if said["shares"] != equal_shares(said["amount"], len(said["honest"])):
        problems.append(f"{said['amount']} wei were divided unequally: {said['shares']}.")
    return problems


def equal_shares(amount: int, parts: int) -> list[int]:
    """`amount` in equal parts; the first ones carry one more until nothing is left."""
    return [amount // parts + (1 if i < amount % parts else 0) for i in range(parts)]
