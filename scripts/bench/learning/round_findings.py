"""What one checked round shows: who was named, on what distances, how much was re-run, and what the scores alone would say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from safetensors.numpy import load

from backend.dispatch.reveal_stage import Submission
from backend.verification.gate import repeated_updates
from backend.verification.likeness import Update, idle, length, near_copies
from fl_nodes.protocol import verdict
from fl_nodes.protocol.tasks import Commitment, ValidationReport
from scripts.bench.learning.federation import Federation

PPM = 1_000_000


@dataclass(frozen=True)
class RoundFindings:
    """Of one round. `honest_distance` and `cheat_distance` are the largest and smallest that replays found (relative);
    `suspected` are those whom likeness, length or repetition makes suspicious.
    """

    culprits: frozenset[str]
    doubted: frozenset[str]
    mismatches_of_honest: int
    inconclusive: int
    honest_distance: float
    cheat_distance: float
    steps_trained: int
    steps_replayed: int
    suspected: frozenset[str]


def look(
    federation: Federation,
    submissions: Sequence[Submission],
    reports: Sequence[ValidationReport],
    cheats: frozenset[str],
    earlier: Mapping[str, Update],
    committed: Sequence[Commitment],
) -> RoundFindings:
    """What the round shows. `cheats` misbehaved in it; `earlier` and `committed` are updates and commitments of rounds before."""
    spec = federation.ticket.spec
    replays = [r for report in reports for r in report.replays]
    of_honest = [r for r in replays if r.trainer not in cheats]
    of_cheats = [r for r in replays if r.trainer in cheats and not r.matches]
    steps = {s.commitment.trainer: s.commitment.steps for s in submissions}
    return RoundFindings(
        culprits=frozenset(verdict.culprits(reports)),
        doubted=verdict.doubted(reports),
        mismatches_of_honest=sum(not r.matches for r in of_honest),
        inconclusive=sum(r.reason.startswith("inconclusive") for r in of_honest),
        honest_distance=max((r.distance_ppm / PPM for r in of_honest), default=0.0),
        cheat_distance=min((r.distance_ppm / PPM for r in of_cheats), default=float("inf")),
        steps_trained=sum(steps.values()),
        steps_replayed=sum(segment_steps(steps[r.trainer], r.segment, spec.segment_steps) for r in replays),
        suspected=_suspected(read_updates(federation, submissions), submissions, earlier, committed),
    )


def segment_steps(steps: int, segment: int, at_most: int) -> int:
    """Steps in a segment: the last one may be shorter."""
    return min(at_most, steps - segment * at_most)


def read_updates(federation: Federation, submissions: Sequence[Submission]) -> dict[str, Update]:
    """The revealed updates, each in one row."""
    number = len(federation.ticket.rounds) + 1
    found = {}
    for s in submissions:
        key = federation.job.key("rounds", number, "updates", f"{s.commitment.trainer}.safetensors")
        arrays = load(federation.objects.path(key).read_bytes())
        found[s.commitment.trainer] = np.concatenate([arrays[name].ravel() for name in sorted(arrays)])
    return found


def _suspected(
    updates: Mapping[str, Update],
    submissions: Sequence[Submission],
    earlier: Mapping[str, Update],
    committed: Sequence[Commitment],
) -> frozenset[str]:
    alike = {found.trainer for found in near_copies(updates, earlier)}
    repeated = set(repeated_updates([s.commitment for s in submissions], committed))
    return idle({name: length(u) for name, u in updates.items()}) | alike | repeated
