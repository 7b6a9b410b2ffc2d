"""Which segments of a trainer's work are re-run: unknown when the work is committed, recomputable by anyone afterwards.

The backend publishes `commit(nonce)` with the round's start; the nonce is fixed before any commitment arrives. The seed
hashes the nonce with every commitment, so neither a trainer (who lacks the nonce) nor the backend (bound by its own
commitment and by the trainers' hashes) can steer the choice.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from fl_nodes.protocol.hashing import digest, sha256_hex
from fl_nodes.protocol.tasks import Commitment


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
