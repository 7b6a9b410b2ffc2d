"""How much of a trainer's work is re-run: more where its record says little for it yet.

A share c of bad segments escapes s random samples with (1 - c)^s. Those who have shown little are sampled more often; nobody is
trusted so much that less than the specification's number is re-run.
"""

from __future__ import annotations

FINISHED_JOBS = 5
"""Jobs after which a node is no newcomer: each was paid after a quorum's verdict on its work."""

LOW_RATING_BPS = 4_000
"""Below this a node has lost trust: newcomers start at 5 000, and each job moves the rating by at most a sixteenth of the way."""

FACTOR = 3


def is_watched(finished_jobs: int, rating_bps: int) -> bool:
    """Whether a trainer with this record is audited more."""
    return finished_jobs < FINISHED_JOBS or rating_bps < LOW_RATING_BPS


def segments_due(replayed_segments: int, finished_jobs: int, rating_bps: int) -> int:
    """How many of a trainer's segments are re-run each round, where the specification asks for `replayed_segments`.

    Every one but the last, which is always re-run, counts three times for a newcomer or a node with a low rating.
    """
    if not is_watched(finished_jobs, rating_bps):
        return replayed_segments
    return 1 + FACTOR * max(replayed_segments - 1, 1)
