"""The fourth stage of a round: validators re-run the segments that the challenge gave them, while the next round may train.

No segment counts on the word of one validator where two were drawn for it, and none stays without a word.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.dispatch.panel import Panel
from backend.dispatch.reveal_stage import Submission
from backend.errors import Recoverable
from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.tasks import ValidateTask, ValidationReport

Segments = dict[str, dict[str, list[int]]]
"""Validator -> trainer -> the segments it is to re-run."""


def hand_out_replays(panel: Panel) -> None:
    """Ask for what the challenge drew, without waiting."""
    panel.hand_out(_drawn(panel), f"{panel.number}/replay")


def replay(panel: Panel) -> list[ValidationReport]:
    """What validators found who re-ran the drawn segments; what is missing or in doubt goes to others.

    Recoverable `replays.missing` while a segment lacks a witness.
    """
    reports = panel.reports(_drawn(panel), f"{panel.number}/replay")
    reports += _ask_others(panel, reports)
    for s in panel.work:
        for index, votes in _votes(panel.number, s, reports).items():
            if len(votes) < min(s.witnesses_due(index), panel.quorum):
                raise Recoverable(
                    "replays.missing",
                    f"Round {panel.number}: only {len(votes)} validators re-ran segment {index} of {s.commitment.trainer}.",
                )
    return reports


def _drawn(panel: Panel) -> dict[str, ValidateTask]:
    asks = {}
    for validator in panel.ticket.validators:
        segments = {
            s.commitment.trainer: s.replayers[validator] for s in panel.work if validator in s.replayers
        }
        if segments:
            asks[validator] = panel.replaying(validator, segments)
    return asks


def _ask_others(panel: Panel, reports: Sequence[ValidationReport]) -> list[ValidationReport]:
    """Segments that lack a witness, or on which the witnesses disagree, go to one more validator, until two agree or
    nobody is left: one voice never makes a culprit.
    """
    extra: list[ValidationReport] = []
    asked = {
        (v, s.commitment.trainer, i) for s in panel.work for v, theirs in s.replayers.items() for i in theirs
    }
    answered = [r.validator for r in reports]
    order = [*answered, *(v for v in panel.ticket.validators if v not in answered)]
    while fresh := _next(order, panel, [*reports, *extra], asked):
        asked |= {(v, t, i) for v, theirs in fresh.items() for t, indices in theirs.items() for i in indices}
        asks = {v: panel.replaying(v, segments) for v, segments in sorted(fresh.items())}
        # The name says what is asked: whoever asks again after a crash may ask for something else.
        extra += panel.reports(asks, f"{panel.number}/replay-{digest(fresh)[:12]}")
    return extra


def _next(
    order: Sequence[str],
    panel: Panel,
    reports: Sequence[ValidationReport],
    asked: set[tuple[str, str, int]],
) -> Segments:
    unresolved = set(verdict.unresolved(reports))
    fresh: Segments = {}
    for s in panel.work:
        trainer = s.commitment.trainer
        for index, votes in _votes(panel.number, s, reports).items():
            if len(votes) >= s.witnesses_due(index) and (panel.number, trainer, index) not in unresolved:
                continue
            others = [v for v in order if v not in votes and (v, trainer, index) not in asked]
            if others:
                fresh.setdefault(others[0], {}).setdefault(trainer, []).append(index)
    return fresh


def _votes(
    number: int, submission: Submission, reports: Sequence[ValidationReport]
) -> dict[int, dict[str, bool]]:
    seen = verdict.witnesses(reports)
    trainer = submission.commitment.trainer
    return {s.index: seen.get((number, trainer, s.index), {}) for s in submission.segments}
