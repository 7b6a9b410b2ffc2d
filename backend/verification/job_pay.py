"""Why each trainer of a settled job got what it got, from the chain's score words."""

from __future__ import annotations

from backend.verification.job_evidence import Terms
from backend.verification.job_history import JobHistory
from fl_nodes.protocol import scores
from fl_nodes.protocol.pay import Pay, explain
from fl_nodes.protocol.payout import WEIGHTS, Scheme
from fl_nodes.protocol.signing import bytes32


def pay(history: JobHistory, terms: Terms | None) -> Pay | None:
    """The payment by the specified scheme, else by the first that gives the amounts paid; None where none does."""
    opened, end = history.first("JobOpened"), history.end
    if opened is None or end is None or end.name != "JobSettled":
        return None
    said = end.args
    if not said["payees"] or len(said["payees"]) != len(said["scores"]):
        return None
    work = [scores.decode(bytes32(w), p) for w, p in zip(said["scores"], said["payees"], strict=True)]
    weights = terms.weights if terms else WEIGHTS
    for scheme in (terms.scheme,) if terms else Scheme:
        found = explain(scheme, opened.args["fee"], said["commission"], work, weights)
        if list(found.amounts_wei) == list(said["amounts"]):
            return found
    return None
