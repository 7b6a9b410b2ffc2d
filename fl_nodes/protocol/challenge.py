"""Which segments of a trainer's work are re-run, and by whom: unknown when the work is committed, recomputable by anyone later.

The backend publishes `commit(nonce)` with the round's start; the nonce is fixed before any commitment arrives. The seed
hashes the nonce with every commitment, so neither a trainer (who lacks the nonce) nor the backend (bound by its own
commitment and by the trainers' hashes) can steer the choice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from fl_nodes.protocol.hashing import digest, sha256_hex
from fl_nodes.protocol.tasks import Commitment

WITNESSES = 2
"""Validators that re-run the segment which ends in the update."""


def commit(nonce: str) -> str:
    """What is published of the nonce (hex) at the start of the round."""
    return sha256_hex(bytes.fromhex(nonce))


def seed(nonce: str, commitments: Sequence[Commitment]) -> str:
    """Hex seed of the round's challenges; the order of commitments does not matter."""
    return digest({"nonce": nonce, "commitments": sorted(digest(c) for c in commitments)})


def segments_to_replay(challenge_seed: str, trainer: str, segments: int, samples: int) -> tuple[int, ...]:
    """Indices of the segments to re-run: always the last, which ends in the update itself, and `samples - 1` others.

    A cheat in a share c of the segments escapes s random samples with probability (1 - c)^s.
    """
    if segments < 1:
        return ()
    last = segments - 1
    others = list(range(last))
    drawn = random.Random(f"{challenge_seed}|{trainer}").sample(others, min(max(samples - 1, 0), len(others)))
    return tuple(sorted([*drawn, last]))


def replayers(
    challenge_seed: str, trainer: str, segments: Sequence[int], panel: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """Validator -> the segments it re-runs. `segments` are the drawn ones, ascending, the last of the run among them.

    The panel is shuffled for each trainer. The last segment, which ends in the update, goes to the first two; the others are
    dealt one by one to the rest of the panel and then in turn, so that nobody re-runs twice what somebody else did, but no
    single validator can let an update pass that was changed after training. The order of `panel` does not matter.
    """
    order = sorted(panel, key=str.lower)
    random.Random(f"{challenge_seed}|{trainer}|replayers").shuffle(order)
    dealt: dict[str, list[int]] = {}
    if not segments or not order:
        return {}
    *others, last = segments
    for place, segment in enumerate(others, WITNESSES):
        dealt.setdefault(order[place % len(order)], []).append(segment)
    for validator in order[:WITNESSES]:
        dealt.setdefault(validator, []).append(last)
    return {validator: tuple(dealt[validator]) for validator in order if validator in dealt}
