"""The third stage of a round: validators score every update. What they re-run is handed out with it and waited for later."""

from __future__ import annotations

from backend.dispatch.panel import Panel
from backend.dispatch.redraw import remember_judges, require_drawn
from backend.dispatch.replay_stage import hand_out_replays
from backend.errors import Recoverable
from fl_nodes.protocol.tasks import ValidationReport


def score(panel: Panel) -> list[ValidationReport]:
    """Every validator's scores; Recoverable `validators.too_few` without a quorum of them, JobEnded where the chain has drawn
    others since the round began."""
    require_drawn(panel.job, panel.ticket)
    remember_judges(panel.job, panel.ticket, panel.number)
    asks = {v: panel.scoring(v) for v in panel.ticket.validators}
    # A validator does one task after the other: scores first, for the next model waits for them.
    panel.hand_out(asks, f"{panel.number}/validate")
    hand_out_replays(panel)
    reports = panel.reports(asks, f"{panel.number}/validate")
    if len(reports) < panel.quorum:
        raise Recoverable(
            "validators.too_few",
            f"{len(reports)} of {len(panel.ticket.validators)} validators answered, {panel.quorum} are needed.",
        )
    return reports
