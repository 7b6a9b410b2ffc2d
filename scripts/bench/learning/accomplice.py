"""A validator that lies about some trainers' replays, and signs its lie: covers a cheat, or frames an honest node."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fl_nodes.protocol.signing import report_text
from fl_nodes.protocol.tasks import Replay, ValidationReport
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text
from fl_nodes.work.validate import ValidatorWork


@dataclass(frozen=True)
class Accomplice:
    """`covers` always match and `frames` never do, whatever the replay shows; honest about everybody else."""

    work: ValidatorWork
    covers: frozenset[str] = frozenset()
    frames: frozenset[str] = frozenset()

    def validate(self, call: Call) -> ValidationReport:
        """The report, changed and signed anew where there is something to lie about."""
        honest = self.work.validate(call)
        replays = tuple(self._said(r) for r in honest.replays)
        if replays == honest.replays:
            return honest
        report = replace(honest, replays=replays, signature="")
        market = self.work.market()
        text = report_text(market.chain_id, market.escrow, report)
        return replace(report, signature=sign_text(self.work.who.account, text))

    def _said(self, seen: Replay) -> Replay:
        if seen.trainer in self.covers:
            return replace(seen, distance_ppm=0, matches=True, reason="")
        if seen.trainer in self.frames:
            return replace(
                seen, distance_ppm=1_000_000, matches=False, reason="the claimed end lies elsewhere"
            )
        return seen
